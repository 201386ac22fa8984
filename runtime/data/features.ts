import type { ErrorCode } from "../errors.js";
import { sizeOf } from "../shape.js";
import { elementType } from "./elements.js";
import type { ProblemList } from "./problem-list.js";
import { scanColumn } from "./scan.js";
import type { RawColumn, StoredColumn } from "./stored-column.js";

/** Checks a column of a file (rows, finite numbers): batches of it are float32. */
export async function floatColumn(raw: RawColumn, problems: ProblemList, signal?: AbortSignal): Promise<StoredColumn> {
  checkArray(raw, problems);
  if (elementType(raw.stored.dtype).mayOverflow === true) await checkFinite(raw, problems, signal);
  return { ...raw, dtype: "float32" };
}

/** Checks a column of whole numbers of a file (rows, range of int32): batches of it are int32. */
export async function integerColumn(
  raw: RawColumn,
  problems: ProblemList,
  signal?: AbortSignal,
): Promise<StoredColumn> {
  checkArray(raw, problems);
  await checkIntegers(raw, problems, signal);
  return { ...raw, dtype: "int32" };
}

/** Whole numbers that int32 holds; what is none, or is too large, is a problem with its row. */
export async function checkIntegers(column: Scanned, problems: ProblemList, signal?: AbortSignal): Promise<void> {
  if (elementType(column.stored.dtype).fitsInt32 === true) return;
  const rule = { code: "DATA_NOT_INTEGER", expected: "whole numbers that fit int32" } as const;
  await checkEach(column, { ...rule, isGood: (value) => value === (value | 0) }, { problems, signal });
}

/** An array needs an axis of rows, at least one row and at least one value a row. */
export function checkArray({ title, shape }: Pick<RawColumn, "title" | "shape">, problems: ProblemList): void {
  if (shape.length === 0) {
    problems.add(
      "DATA_SHAPE_MISMATCH",
      `${title} is a single number, expected an array whose first axis counts the rows`,
    );
  } else if (sizeOf(shape) === 0) {
    problems.add(
      "DATA_EMPTY",
      `${title} has shape [${shape.join(",")}], expected at least one row and one value a row`,
    );
  }
}

/** Reports the first bad value of each row. A float64 may overflow as float32. */
async function checkFinite(column: Scanned, problems: ProblemList, signal?: AbortSignal): Promise<void> {
  const rule = { code: "DATA_NOT_FINITE", expected: "finite float32 numbers" } as const;
  const isGood = (value: number) => Number.isFinite(Math.fround(value));
  await checkEach(column, { ...rule, isGood }, { problems, signal });
}

type Scanned = RawColumn & { readonly taken?: Int32Array };

interface Rule {
  readonly code: ErrorCode;
  readonly expected: string;
  readonly isGood: (value: number) => boolean;
}

async function checkEach(
  column: Scanned,
  { code, expected, isGood }: Rule,
  { problems, signal }: { readonly problems: ProblemList; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { title, file } = column;
  const length = sizeOf(column.stored.shape);
  const visit = (values: Float64Array, first: number): void => {
    for (let index = 0; index < values.length; index++) {
      if (isGood(values[index] ?? 0)) continue;
      const row = Math.floor(index / length);
      const place = length === 1 ? "" : ` at position ${index - row * length}`;
      const message = `${title} holds ${values[index]} in row ${first + row}${place}, expected ${expected}`;
      problems.add(code, message, file === undefined ? {} : { at: { file } });
      index = (row + 1) * length - 1;
    }
  };
  await scanColumn(column, ({ values, first }) => visit(values, first), signal);
}
