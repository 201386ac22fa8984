export interface EpochsFromIterations {
  /** Updates to make: Caffe's `max_iter`. */
  readonly iterations: number;
  /** Rows in a batch of all workers together. */
  readonly globalBatchsize: number;
  /** Rows to learn from. */
  readonly rows: number;
}

/**
 * How often the data must be visited to see as many rows as so many updates do:
 * ⌈iterations · globalBatchsize / rows⌉, at least 1. Example: 10,000 updates of 64 rows on MNIST's 60,000 are 11 epochs.
 */
export function resolveEpochs({ iterations, globalBatchsize, rows }: EpochsFromIterations): number {
  return Math.max(1, Math.ceil((iterations * globalBatchsize) / Math.max(1, rows)));
}
