import { graphBuilder } from "../graph/builder.js";
import { Names } from "../graph/names.js";
import type { GraphBuilder, Value } from "../graph/types.js";
import { reachableLayers } from "../layers/reachable.js";
import { definitionOf } from "../layers/table.js";
import { nameOf } from "../layers/tensors.js";
import type { LayerNode, Mean, Network, Scalar, Tensor, Variable } from "../layers/types.js";
import { LayerLowering, type MaskFeed, missing, type Surroundings } from "./layer-lowering.js";
import type { InputBinding } from "./types.js";

export interface LoweringOptions {
  /** The name of the graph. */
  readonly name: string;
  readonly training: boolean;
  /** What is wanted: the layers that these do not need are left out. */
  readonly ends: readonly (Tensor | Scalar)[];
  /** Names that graph outputs will have if no column of the data has them; variables make room. Default none. */
  readonly outputs?: readonly string[];
  /** What a network's input is in the graph; it may be computed from another. Default: a graph input of that name. */
  readonly input?: InputMaker | undefined;
}

/** Makes the value of a network's input: declares a graph input of the name given, and does something to it, or not. */
export type InputMaker = (g: GraphBuilder, input: Tensor, name: string) => Value;

const asItIs: InputMaker = (g, { dtype, shape }, name) => g.input(name, dtype, shape);

/** A network's layers as operators in an unfinished graph. */
export interface LoweredNetwork {
  readonly g: GraphBuilder;
  /** Gives the names of graph inputs and outputs. */
  readonly names: Names;
  /** The names given for `outputs`, in their order. */
  readonly outputs: readonly string[];
  valueFor(tensor: Tensor): Value;
  meanFor(scalar: Scalar): Mean;
  /** Inputs and labels by name. */
  readonly columns: ReadonlyMap<string, Value>;
  readonly variables: ReadonlyMap<string, Value>;
  /** What layers write: the next value of states, by variable name. Empty outside training. */
  readonly next: ReadonlyMap<string, Value>;
  /** Dropout masks that the layers asked for. */
  readonly masks: readonly MaskFeed[];
  /** What each graph input is. */
  readonly inputs: readonly InputBinding[];
  /** Adds an input beside the columns; its feed has the given name, or one like it that is free. */
  feed(name: string, shape: Value["shape"]): { readonly name: string; readonly value: Value };
}

/** Lowers what the ends of a network need to graph operators, each layer in the scope of its name. */
export function lowerNetwork(network: Network, options: LoweringOptions): LoweredNetwork {
  const nodes = reachableLayers(options.ends);
  const lowering = new NetworkLowering(network, options, nodes);
  for (const node of nodes) lowering.lower(node);
  return lowering;
}

class NetworkLowering implements LoweredNetwork, Surroundings {
  readonly g: GraphBuilder;
  readonly names = new Names();
  readonly training: boolean;
  readonly outputs: readonly string[];
  readonly columns = new Map<string, Value>();
  readonly variables = new Map<string, Value>();
  readonly next = new Map<string, Value>();
  readonly masks: MaskFeed[] = [];
  readonly inputs: InputBinding[] = [];
  readonly #feeds = new Names();
  readonly #values = new Map<LayerNode, readonly Value[]>();
  readonly #means = new Map<LayerNode, Mean>();

  constructor(network: Network, options: LoweringOptions, nodes: readonly LayerNode[]) {
    const { name, training, outputs = [], input = asItIs } = options;
    this.g = graphBuilder(name);
    this.training = training;
    const needed = new Set(nodes);
    const columns = [...network.inputs, ...network.labels].filter(({ layer }) => needed.has(layer));
    // Names that users see come first: those of columns, then of outputs.
    const columnInputs = columns.map(({ layer }) => this.names.fresh(layer.name));
    this.outputs = outputs.map((output) => this.names.fresh(output));
    const used = new Set(nodes.flatMap(({ variables }) => Object.values(variables).map((variable) => variable.name)));
    for (const variable of network.variables) if (used.has(variable.name)) this.#declareVariable(variable);
    for (const [index, column] of columns.entries()) {
      const make = network.inputs.includes(column) ? input : asItIs;
      this.#declareColumn(column, columnInputs[index] ?? "", make);
    }
  }

  lower(node: LayerNode): void {
    const definition = definitionOf(node.type);
    if (node.role === "source") {
      this.#values.set(node, [this.#source(node)]);
      return;
    }
    const one = new LayerLowering(this, node);
    const { outputs, mean } = this.g.within(node.name, node.at, () =>
      one.problems.during(() => definition.lower(one, node, (tensor) => one.valueFor(tensor))),
    );
    one.problems.throwIfAny();
    this.#values.set(node, outputs);
    if (mean !== undefined) this.#means.set(node, mean);
  }

  valueFor(tensor: Tensor): Value {
    const value = this.#values.get(tensor.layer)?.[tensor.index];
    return value ?? missing(`tensor "${nameOf(tensor)}"`);
  }

  meanFor({ layer }: Scalar): Mean {
    return this.#means.get(layer) ?? missing(`loss or metric "${layer.name}"`);
  }

  variable(name: string): Value {
    return this.variables.get(name) ?? missing(`variable "${name}"`);
  }

  feed(name: string, shape: Value["shape"]): { readonly name: string; readonly value: Value } {
    const feed = this.#feeds.fresh(name);
    // Without a slash, which all nodes of layers have, no node can be called like it.
    const input = this.names.fresh(feed.replaceAll("/", "."));
    this.inputs.push({ role: "feed", input, feed });
    return { name: feed, value: this.g.input(input, "float32", shape) };
  }

  #source(node: LayerNode): Value {
    const { value: variable } = node.variables;
    if (variable !== undefined) return this.variable(variable.name);
    return this.columns.get(node.name) ?? missing(`column "${node.name}"`);
  }

  #declareVariable({ name, shape }: Variable): void {
    const input = this.names.fresh(name);
    this.inputs.push({ role: "variable", input, variable: name });
    this.variables.set(name, this.g.input(input, "float32", shape));
  }

  #declareColumn(column: Tensor, input: string, make: InputMaker): void {
    const { name: feed } = column.layer;
    this.#feeds.claim(feed);
    this.inputs.push({ role: "feed", input, feed });
    this.columns.set(feed, make(this.g, column, input));
  }
}
