import { internalError } from "../errors.js";
import type { GraphBuilder, Value } from "../graph/types.js";
import { layers } from "../layers/table.js";
import type { LayerNode, Lowering, Network, Shape, Tensor } from "../layers/types.js";
import type { Feed } from "./types.js";

/** A network's layers as graph values. */
export interface Lowered {
  valueFor(tensor: Tensor): Value;
  /** Dropout masks that the layers asked for. */
  readonly masks: readonly Feed[];
}

export interface LoweringOptions {
  readonly g: GraphBuilder;
  /** The layers to lower, in order, sources included. */
  readonly nodes: readonly LayerNode[];
  readonly training: boolean;
  /** Graph inputs by name: parameters and feeds. */
  readonly inputs: ReadonlyMap<string, Value>;
}

function definitionOf({ type, name }: LayerNode) {
  const known: Readonly<Record<string, (typeof layers)[keyof typeof layers]>> = layers;
  const definition = Object.hasOwn(known, type) ? known[type] : undefined;
  if (definition === undefined)
    throw internalError(`layer "${name}" has the type "${type}", which is not in the table`);
  return definition;
}

/** Lowers layers to graph operators, each in the scope of its name. */
export function lowerLayers({ g, nodes, training, inputs }: LoweringOptions): Lowered {
  const values = new Map<string, Value>();
  const masks: Feed[] = [];
  const inputNamed = (name: string): Value => {
    const value = inputs.get(name);
    if (value === undefined) throw internalError(`the graph has no input "${name}"`);
    return value;
  };
  const valueFor = ({ name }: Tensor): Value => {
    const value = values.get(name);
    if (value === undefined) throw internalError(`the layer "${name}" is used before it is lowered`);
    return value;
  };
  const maskOf = (node: LayerNode, rate: number, shape: Shape): Value => {
    const name = `mask:${node.name}`;
    masks.push({ kind: "mask", name, shape, dtype: "float32", rate });
    return g.input(name, "float32", ["N", ...shape]);
  };
  for (const node of nodes) {
    const definition = definitionOf(node);
    if (definition.role === "source") {
      values.set(node.name, inputNamed(node.name));
      continue;
    }
    const lowering: Lowering = {
      g,
      training,
      inputs: node.inputs.map(valueFor),
      node,
      parameter: (short) => inputNamed(`${node.name}.${short}`),
      mask: (rate, shape) => maskOf(node, rate, shape),
    };
    values.set(
      node.name,
      g.within(node.name, node.at, () => definition.lower(lowering)),
    );
  }
  return { valueFor, masks };
}

/** Declares a network's parameters, inputs and labels as graph inputs, in this order. */
export function declareInputs(
  g: GraphBuilder,
  { parameters, inputs, labels }: Pick<Network, "parameters" | "inputs" | "labels">,
) {
  const declared = new Map<string, Value>();
  for (const { name, shape } of parameters) declared.set(name, g.input(name, "float32", shape));
  for (const { name, shape, dtype } of [...inputs, ...labels]) {
    declared.set(name, g.input(name, dtype, ["N", ...shape]));
  }
  return declared;
}
