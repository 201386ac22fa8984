/**
 * Where the time of a run went, and what was made of its work. Of a run that was resumed: all of it, but for what came
 * between a checkpoint and the end of its session, which was done again. Seconds and bytes of workers are sums.
 */
export interface Statistics {
  /** Wall seconds: whole call, and set-up (threads, sessions, partitions). */
  readonly seconds: number;
  readonly setup_seconds: number;
  /** Workers that the run was planned for. */
  readonly workers: number;
  readonly updates: number;
  readonly pushes: number;
  /** Rows learned from, and rows a second over the training part (without set-up and validation). */
  readonly samples: number;
  readonly samples_per_second: number;
  /** Summed over the workers, seconds: see {@link WorkerStatistics}. */
  readonly load_seconds: number;
  readonly pull_seconds: number;
  readonly compute_seconds: number;
  readonly push_seconds: number;
  readonly update_seconds: number;
  readonly wait_seconds: number;
  readonly validation_seconds: number;
  /** The share of the workers' time in which they waited for data, 0 … 1: load_seconds ÷ all seconds of workers. */
  readonly waiting_for_data: number;
  /** Updates applied between a worker's pull and the update that its push was part of. 0 under BSP. */
  readonly mean_staleness: number;
  readonly max_staleness: number;
  /** Pushes, and their rows, that counted no more when they came: under SBP those of the slowest. */
  readonly dropped_pushes: number;
  readonly dropped_samples: number;
  /** Batches that nothing was learned from, because their loss or gradients were not finite. */
  readonly skipped_batches: number;
  /** Workers that were lost, whether or not others took their place. */
  readonly lost_workers: number;
  /** Checkpoints saved, and the seconds that this took beside the training. */
  readonly checkpoints: number;
  readonly checkpoint_seconds: number;
  readonly bytes_pulled: number;
  readonly bytes_pushed: number;
  /** Each worker by itself, by its number. */
  readonly by_worker: readonly WorkerStatistics[];
}

/** What one worker did, whoever filled its place. */
export interface WorkerStatistics {
  /** From 0. */
  readonly worker: number;
  /** How often it was started: again after it was lost, and in each session of a run that was resumed. */
  readonly incarnations: number;
  /** Until batches were there: rows read, prepared, put together. */
  readonly load_seconds: number;
  /** Copying weights from the server. */
  readonly pull_seconds: number;
  /** Forward and backward. */
  readonly compute_seconds: number;
  /** Copying gradients to the server. */
  readonly push_seconds: number;
  /** Making its parts of updates, and steps of its own copy between pushes. */
  readonly update_seconds: number;
  /** For the others: at a barrier, or for a grant. */
  readonly wait_seconds: number;
  readonly validation_seconds: number;
  /** Batches and rows of its pushes that were applied. */
  readonly steps: number;
  readonly samples: number;
  /** Over the seconds of the whole training, so that workers add up to the run. */
  readonly samples_per_second: number;
  /** Pushes by staleness 0, 1, …; the 17th number, if there are so many, counts those of 16 and more. */
  readonly staleness: readonly number[];
  /** Pushes that counted no more when they came. */
  readonly dropped: number;
  readonly bytes_pulled: number;
  readonly bytes_pushed: number;
}
