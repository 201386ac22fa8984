import { sizeOf } from "../shape.js";
import { elementTypes } from "./elements.js";
import { checkArray, floatColumn } from "./features.js";
import type { ProblemList } from "./problem-list.js";
import { type Chunk, scanColumn } from "./scan.js";
import { sharedFloat32, sharedInt32 } from "./shared.js";
import type { RawColumn } from "./stored-column.js";
import type { Column } from "./types.js";

export interface ConvertedLabels {
  readonly labels: Column;
  readonly note?: string;
}

/**
 * Labels as a file holds them → int32 `[rows]` if they are one whole number a row or one-hot rows, else float32 targets
 * of the shape they have. One number a row is held in memory.
 */
export async function convertLabels(
  raw: RawColumn,
  problems: ProblemList,
  signal?: AbortSignal,
): Promise<ConvertedLabels> {
  const before = problems.count;
  const { shape, title, stored } = raw;
  const [rows = 0, ...sample] = shape;
  const width = rows === 0 ? 0 : sizeOf(sample);
  checkArray(raw, problems);
  if (problems.count > before) return { labels: { ...raw, dtype: "float32" } };
  if (width === 1 && (await every(raw, isClassNumbers(stored.dtype), signal))) {
    return { labels: { shape: [rows], data: await numbersOf(raw, sharedInt32(rows), signal) } };
  }
  if (sample.length === 1 && width > 1 && (await every(raw, ({ values }) => isOneHot(values, width), signal))) {
    const note = `${title} is one-hot; its ${width} columns are read as class numbers 0 to ${width - 1}`;
    return { labels: { shape: [rows], data: await classesOfOneHot(raw, sharedInt32(rows), signal) }, note };
  }
  const targets = await floatColumn(raw, problems, signal);
  if (width !== 1) return { labels: targets };
  return { labels: { shape: [rows], data: await numbersOf(raw, sharedFloat32(rows), signal) } };
}

/** Whether all values of a chunk are whole numbers that int32 holds; of most types they always are. */
function isClassNumbers(dtype: RawColumn["stored"]["dtype"]): (chunk: Chunk) => boolean {
  return "fitsInt32" in elementTypes[dtype] ? () => true : ({ values }) => values.every(isInt32);
}

function isInt32(value: number): boolean {
  return value === (value | 0);
}

/** Whether a test holds for every chunk. */
async function every(raw: RawColumn, test: (chunk: Chunk) => boolean, signal?: AbortSignal): Promise<boolean> {
  let holds = true;
  await scanColumn(
    raw,
    (chunk) => {
      holds = test(chunk);
      return holds;
    },
    signal,
  );
  return holds;
}

/** All values of a column of one a row. */
async function numbersOf<Data extends Float32Array | Int32Array>(
  raw: RawColumn,
  into: Data,
  signal?: AbortSignal,
): Promise<Data> {
  await scanColumn(raw, ({ values, first }) => into.set(values, first), signal);
  return into;
}

/** Every row has a single 1 and zeros beside it. */
function isOneHot(values: Float64Array, width: number): boolean {
  for (let row = 0; row < values.length; row += width) {
    let ones = 0;
    for (let index = row; index < row + width; index++) {
      const value = values[index];
      if (value === 1) ones += 1;
      else if (value !== 0) return false;
    }
    if (ones !== 1) return false;
  }
  return true;
}

async function classesOfOneHot(raw: RawColumn, into: Int32Array, signal?: AbortSignal): Promise<Int32Array> {
  const width = sizeOf(raw.stored.shape);
  const classes = ({ values, first, rows }: Chunk): void => {
    for (let row = 0; row < rows; row++) into[first + row] = values.indexOf(1, row * width) - row * width;
  };
  await scanColumn(raw, classes, signal);
  return into;
}
