/** What a worker goes through in an epoch. */
interface Load {
  /** Its rows. */
  readonly rows: number;
  readonly batchsize: number;
}

/** The frequency table: after how many rows a worker pushes. The names are those of Apache SystemDS' paramserv builtin. */
export const frequencies = {
  BATCH: ({ batchsize }) => batchsize,
  EPOCH: ({ rows }) => rows,
} as const satisfies Record<string, (load: Load) => number>;

export type FrequencyName = keyof typeof frequencies;
