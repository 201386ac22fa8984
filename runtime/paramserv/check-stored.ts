import { scanColumn } from "../data/scan.js";
import { isStored, type StoredColumn } from "../data/stored-column.js";
import { CompileError, type Problem } from "../errors.js";
import { sizeOf } from "../shape.js";
import type { BoundColumn, BoundData } from "./bind-data.js";
import { isInRange, limitsOf, rangeProblem } from "./column-check.js";
import type { Job } from "./job.js";

/**
 * Looks once at all whole numbers of columns that are not in memory as arrays, unless `prepareDataset` did.
 *
 * @throws CompileError with the first of each column that is out of range
 */
export async function checkStored({ training, validation, options }: Job): Promise<void> {
  const problems: Problem[] = [];
  for (const { columns } of [training, validation].filter((data): data is BoundData => data !== undefined)) {
    for (const bound of columns) problems.push(...(await storedProblems(bound, options.signal)));
  }
  if (problems.length > 0) throw new CompileError(problems);
}

async function storedProblems(
  { column, subject, feed }: BoundColumn,
  signal: AbortSignal | undefined,
): Promise<readonly Problem[]> {
  const limits = feed && limitsOf(feed);
  if (!isStored(column) || column.dtype !== "int32" || feed === undefined || limits === undefined) return [];
  if (isKnown(column, limits)) return [];
  let found: Problem | undefined;
  const length = sizeOf(column.shape.slice(1));
  await scanColumn(column, ({ values, first }) => {
    const index = values.findIndex((value) => !isInRange(value, limits));
    if (index >= 0) found = rangeProblem({ value: values[index], index: first * length + index }, subject, feed);
    // A run that is aborted ends as such, not in an error.
    return index < 0 && signal?.aborted !== true;
  });
  return found === undefined ? [] : [found];
}

function isKnown({ checked }: StoredColumn, { classes, ignored }: { classes: number; ignored?: number }): boolean {
  return checked?.classes === classes && checked.ignored === ignored;
}
