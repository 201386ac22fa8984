import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";

/** What a slot of work gives to an update. */
export interface Share {
  readonly slot: number;
  readonly rows: number;
  /** Of its gradients, in the sum. */
  readonly weight: number;
}

/** Joins arrays of the contributions of an update, in order of slot, in `into`. What they are made of stays. */
export function join(
  into: Float32Array,
  shares: readonly Share[],
  kernels: Kernels,
  take: {
    arrayOf(share: Share): Float32Array | undefined;
    weightOf(share: Share): number;
  },
): void {
  let isFirst = true;
  for (const share of shares) {
    const values = take.arrayOf(share);
    if (values === undefined) throw internalError(`there is no push of slot ${share.slot}`);
    const weight = take.weightOf(share);
    if (!isFirst) kernels.accumulate(into, values, weight);
    else if (weight === 1) into.set(values);
    else kernels.scale(into, values, weight);
    isFirst = false;
  }
  if (isFirst) throw internalError("an update has no contribution");
}

/**
 * What a share weighs where values are means over rows, however gradients join: state that layers keep of the rows that
 * they have seen (running statistics).
 */
export function shareOfRows(shares: readonly Share[]): (share: Share) => number {
  const total = shares.reduce((sum, { rows }) => sum + rows, 0);
  return ({ rows }) => rows / total;
}
