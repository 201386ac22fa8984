import type { Sums } from "../scalars.js";
import type { EpochRecord } from "../types.js";
import type { CurveState } from "./curve.js";
import type { ClockState } from "./run-clock.js";
import type { WorkerState } from "./worker-accounts.js";

/** Counts of a run. */
export interface RunCounts {
  readonly updates: number;
  /** Of the last update. */
  readonly iteration: number;
  /** Pushes and rows applied. */
  readonly pushes: number;
  readonly samples: number;
  readonly staleness: { readonly sum: number; readonly max: number };
  /** Batches of pushes applied that nothing was learned from: their numbers were not finite. */
  readonly skipped: number;
  /** Pushes, and their rows, that counted no more when they came. */
  readonly dropped: { readonly pushes: number; readonly rows: number };
  readonly lostWorkers: number;
  /** Checkpoints saved, and the seconds that this took. */
  readonly checkpoints: { readonly count: number; readonly seconds: number };
}

/** An epoch whose validation is under way. Times are those of the run's clock. */
export interface OpenEpoch {
  readonly record: EpochRecord;
  readonly beganAt: number;
  readonly endedAt: number;
}

/**
 * The statistics of a run at one of its updates, as a checkpoint keeps them: a run that goes on from here ends with the
 * figures of one that was never stopped, but for seconds and bytes, which what is done again adds to. Plain data; among
 * its numbers may be NaN and infinities, which a file has to keep.
 */
export interface RunFold {
  readonly clock: ClockState;
  readonly counts: RunCounts;
  /** Seconds in which validations held learning up. */
  readonly paused: number;
  readonly epochs: readonly EpochRecord[];
  /** When the epoch began. */
  readonly epochBeganAt: number;
  /** What was applied in this epoch. */
  readonly applied: Sums;
  /** In order: under ASP another epoch may end before one is validated. */
  readonly open: readonly OpenEpoch[];
  readonly workers: readonly WorkerState[];
  readonly curve: CurveState;
}

export const noCounts: RunCounts = {
  updates: 0,
  iteration: 0,
  pushes: 0,
  samples: 0,
  staleness: { sum: 0, max: 0 },
  skipped: 0,
  dropped: { pushes: 0, rows: 0 },
  lostWorkers: 0,
  checkpoints: { count: 0, seconds: 0 },
};
