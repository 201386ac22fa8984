import { checkArray, checkFinite } from "./features.js";
import type { ProblemList } from "./problem-list.js";
import type { RawArray, RawValues } from "./raw-array.js";
import { sharedFloat32, sharedInt32 } from "./shared.js";
import type { NDArray } from "./types.js";

export interface ConvertedLabels {
  readonly labels: NDArray;
  readonly note?: string;
}

/**
 * Labels as a file holds them → int32 `[rows]` if they are one whole number a row or one-hot rows, else float32 targets
 * of the shape they have.
 */
export function convertLabels(raw: RawArray, problems: ProblemList): ConvertedLabels {
  checkArray(raw, problems);
  const { shape, values, title } = raw;
  const [rows = 0, ...sample] = shape;
  const width = rows === 0 ? 0 : values.length / rows;
  if (width === 1 && values.every(isInt32)) return { labels: { shape: [rows], data: classNumbers(values) } };
  if (sample.length === 1 && width > 1 && isOneHot(values, width)) {
    const note = `${title} is one-hot; its ${width} columns are read as class numbers 0 to ${width - 1}`;
    return { labels: { shape: [rows], data: classesOfOneHot(values, rows, width) }, note };
  }
  const data = sharedFloat32(values.length);
  data.set(values);
  checkFinite(raw, data, problems);
  return { labels: { shape: width === 1 ? [rows] : shape, data } };
}

function isInt32(value: number): boolean {
  return value === (value | 0);
}

function classNumbers(values: RawValues): Int32Array {
  const data = sharedInt32(values.length);
  data.set(values);
  return data;
}

/** Every row has a single 1 and zeros beside it. */
function isOneHot(values: RawValues, width: number): boolean {
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

function classesOfOneHot(values: RawValues, rows: number, width: number): Int32Array {
  const data = sharedInt32(rows);
  for (let row = 0; row < rows; row++) data[row] = values.indexOf(1, row * width) - row * width;
  return data;
}
