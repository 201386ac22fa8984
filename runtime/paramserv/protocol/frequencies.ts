/** What a slot goes through in an epoch. */
interface Load {
  /** Its rows. */
  readonly rows: number;
  readonly batchsize: number;
  /** Batches in a group of NBATCHES. */
  readonly nbatches: number;
}

/**
 * The frequency table: after how many rows a slot pushes. The names are those of Apache SystemDS' paramserv builtin.
 * Groups never span epochs: an epoch's last push holds what is left, for NBATCHES a shorter group.
 */
export const frequencies = {
  BATCH: ({ batchsize }) => batchsize,
  NBATCHES: ({ batchsize, nbatches }) => batchsize * nbatches,
  EPOCH: ({ rows }) => rows,
} as const satisfies Record<string, (load: Load) => number>;

export type FrequencyName = keyof typeof frequencies;
