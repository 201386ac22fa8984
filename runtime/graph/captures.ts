import { isGraph } from "./constants.js";
import type { Graph, GraphNode, Value } from "./types.js";

/** The values of the graphs around it that a graph uses, nested graphs included, each once in order of use. */
export function capturesOf(graph: Graph): readonly Value[] {
  const own = new Set([...graph.inputs.map(({ name }) => name), ...graph.constants.keys()]);
  const captured = new Map<string, Value>();
  const use = (value: Value | undefined) => {
    if (value && !own.has(value.name)) captured.set(value.name, value);
  };
  for (const node of graph.nodes) {
    node.inputs.forEach(use);
    nestedCaptures(node).forEach(use);
    for (const { name } of node.outputs) own.add(name);
  }
  for (const { value } of graph.outputs) use(value);
  return [...captured.values()];
}

/** Whether a node has graphs among its attributes. */
export function hasGraphs({ attributes }: Pick<GraphNode, "attributes">): boolean {
  for (const name in attributes) if (isGraph(attributes[name])) return true;
  return false;
}

const nothing: readonly Value[] = [];

/** What the graphs among a node's attributes capture. */
export function nestedCaptures(node: Pick<GraphNode, "attributes">): readonly Value[] {
  if (!hasGraphs(node)) return nothing;
  const graphs = Object.values(node.attributes).filter(isGraph);
  return [...new Map(graphs.flatMap(capturesOf).map((value) => [value.name, value])).values()];
}

/** Everything that a node needs: its inputs, and what its graphs capture. */
export function usedBy(node: GraphNode): readonly Value[] {
  const inputs = node.inputs.filter((value) => value !== undefined);
  const captured = nestedCaptures(node);
  return captured.length === 0 ? inputs : [...inputs, ...captured];
}
