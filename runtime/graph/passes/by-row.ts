import { activeValues } from "../active.js";
import { contextOf } from "../decomposition.js";
import { namedInputs, operatorOf } from "../infer.js";
import type { GraphBuilder, GraphNode, Value } from "../types.js";
import type { Rule } from "./rewrite.js";

/**
 * Puts a node of the same operator in the place of one through which gradients will flow, where the operator's rule can
 * use more outputs than it has: a scan then also puts out its incoming states, and is not run twice.
 *
 * @param wrt names of the values with respect to which the graph will be differentiated
 */
export function prepareGradients(wrt: readonly string[]): Rule {
  return (graph) => {
    const active = activeValues(graph.nodes, wrt);
    return (node, r) => (node.outputs.some(({ name }) => active.has(name)) ? rewritten("prepare", node, r) : undefined);
  };
}

/** Writes operators in others where engines have no kernel for them, or a worse one: once, before serialization. */
export const lowerOperators: Rule = () => (node, r) => rewritten("lower", node, r);

function rewritten(by: "prepare" | "lower", node: GraphNode, r: GraphBuilder): readonly Value[] | undefined {
  const row = operatorOf(node);
  const made = row[by]?.(namedInputs(row, node.inputs), contextOf(r, node));
  return made && "name" in made ? [made] : made;
}
