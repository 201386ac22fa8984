/** What each row of the training data weighs in a loss, by its name: in shared memory, as long as the data have rows. */
export type RowWeights = Readonly<Record<string, Float32Array>>;

/** What some rows weigh together. */
export function weightOf(weights: Float32Array, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + (weights[row] ?? 0), 0);
}
