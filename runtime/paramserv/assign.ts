import { partition } from "../data/partition.js";
import { sharedInt32 } from "../data/shared.js";
import type { CheckedOptions } from "./options.js";
import { frequencies } from "./protocol/frequencies.js";
import type { SlotPlan } from "./protocol/types.js";

/** The rows of one slot of work and what is done with them in each epoch. */
export interface Assignment {
  readonly rows: Int32Array;
  readonly plan: SlotPlan;
  /** Which copy of the data the rows are of: the rank where every worker has all rows. */
  readonly copy: number;
}

/** Divides the rows among the workers; with fewer rows than `k` there may be fewer workers. Row numbers are shared. */
export function assignRows(options: CheckedOptions, rows: number): readonly Assignment[] {
  const { scheme, k, seed, freq, batchsize, nbatches } = options;
  return partition(scheme, rows, k, seed).map((own, rank) => {
    const shared = sharedInt32(own.length);
    shared.set(own);
    const rowsPerPush = frequencies[freq]({ rows: own.length, batchsize, nbatches });
    const copy = scheme === "OVERLAP_RESHUFFLE" ? rank : 0;
    return { rows: shared, plan: { rows: own.length, batchsize, rowsPerPush }, copy };
  });
}
