import { internalError } from "../errors.js";
import { isGraph } from "./constants.js";
import { Facts } from "./facts.js";
import { inferContents, inferNode } from "./infer.js";
import type { Graph, GraphNode, Value, ValueType } from "./types.js";

/**
 * Checks a finished graph and those nested in it: names are unique, everything is defined before it is used, and the types
 * of all values are those that the operators' rules infer. A failure is a defect of ours.
 */
export function verify(graph: Graph): void {
  new Verification(graph).run();
}

class Verification {
  readonly #graph: Graph;
  readonly #around: Verification | undefined;
  /** All names of the whole model: a nested graph must not hide a name of the graphs around it. */
  readonly #names: Set<string>;
  readonly #nodeNames: Set<string>;
  readonly #known = new Map<string, Value>();
  readonly #facts: Facts;

  constructor(graph: Graph, around?: Verification) {
    this.#graph = graph;
    this.#around = around;
    this.#names = (around ? around.#names : undefined) ?? new Set();
    this.#nodeNames = (around ? around.#nodeNames : undefined) ?? new Set();
    this.#facts = new Facts(around ? around.#facts : undefined);
  }

  run(): void {
    for (const value of this.#graph.inputs) this.#define(value);
    for (const { value, data } of this.#graph.constants.values()) {
      this.#define(value);
      this.#facts.learnConstant(value, data);
    }
    for (const node of this.#graph.nodes) this.#node(node);
    for (const { name, value } of this.#graph.outputs) this.#use(value, `the output "${name}"`);
  }

  #node(node: GraphNode): void {
    if (this.#nodeNames.has(node.name)) throw this.#defect(`two nodes are named "${node.name}"`);
    this.#nodeNames.add(node.name);
    for (const value of node.inputs) if (value) this.#use(value, `the node "${node.name}"`);
    for (const attribute of Object.values(node.attributes)) {
      if (isGraph(attribute)) new Verification(attribute, this).run();
    }
    const pending = { ...node, outputs: node.outputs.length };
    for (const [index, type] of inferNode(pending, this.#facts).entries()) this.#requireType(node, index, type);
    for (const value of node.outputs) this.#define(value);
    const [first] = node.outputs;
    const contents = inferContents(pending, first, this.#facts);
    if (first && contents) this.#facts.learnContents(first, contents);
  }

  #define(value: Value): void {
    if (this.#names.has(value.name)) throw this.#defect(`the value "${value.name}" is defined twice`);
    this.#names.add(value.name);
    this.#known.set(value.name, value);
  }

  #use(value: Value, where: string): void {
    const defined = this.#find(value.name);
    if (!defined) throw this.#defect(`${where} uses "${value.name}", which is not defined before it`);
    if (typeOf(defined) === typeOf(value)) return;
    throw this.#defect(`${where} takes "${value.name}" for ${typeOf(value)}; it is ${typeOf(defined)}`);
  }

  #find(name: string): Value | undefined {
    return this.#known.get(name) ?? (this.#around ? this.#around.#find(name) : undefined);
  }

  #requireType(node: GraphNode, index: number, inferred: ValueType): void {
    const output = node.outputs[index];
    if (output && typeOf(output) === typeOf(inferred)) return;
    const found = output ? typeOf(output) : "absent";
    throw this.#defect(`output ${index} of the node "${node.name}" is ${found}; inferred is ${typeOf(inferred)}`);
  }

  #defect(message: string) {
    return internalError(`the graph "${this.#graph.name}" is broken: ${message}`);
  }
}

function typeOf({ dtype, shape }: ValueType): string {
  return `${dtype}[${shape.join(",")}]`;
}
