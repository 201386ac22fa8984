/** The push that is weighed, and the update that it is part of. */
interface Share {
  /** Rows that the push stands for. */
  readonly rows: number;
  /** Rows of all pushes of the update. */
  readonly total: number;
}

/**
 * The aggregation table: what a push weighs in an update.
 * - mean: its share of the rows, so an update is the mean over all of them.
 * - sum: 1, as in Apache SystemDS, so k workers make steps that are k times as long.
 */
export const aggregations = {
  mean: ({ rows, total }) => rows / total,
  sum: () => 1,
} as const satisfies Record<string, (share: Share) => number>;

export type AggregationName = keyof typeof aggregations;
