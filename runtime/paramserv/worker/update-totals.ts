import type { Assignment } from "../assign.js";
import type { CheckedOptions } from "../options.js";
import { pushesAnEpoch } from "../protocol/plan.js";
import { rowsOfEpoch } from "./row-order.js";
import { type RowWeights, weightOf } from "./row-weights.js";

/** Of all rows of an update, whoever pushes them: how many, and what they weigh in each loss. */
export interface UpdateTotals {
  readonly rows: number;
  readonly weights: Readonly<Record<string, number>>;
}

/**
 * What pushes have to know of each other: where rows weigh different in a loss and an update is the mean of several
 * batches. Elsewhere each batch is a mean of its own: with pushes of several batches, and in sums, as the ancestor's; and
 * where nobody knows before which pushes make an update.
 */
export function totalsOf(
  options: Pick<CheckedOptions, "utype" | "freq" | "aggregation" | "modelAvg" | "reshuffle" | "seed">,
  assignments: readonly Assignment[],
  weights: RowWeights,
): BspTotals | undefined {
  const { utype, freq, aggregation, modelAvg } = options;
  const isJoint = utype === "BSP" && freq === "BATCH" && aggregation === "mean" && !modelAvg;
  return isJoint && Object.keys(weights).length > 0 ? new BspTotals({ assignments, options, weights }) : undefined;
}

interface Run {
  readonly assignments: readonly Assignment[];
  readonly options: Pick<CheckedOptions, "reshuffle" | "seed">;
  readonly weights: RowWeights;
}

/**
 * The totals of the updates of BSP, before they are made: an update joins the r-th pushes of an epoch of all workers that
 * have as many, and which rows these hold follows from the seed.
 */
export class BspTotals {
  readonly #run: Run;
  #epoch = -1;
  #rounds: readonly UpdateTotals[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /** The totals of the update that a worker's push at this clock belongs to. */
  of(worker: number, clock: number): UpdateTotals | undefined {
    const { assignments, options } = this.#run;
    const plan = assignments[worker]?.plan;
    if (plan === undefined) return undefined;
    const pushes = pushesAnEpoch(plan);
    const epoch = options.reshuffle ? Math.floor(clock / pushes) : 0;
    if (epoch !== this.#epoch) this.#rounds = this.#ofEpoch(epoch);
    this.#epoch = epoch;
    return this.#rounds[clock % pushes];
  }

  #ofEpoch(epoch: number): readonly UpdateTotals[] {
    const { assignments, options, weights } = this.#run;
    const rounds = Math.max(...assignments.map(({ plan }) => pushesAnEpoch(plan)));
    const orders = assignments.map(({ rows, plan }, rank) => {
      return { order: rowsOfEpoch({ ...options, rows, rank }, epoch), size: plan.rowsPerPush };
    });
    return Array.from({ length: rounds }, (_, round) => {
      const parts = orders.map(({ order, size }) => order.subarray(round * size, (round + 1) * size));
      const sums = Object.entries(weights).map(([loss, each]): [string, number] => {
        return [loss, parts.reduce((sum, rows) => sum + weightOf(each, rows), 0)];
      });
      return { rows: parts.reduce((sum, { length }) => sum + length, 0), weights: Object.fromEntries(sums) };
    });
  }
}
