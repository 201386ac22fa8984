import { operatorOf } from "../infer.js";
import type { Graph, GraphNode, Value } from "../types.js";

/** Drops nodes and constants that no output needs, and trailing optional outputs that nothing uses. Inputs stay. */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value.name));
  const kept: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(({ name }) => needed.has(name))) continue;
    for (const value of node.inputs) if (value) needed.add(value.name);
    kept.push(trimmed(node, needed));
  }
  const nodes = kept.reverse();
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name)));
  const same = nodes.length === graph.nodes.length && nodes.every((node, index) => node === graph.nodes[index]);
  if (same && constants.size === graph.constants.size) return graph;
  return Object.freeze({ ...graph, nodes: Object.freeze(nodes), constants });
}

function trimmed(node: GraphNode, needed: ReadonlySet<string>): GraphNode {
  const fewest = operatorOf(node).outputs?.[0] ?? 1;
  const last = node.outputs.findLastIndex(({ name }) => needed.has(name));
  const count = Math.max(last + 1, fewest);
  if (count === node.outputs.length) return node;
  const outputs: readonly Value[] = Object.freeze(node.outputs.slice(0, count));
  return Object.freeze({ ...node, outputs });
}
