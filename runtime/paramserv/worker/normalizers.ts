import type { NDArray } from "../../data/types.js";
import type { TrainingProgram } from "../../program/types.js";
import { type RowWeights, weightOf } from "./row-weights.js";
import type { UpdateTotals } from "./update-totals.js";

/**
 * What a step multiplies the sums of losses by, where rows weigh different: 1 / (weight of the batch), so that the
 * gradients are those of the batch's own mean. A batch that makes an update with others, its push weighing rows / all
 * rows, multiplies by (all rows / rows) / (weight of all), so that the pushes add up to the gradients of the mean over
 * all. 0 where nothing has any weight.
 */
export function normalizers(
  { feeds }: TrainingProgram,
  rowWeights: RowWeights,
  rows: Int32Array,
  totals: UpdateTotals | undefined,
): Readonly<Record<string, NDArray>> {
  const arrays: Record<string, NDArray> = {};
  for (const feed of feeds) {
    if (feed.kind !== "normalizer") continue;
    const weight = totals?.weights[feed.loss] ?? weightOf(rowWeights[feed.loss] ?? new Float32Array(0), rows);
    const share = totals === undefined ? 1 : totals.rows / rows.length;
    arrays[feed.name] = { shape: [], data: Float32Array.of(weight === 0 ? 0 : share / weight) };
  }
  return arrays;
}
