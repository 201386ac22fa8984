import type { Graph } from "../types.js";
import { verify } from "../verify.js";
import { shareSubexpressions } from "./common-subexpressions.js";
import { foldConstants } from "./constant-folding.js";
import { removeDeadCode } from "./dead-code.js";
import { removeIdentities } from "./identities.js";
import { poolBeforeRelu } from "./pool-before-relu.js";

/** A pass gives back a graph that computes the same outputs; the same object where it found nothing to do. */
export type Pass = (graph: Graph) => Graph;

/** All passes by name, in the order in which they run. */
export const passes: Readonly<Record<string, Pass>> = {
  poolBeforeRelu,
  foldConstants,
  removeIdentities,
  shareSubexpressions,
  removeDeadCode,
};

/** A round that changes nothing ends the passes; one makes work for another only a few times. */
const mostRounds = 8;

/** Runs all passes until none finds anything to do, and verifies what each made. */
export function runPasses(graph: Graph): Graph {
  let current = graph;
  for (let round = 0; round < mostRounds; round++) {
    const before = current;
    for (const pass of Object.values(passes)) {
      const next = pass(current);
      if (next !== current) verify(next);
      current = next;
    }
    if (current === before) break;
  }
  return current;
}
