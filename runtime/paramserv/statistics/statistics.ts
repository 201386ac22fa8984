import type { RunCounts } from "./fold.js";
import type { Statistics, WorkerStatistics } from "./types.js";

interface Closing {
  readonly counts: RunCounts;
  readonly byWorker: readonly WorkerStatistics[];
  /** Workers that the run was planned for. */
  readonly workers: number;
  /** Of the whole run, of setting it up, of learning. */
  readonly seconds: number;
  readonly setupSeconds: number;
  readonly trainingSeconds: number;
}

type OfSeconds = Extract<keyof WorkerStatistics, `${string}_seconds`>;

/** The closing figures of a run. */
export function statisticsOf({ counts, byWorker, workers, ...times }: Closing): Statistics {
  const { updates, pushes, samples, staleness, dropped, skipped, lostWorkers, checkpoints } = counts;
  const spent = (name: OfSeconds): number => byWorker.reduce((sum, worker) => sum + worker[name], 0);
  const sum = (name: "bytes_pulled" | "bytes_pushed"): number =>
    byWorker.reduce((total, worker) => total + worker[name], 0);
  const seconds = {
    load_seconds: spent("load_seconds"),
    pull_seconds: spent("pull_seconds"),
    compute_seconds: spent("compute_seconds"),
    push_seconds: spent("push_seconds"),
    update_seconds: spent("update_seconds"),
    wait_seconds: spent("wait_seconds"),
    validation_seconds: spent("validation_seconds"),
  };
  const all = Object.values(seconds).reduce((total, one) => total + one, 0);
  return {
    seconds: times.seconds,
    setup_seconds: times.setupSeconds,
    workers,
    updates,
    pushes,
    samples,
    samples_per_second: times.trainingSeconds > 0 ? samples / times.trainingSeconds : 0,
    ...seconds,
    waiting_for_data: all > 0 ? seconds.load_seconds / all : 0,
    mean_staleness: pushes > 0 ? staleness.sum / pushes : 0,
    max_staleness: staleness.max,
    dropped_pushes: dropped.pushes,
    dropped_samples: dropped.rows,
    skipped_batches: skipped,
    lost_workers: lostWorkers,
    checkpoints: checkpoints.count,
    checkpoint_seconds: checkpoints.seconds,
    bytes_pulled: sum("bytes_pulled"),
    bytes_pushed: sum("bytes_pushed"),
    by_worker: byWorker,
  };
}
