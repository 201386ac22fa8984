import { definitionOf } from "../../runtime/layers/table.js";
import { isTensor, tensorsOf } from "../../runtime/layers/tensors.js";
import type { LayerNode, OptionValue, Tensor } from "../../runtime/layers/types.js";
import { type Candidate, outputsOf, type Surroundings } from "./candidates.js";
import { Parameters } from "./parameters.js";
import type { Block, BlockInput, BlockLayer, BlockName, BlockUse, BlockValue } from "./types.js";

/** The tensors that a run takes from before it, in the order in which its layers take them. */
function outsideOf(layers: readonly LayerNode[]): readonly Tensor[] {
  const inside = new Set(layers);
  const found = new Map<string, Tensor>();
  const numbers = new Map<LayerNode, number>();
  for (const tensor of layers.flatMap(tensorsOf)) {
    if (inside.has(tensor.layer)) continue;
    const number = numbers.get(tensor.layer) ?? numbers.size;
    numbers.set(tensor.layer, number);
    const key = `${number}.${tensor.index}`;
    if (!found.has(key)) found.set(key, tensor);
  }
  return [...found.values()];
}

/** What stands for a tensor in the block, whose first use has these layers and inputs. */
function tensorIn(layers: readonly LayerNode[], inputs: readonly Tensor[]): (tensor: Tensor) => BlockInput {
  const positions = new Map(layers.map((layer, index) => [layer, index]));
  return (tensor) => {
    const layer = positions.get(tensor.layer);
    if (layer !== undefined) return { kind: "layer", layer, output: tensor.index };
    const index = inputs.findIndex((input) => input.layer === tensor.layer && input.index === tensor.index);
    return { kind: "input", index };
  };
}

function layerOf(
  node: LayerNode,
  name: BlockName,
  sizes: ReadonlyMap<string, BlockValue>,
  place: (tensor: Tensor) => BlockInput,
): BlockLayer {
  const options = Object.keys(definitionOf(node.type).options).flatMap((key): readonly [string, BlockValue][] => {
    const size = sizes.get(`option ${key}`);
    if (size !== undefined) return [[key, size]];
    const value = node.options[key];
    return value === undefined ? [] : [[key, { kind: "literal", value }]];
  });
  return {
    node,
    name,
    inputs: node.inputs.map((input, index): BlockInput => {
      if (isTensor(input)) return place(input);
      const value = sizes.get(`input ${index}`);
      return value === undefined ? undefined : { kind: "value", value };
    }),
    tensors: Object.fromEntries(Object.entries(node.tensors).map(([key, tensor]) => [key, place(tensor)])),
    options: Object.fromEntries(options),
  };
}

/** What a block is, where its layers' names do not say: by the layers where branches meet. */
function structureName(layers: readonly LayerNode[]): string {
  const convolutions = layers.filter(({ type }) => type === "conv2d" || type === "onnx.Conv").length;
  if (layers.some(({ type }) => type === "add" || type === "onnx.Add"))
    return convolutions > 2 ? "bottleneck" : "residual";
  const joins = layers.some(({ type, inputs }) => type.toLowerCase().endsWith("concat") && inputs.length > 2);
  return joins && convolutions > 2 ? "inception" : "block";
}

/** The block that a candidate describes. */
export function buildBlock({ length, starts }: Candidate, around: Surroundings): Block {
  const runs = starts.map((start) => around.layers.slice(start, start + length));
  const [first = []] = runs;
  const inputs = outsideOf(first);
  const parameters = new Parameters(runs);
  const { names, word } = parameters.names();
  const place = tensorIn(first, inputs);
  const layers = first.map((node, layer) => {
    const name = names[layer] ?? { parameter: "name", before: "", after: "" };
    return layerOf(node, name, parameters.sizesOf(layer), place);
  });
  const uses = runs.map((run, use): BlockUse => {
    const values = parameters.all.flatMap(({ parameter, values }): readonly [string, OptionValue][] => {
      const value = values[use];
      return value === undefined ? [] : [[parameter.name, value]];
    });
    return { start: starts[use] ?? 0, layers: run, inputs: outsideOf(run), values: Object.fromEntries(values) };
  });
  return {
    name: word ?? structureName(first),
    inputs: inputs.length,
    parameters: parameters.all.map(({ parameter }) => parameter),
    layers,
    outputs: outputsOf(around, length, starts),
    uses,
  };
}
