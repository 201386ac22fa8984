import { filledAttributes, operatorOf } from "../infer.js";
import type { Graph, GraphNode } from "../types.js";
import { rewrite } from "./rewrite.js";

/**
 * Computes once what is computed twice: nodes with the same operator, inputs and attributes. A node that asks for more
 * outputs takes in one that asks for fewer: the gradient's MaxPool with indices replaces the forward pass's.
 */
export function shareSubexpressions(graph: Graph): Graph {
  const seen = new Map<string, GraphNode>();
  return rewrite(widened(graph), (node, r) => {
    const key = nodeKey(node);
    const first = seen.get(key);
    if (!first) seen.set(key, node);
    // Nodes that became equal only now, and differ in their outputs, wait for the next round.
    if (!first || first.outputs.length < node.outputs.length) return undefined;
    node.outputs.forEach((value, index) => {
      const by = first.outputs[index];
      if (by) r.replace(value, by);
    });
    return [];
  });
}

function nodeKey(node: GraphNode): string {
  const attributes = Object.entries(filledAttributes(operatorOf(node), node.attributes)).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return JSON.stringify([node.op, node.inputs.map((value) => value?.name ?? null), attributes]);
}

/** The graph with the first of equal nodes given as many outputs as any of them has. */
function widened(graph: Graph): Graph {
  const firsts = new Map<string, GraphNode>();
  const extra = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    const key = nodeKey(node);
    const first = firsts.get(key);
    if (!first) firsts.set(key, node);
    else if (node.outputs.length > (extra.get(first.name) ?? first).outputs.length) extra.set(first.name, node);
  }
  if (extra.size === 0) return graph;
  return rewrite(graph, (node, r) => {
    const wide = extra.get(node.name);
    if (!wide) return undefined;
    const added = wide.outputs
      .slice(node.outputs.length)
      .map(({ dtype, shape }, index) => r.value(`${node.name}:${node.outputs.length + index}`, dtype, shape));
    return [Object.freeze({ ...node, outputs: Object.freeze([...node.outputs, ...added]) })];
  });
}
