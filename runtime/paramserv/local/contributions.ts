import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { Contribution } from "../protocol/types.js";
import type { SharedArrays } from "./shared-arrays.js";

/** Joins the pushes of an update, in order of rank. Results lie in place of the first push. */
export interface Joining {
  readonly kernels: Kernels;
  readonly contributions: readonly Contribution[];
  readonly workers: SharedArrays["workers"];
}

/** A part of the flat buffers. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Σ weight · gradients of a part of what is trained. */
export function joinGradients(joining: Joining, span: Span): Float32Array {
  return join(joining, span, ({ weight }) => weight);
}

/**
 * Σ rows / all rows · next state of a part of the state, however gradients join: what layers keep of the rows that they
 * have seen (running statistics) is a mean over rows. The state of one push is taken as it is.
 */
export function joinState(joining: Joining, span: Span): Float32Array {
  const total = joining.contributions.reduce((sum, { rows }) => sum + rows, 0);
  return join(joining, span, ({ rows }) => rows / total);
}

function join(
  { kernels, contributions, workers }: Joining,
  { start, end }: Span,
  weightOf: (contribution: Contribution) => number,
): Float32Array {
  let sum: Float32Array | undefined;
  for (const contribution of contributions) {
    const pushed = workers[contribution.worker]?.pushed.subarray(start, end);
    if (pushed === undefined) throw internalError("a contribution names a worker that has no memory");
    const weight = weightOf(contribution);
    if (sum !== undefined) kernels.accumulate(sum, pushed, weight);
    else if (weight !== 1) kernels.scale(pushed, pushed, weight);
    sum ??= pushed;
  }
  if (sum === undefined) throw internalError("an update has no contribution");
  return sum;
}
