import type { ErrorCode } from "../errors.js";
import { sizeOf } from "../shape.js";
import type { ProblemList } from "./problem-list.js";
import type { RawArray } from "./raw-array.js";
import { sharedFloat32, sharedInt32 } from "./shared.js";
import { checkMemory } from "./source.js";
import type { NDArray } from "./types.js";

/** Checks a raw array (rows, finite numbers) and converts it to float32 in shared memory. */
export function convertFeatures(raw: RawArray, problems: ProblemList): NDArray<Float32Array> {
  checkArray(raw, problems);
  checkMemory(raw.values.length * 4, raw.title);
  const data = sharedFloat32(raw.values.length);
  data.set(raw.values);
  if (raw.values instanceof Float32Array || raw.values instanceof Float64Array) checkFinite(raw, data, problems);
  return { shape: raw.shape, data };
}

/** Checks a raw array of whole numbers (rows, range of int32) and converts it to int32 in shared memory. */
export function convertIntegers(raw: RawArray, problems: ProblemList): NDArray<Int32Array> {
  checkArray(raw, problems);
  return toIntegers(raw, problems);
}

/** An array that has rows, or one that is in memory. */
type Numbers = Omit<RawArray, "file"> & { readonly file?: string };

/** Whole numbers as int32 in shared memory; what is none, or is too large, is a problem with its row. */
export function toIntegers(numbers: Numbers, problems: ProblemList): NDArray<Int32Array> {
  const { title, shape, values } = numbers;
  checkMemory(values.length * 4, title);
  const data = sharedInt32(values.length);
  data.set(values);
  const rule = { code: "DATA_NOT_INTEGER", expected: "whole numbers that fit int32" } as const;
  checkEach(numbers, rule, problems, (index) => data[index] === values[index]);
  return { shape, data };
}

/** An array needs an axis of rows, at least one row and at least one value a row. */
export function checkArray({ title, shape }: RawArray, problems: ProblemList): void {
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

/** Reports the first bad value of each row. `data` are the values as float32: a float64 may overflow there. */
export function checkFinite(raw: RawArray, data: Float32Array, problems: ProblemList): void {
  const rule = { code: "DATA_NOT_FINITE", expected: "finite float32 numbers" } as const;
  checkEach(raw, rule, problems, (index) => Number.isFinite(data[index]));
}

function checkEach(
  { title, file, shape, values }: Numbers,
  { code, expected }: { readonly code: ErrorCode; readonly expected: string },
  problems: ProblemList,
  isGood: (index: number) => boolean,
): void {
  const { length } = values;
  const rowLength = length / (shape[0] ?? 1);
  for (let index = 0; index < length; index++) {
    if (isGood(index)) continue;
    const row = Math.floor(index / rowLength);
    const place = rowLength === 1 ? "" : ` at position ${index - row * rowLength}`;
    const message = `${title} holds ${values[index]} in row ${row}${place}, expected ${expected}`;
    problems.add(code, message, file === undefined ? {} : { at: { file } });
    index = (row + 1) * rowLength - 1;
  }
}
