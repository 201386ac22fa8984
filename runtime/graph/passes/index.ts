import type { Graph } from "../types.js";
import { prepareGradients } from "./by-row.js";
import { shareSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./constant-folding.js";
import { removeDeadCode } from "./dead-code.js";
import { decompose } from "./decompose.js";
import { removeIdentities } from "./identities.js";
import { poolBeforeRelu } from "./pool-before-relu.js";
import { type Rule, rewrite } from "./rewrite.js";

/** What makes any graph smaller, for any engine. At each node the first rule that finds something to do does it. */
export const simplifications = {
  foldConstants,
  removeIdentities,
  shareSubexpressions,
} as const satisfies Readonly<Record<string, Rule>>;

/** A round that changes nothing ends the passes; one makes work for another only a few times. */
const mostRounds = 8;

/** Simplifies until nothing is left to do. */
export function simplify(graph: Graph): Graph {
  const all = together(Object.values(simplifications));
  return untilSettled(removeDeadCode(graph), (current) => {
    const next = rewrite(current, all);
    return next === current ? current : removeDeadCode(next);
  });
}

/** What makes gradients cheaper, after operators without a rule of their own were decomposed. */
const preparations = { poolBeforeRelu, prepareGradients } as const;

/**
 * What has to happen before differentiation, because it decides what the gradients are or cost: operators without a rule
 * of their own are decomposed where gradients flow, and what gets cheaper has cheaper gradients.
 *
 * @param wrt names of the values with respect to which the graph will be differentiated
 */
export function beforeGradients(graph: Graph, wrt: readonly string[]): Graph {
  const decomposed = untilSettled(graph, (current) => rewrite(current, decompose(wrt)));
  const { poolBeforeRelu: moved, prepareGradients: prepared } = preparations;
  return simplify(rewrite(rewrite(simplify(decomposed), moved), prepared(wrt)));
}

/** What each phase of a compilation does, in order; the third, `lower`, is its target's. */
export const phases = {
  beforeGradients: ["decompose", ...Object.keys(preparations)],
  simplify: [...Object.keys(simplifications), "removeDeadCode"],
} as const;

function untilSettled(graph: Graph, pass: (graph: Graph) => Graph): Graph {
  let current = graph;
  for (let round = 0; round < mostRounds; round++) {
    const next = pass(current);
    if (next === current) break;
    current = next;
  }
  return current;
}

function together(rules: readonly Rule[]): Rule {
  return (graph) => {
    const visits = rules.map((rule) => rule(graph));
    return (node, r) => {
      for (const visit of visits) {
        const made = visit(node, r);
        if (made) return made;
      }
      return undefined;
    };
  };
}
