import { activeValues } from "../active.js";
import { decomposed } from "../decomposition.js";
import { operatorOf } from "../infer.js";
import type { Graph } from "../types.js";
import type { Rule } from "./rewrite.js";

/**
 * Puts the decomposition of an operator in its place where a gradient will flow through it, so that forward and backward
 * share what they compute. Elsewhere the operator stays: engines have one kernel for it.
 *
 * @param wrt names of the values with respect to which the graph will be differentiated
 */
export function decompose(wrt: readonly string[]): Rule {
  return (graph: Graph) => {
    const active = activeValues(graph.nodes, wrt);
    return (node, r) => {
      if (!operatorOf(node).decompose || !node.outputs.some(({ name }) => active.has(name))) return undefined;
      return decomposed(r, node);
    };
  };
}
