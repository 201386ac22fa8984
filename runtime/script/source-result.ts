import { sameFiles } from "../data/same-files.js";
import type { Dataset } from "../data/types.js";
import type { Note } from "../errors.js";
import { isResult, readResult, type TrainedResult } from "../results/index.js";

/** The result that a training starts from; undefined where `from` names none, or weights alone. */
export async function sourceResult(from: string | undefined): Promise<TrainedResult | undefined> {
  return from !== undefined && isResult(from) ? readResult(from) : undefined;
}

/** A note where rows to validate with are rows that the weights were learned from: their figures would flatter. */
export function learnedRows(
  { directory, record, split }: TrainedResult,
  validation: Dataset | undefined,
): readonly Note[] {
  const [learned, origin] = [split.training, validation?.origin];
  if (learned === undefined || origin === undefined) return [];
  if (learned.part !== origin.part || !sameFiles(learned.files, origin.files)) return [];
  const held = split.validation;
  const sameFile = held !== undefined && held.part === origin.part && sameFiles(held.files, origin.files);
  const apart = new Set(sameFile ? held.taken : []);
  const rows = Array.from(origin.taken ?? { length: origin.count }, (row, index) => row ?? index);
  const known = rows.filter((row) => !apart.has(row)).length;
  if (known === 0) return [];
  return [
    {
      at: { file: directory },
      message: `${known} of the ${rows.length} rows to validate with are rows that its weights were learned from`,
      hint: `--seed ${record.options.seed}, with the same share, holds out the rows that it held out`,
    },
  ];
}
