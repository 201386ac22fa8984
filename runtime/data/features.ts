import { sizeOf } from "../shape.js";
import type { ProblemList } from "./problem-list.js";
import type { RawArray } from "./raw-array.js";
import { sharedFloat32 } from "./shared.js";
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
  const rowLength = data.length / (raw.shape[0] ?? 1);
  for (let index = 0; index < data.length; index++) {
    if (Number.isFinite(data[index])) continue;
    const row = Math.floor(index / rowLength);
    const place = rowLength === 1 ? "" : ` at position ${index - row * rowLength}`;
    const message = `${raw.title} holds ${raw.values[index]} in row ${row}${place}, expected finite float32 numbers`;
    problems.add("DATA_NOT_FINITE", message, { at: { file: raw.file } });
    index = (row + 1) * rowLength - 1;
  }
}
