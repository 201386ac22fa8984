import { hasGraphs } from "../captures.js";
import { isConstantData } from "../constants.js";
import { operatorOf } from "../infer.js";
import type { Attribute, GraphNode } from "../types.js";
import type { Rule } from "./rewrite.js";

/**
 * Computes once what is computed twice: nodes with the same operator, inputs and attributes. The first of them gets as many
 * outputs as any asks for: the forward pass's MaxPool also gives the indices that its gradient needs.
 */
export const shareSubexpressions: Rule = (graph) => {
  const widest = new Map<string, number>();
  for (const node of graph.nodes) {
    const key = nodeKey(node);
    if (key !== undefined) widest.set(key, Math.max(widest.get(key) ?? 0, node.outputs.length));
  }
  const seen = new Map<string, GraphNode["outputs"]>();
  return (node, r) => {
    const key = nodeKey(node);
    if (key === undefined) return undefined;
    const first = seen.get(key);
    if (first && first.length >= node.outputs.length) return first.slice(0, node.outputs.length);
    const outputs = widest.get(key) ?? 0;
    const widened = outputs > node.outputs.length ? r.node({ ...node, outputs }) : undefined;
    seen.set(key, widened ?? node.outputs);
    return widened?.slice(0, node.outputs.length);
  };
};

// Nodes never change, and most of them go through many rounds: their keys are made once.
const keys = new WeakMap<GraphNode, string>();

/** The same for nodes that compute the same; undefined for nodes that hold graphs, which are not compared. */
function nodeKey(node: GraphNode): string | undefined {
  if (hasGraphs(node)) return undefined;
  const known = keys.get(node);
  if (known !== undefined) return known;
  const { attributes: rows } = operatorOf(node).signature;
  let key = node.op;
  for (const value of node.inputs) key += `\n${value?.name ?? ""}`;
  // In the order of the row, so that it does not matter how they were written.
  for (const name in rows) key += `\n${name}=${attributeKey(node.attributes[name] ?? rows[name]?.default)}`;
  keys.set(node, key);
  return key;
}

/** JSON has no infinities and no −0. */
function attributeKey(value: Attribute | undefined): string {
  if (value === undefined || typeof value === "string") return value ?? "";
  if (typeof value === "number") return numberKey(value);
  if (!isConstantData(value)) return Array.isArray(value) ? `[${value.map(elementKey).join()}]` : "";
  return `${value.dtype}[${value.shape.join()}]${Array.from(value.data, numberKey).join()}`;
}

function elementKey(item: number | string): string {
  return typeof item === "number" ? numberKey(item) : JSON.stringify(item);
}

function numberKey(item: number): string {
  return Object.is(item, -0) ? "-0" : `${item}`;
}
