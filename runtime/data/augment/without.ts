import { isStored } from "../stored-column.js";
import type { Column, DataColumns, Dataset } from "../types.js";

/** The same rows as an evaluation takes them: the middle of images, nothing turned. */
export function withoutAugmentation(dataset: Dataset): Dataset {
  const columns = Object.entries(dataset.features).map(([name, column]) => [name, plain(column)] as const);
  const features: DataColumns = Object.fromEntries(columns);
  return { ...dataset, features };
}

function plain(column: Column): Column {
  if (!isStored(column) || column.steps?.augmentation === undefined) return column;
  const { augmentation: _, ...steps } = column.steps;
  return { ...column, steps };
}
