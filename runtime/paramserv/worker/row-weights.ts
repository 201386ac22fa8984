import type { TrainingProgram } from "../../program/types.js";

/** What each row of the training data weighs in a loss, by its name: in shared memory, as long as the data have rows. */
export type RowWeights = Readonly<Record<string, Float32Array>>;

/** The losses whose rows weigh different: those that a program has a normalizer for. */
export function weighedLosses(program: TrainingProgram | undefined): readonly string[] {
  return (program?.feeds ?? []).flatMap((feed) => (feed.kind === "normalizer" ? [feed.loss] : []));
}

/** What some rows weigh together. */
export function weightOf(weights: Float32Array, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + (weights[row] ?? 0), 0);
}
