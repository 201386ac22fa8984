import { mapColumns, sharedFloat32, sharedInt32 } from "./shared.js";
import type { Dataset, NDArray } from "./types.js";

/**
 * Copies rows, by their numbers, one after another into a buffer. Runs of consecutive rows are copied at once, each by
 * one `TypedArray.set`, so a contiguous batch is a single memory copy.
 *
 * @param source rows of `length` values each
 * @param into as long as `rows.length × length`, or longer
 */
export function gatherRows<Data extends Float32Array | Int32Array>(
  source: Data,
  length: number,
  rows: Int32Array,
  into: Data,
): void {
  let from = 0;
  while (from < rows.length) {
    const first = rows[from] ?? 0;
    let to = from + 1;
    while (to < rows.length && rows[to] === first + to - from) to += 1;
    into.set(source.subarray(first * length, (first + to - from) * length), from * length);
    from = to;
  }
}

/** A new array, in shared memory, of the rows named. */
export function takeRows<Data extends Float32Array | Int32Array>(array: NDArray<Data>, rows: Int32Array): NDArray<Data>;
export function takeRows({ shape, data }: NDArray, rows: Int32Array): NDArray {
  const [all = 0, ...sample] = shape;
  const length = all === 0 ? 0 : data.length / all;
  if (data instanceof Int32Array) {
    const taken = sharedInt32(rows.length * length);
    gatherRows(data, length, rows, taken);
    return { shape: [rows.length, ...sample], data: taken };
  }
  const taken = sharedFloat32(rows.length * length);
  gatherRows(data, length, rows, taken);
  return { shape: [rows.length, ...sample], data: taken };
}

/** A dataset of the rows named; it knows which of its file's rows they are. */
export function takeDataset({ features, labels, classNames, origin, preparation }: Dataset, rows: Int32Array): Dataset {
  const take = (array: NDArray) => takeRows(array, rows);
  return {
    features: mapColumns(features, take),
    labels: mapColumns(labels, take),
    ...(classNames && { classNames }),
    ...(origin && { origin: { ...origin, taken: rows.map((row) => origin.taken?.[row] ?? row) } }),
    ...(preparation && { preparation }),
  };
}
