import { usedBy } from "../captures.js";
import { isGraph } from "../constants.js";
import { operatorOf } from "../infer.js";
import { parsedSignature } from "../operators/signature.js";
import type { Graph, GraphNode } from "../types.js";

/** Drops nodes and constants that no output needs, and trailing optional outputs that nothing uses. Inputs stay. */
export function removeDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value.name));
  const kept: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(({ name }) => needed.has(name))) continue;
    const smaller = trimmed(withoutDeadCode(node), needed);
    for (const { name } of usedBy(smaller)) needed.add(name);
    kept.push(smaller);
  }
  const nodes = kept.reverse();
  const constants = new Map([...graph.constants].filter(([name]) => needed.has(name)));
  const same = nodes.length === graph.nodes.length && nodes.every((node, index) => node === graph.nodes[index]);
  if (same && constants.size === graph.constants.size) return graph;
  return Object.freeze({ ...graph, nodes: Object.freeze(nodes), constants });
}

/** A node with dead code removed from the graphs among its attributes. */
function withoutDeadCode(node: GraphNode): GraphNode {
  const changed = Object.entries(node.attributes).flatMap(([name, value]) => {
    const smaller = isGraph(value) ? removeDeadCode(value) : value;
    return smaller === value ? [] : [[name, smaller] as const];
  });
  if (changed.length === 0) return node;
  return Object.freeze({ ...node, attributes: Object.freeze({ ...node.attributes, ...Object.fromEntries(changed) }) });
}

function trimmed(node: GraphNode, needed: ReadonlySet<string>): GraphNode {
  const { outputs, fewestOutputs, mostOutputs } = parsedSignature(operatorOf(node).signature);
  // How many outputs an operator with any number of them has may say what they are (Split).
  if (mostOutputs > outputs.length) return node;
  const last = node.outputs.findLastIndex(({ name }) => needed.has(name));
  const count = Math.max(last + 1, fewestOutputs);
  return count === node.outputs.length
    ? node
    : Object.freeze({ ...node, outputs: Object.freeze(node.outputs.slice(0, count)) });
}
