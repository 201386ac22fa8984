import { internalError } from "../errors.js";
import { constantContents, inferNode, newFacts } from "./infer.js";
import type { Graph, GraphNode, Value } from "./types.js";

/**
 * Checks a finished graph: names are unique, everything is defined before it is used, and the types of all values are
 * those that the operators' rules infer. A failure is a defect of ours.
 */
export function verify(graph: Graph): void {
  const known = new Map<string, Value>();
  const nodeNames = new Set<string>();
  const define = (value: Value) => {
    if (known.has(value.name)) throw defect(graph, `the value "${value.name}" is defined twice`);
    known.set(value.name, value);
  };
  const use = (value: Value, where: string) => {
    const defined = known.get(value.name);
    if (!defined) throw defect(graph, `${where} uses "${value.name}", which is not defined before it`);
    if (typeOf(defined) !== typeOf(value)) {
      throw defect(graph, `${where} takes "${value.name}" for ${typeOf(value)}; it is ${typeOf(defined)}`);
    }
  };
  graph.inputs.forEach(define);
  const facts = newFacts();
  for (const [name, { value, data }] of graph.constants) {
    define(value);
    facts.constants.set(name, data);
    const contents = constantContents(data);
    if (contents) facts.contents.set(name, contents);
  }
  for (const node of graph.nodes) {
    if (nodeNames.has(node.name)) throw defect(graph, `two nodes are named "${node.name}"`);
    nodeNames.add(node.name);
    for (const value of node.inputs) if (value) use(value, `the node "${node.name}"`);
    const { types, contents } = inferNode({ ...node, outputs: node.outputs.length }, facts);
    for (const [index, type] of types.entries()) requireType(graph, node, { index, type: typeOf(type) });
    node.outputs.forEach(define);
    const [first] = node.outputs;
    if (contents && first) facts.contents.set(first.name, contents);
  }
  for (const { name, value } of graph.outputs) use(value, `the output "${name}"`);
}

function requireType(
  graph: Graph,
  node: GraphNode,
  { index, type }: { readonly index: number; readonly type: string },
): void {
  const output = node.outputs[index];
  if (output && typeOf(output) === type) return;
  const found = output ? typeOf(output) : "absent";
  throw defect(graph, `output ${index} of the node "${node.name}" is ${found}; inferred is ${type}`);
}

function typeOf({ dtype, shape }: Pick<Value, "dtype" | "shape">): string {
  return `${dtype}[${shape.join(",")}]`;
}

function defect(graph: Graph, message: string) {
  return internalError(`the graph "${graph.name}" is broken: ${message}`);
}
