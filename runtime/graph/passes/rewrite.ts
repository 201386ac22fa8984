import { constantKey, smallConstant } from "../constants.js";
import { constantContents, type Facts, inferNode, newFacts } from "../infer.js";
import type { ConstantData, DataType, Dim, Graph, GraphNode, Value } from "../types.js";

/** What a pass may do at a node. */
export interface Rewriting {
  /** What is known of the values up to here. */
  readonly facts: Facts;
  /** Infers what is known of the results of a node. */
  learn(node: GraphNode): void;
  /** Lets `by` be used instead of `value` from here on, also as a graph output. */
  replace(value: Value, by: Value): void;
  constant(data: ConstantData): Value;
  /** A new value; its name starts with `base`. */
  value(base: string, dtype: DataType, shape: readonly Dim[]): Value;
  /** A node name that is not taken. */
  nodeName(base: string): string;
}

/** Returns the nodes to have in the place of a node, or undefined to keep it. */
export type Visit = (node: GraphNode, r: Rewriting) => readonly GraphNode[] | undefined;

/** Goes once through the nodes in order; gives back the same graph where nothing changed. */
export function rewrite(graph: Graph, visit: Visit): Graph {
  const state = new State(graph);
  const nodes: GraphNode[] = [];
  for (const original of graph.nodes) {
    const node = state.resolved(original);
    const made = visit(node, state);
    for (const kept of made ?? [node]) {
      nodes.push(kept);
      state.learn(kept);
    }
    if (made || node !== original) state.changed = true;
  }
  if (!state.changed) return graph;
  return Object.freeze({
    ...graph,
    nodes: Object.freeze(nodes),
    constants: state.constants,
    outputs: Object.freeze(graph.outputs.map(({ name, value }) => ({ name, value: state.current(value) }))),
  });
}

class State implements Rewriting {
  changed = false;
  readonly facts = newFacts();
  readonly constants: Map<string, { readonly value: Value; readonly data: ConstantData }>;
  readonly #shared = new Map<string, Value>();
  readonly #replaced = new Map<string, Value>();
  readonly #names: Set<string>;
  readonly #nodeNames: Set<string>;

  constructor(graph: Graph) {
    this.constants = new Map(graph.constants);
    this.#names = new Set([
      ...graph.inputs.map(({ name }) => name),
      ...graph.constants.keys(),
      ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)),
    ]);
    this.#nodeNames = new Set(graph.nodes.map(({ name }) => name));
    for (const { value, data } of graph.constants.values()) this.#learnConstant(value, data);
  }

  current(value: Value): Value {
    return this.#replaced.get(value.name) ?? value;
  }

  /** A node with the values it uses now. */
  resolved(node: GraphNode): GraphNode {
    if (!node.inputs.some((value) => value && this.#replaced.has(value.name))) return node;
    return Object.freeze({ ...node, inputs: Object.freeze(node.inputs.map((value) => value && this.current(value))) });
  }

  learn(node: GraphNode): void {
    const { contents } = inferNode({ ...node, outputs: node.outputs.length }, this.facts);
    const [first] = node.outputs;
    if (contents && first) this.facts.contents.set(first.name, contents);
  }

  replace(value: Value, by: Value): void {
    this.#replaced.set(value.name, by);
  }

  constant(data: ConstantData): Value {
    const key = constantKey(data);
    const known = this.#shared.get(key);
    if (known) return known;
    const value = this.value("constant", data.dtype, data.shape);
    this.constants.set(value.name, Object.freeze({ value, data }));
    this.#learnConstant(value, data);
    return value;
  }

  value(base: string, dtype: DataType, shape: readonly Dim[]): Value {
    return Object.freeze({ name: fresh(this.#names, base), dtype, shape: Object.freeze([...shape]) });
  }

  nodeName(base: string): string {
    return fresh(this.#nodeNames, base);
  }

  #learnConstant(value: Value, data: ConstantData): void {
    if (data.data.length <= smallConstant) this.#shared.set(constantKey(data), value);
    this.facts.constants.set(value.name, data);
    const contents = constantContents(data);
    if (contents) this.facts.contents.set(value.name, contents);
  }
}

function fresh(taken: Set<string>, base: string): string {
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
  taken.add(name);
  return name;
}
