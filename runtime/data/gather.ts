import { sizeOf } from "../shape.js";
import { storedArray } from "./memory-column.js";
import { mapColumns, sharedFloat32, sharedInt32 } from "./shared.js";
import { eachRun } from "./sources/source.js";
import { isStored, type StoredColumn } from "./stored-column.js";
import type { Column, Dataset, NDArray } from "./types.js";

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
  eachRun(rows, (first, count, at) => {
    into.set(source.subarray(first * length, (first + count) * length), at * length);
  });
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

/**
 * A dataset of the rows named; it knows which of its file's rows they are. Columns of several values a row are not copied:
 * they get a list of their rows, one for all. A column of one value a row is, because the list would take as much.
 */
export function takeDataset({ features, labels, classNames, origin, preparation }: Dataset, rows: Int32Array): Dataset {
  // Columns of one file have the same list, which is kept once.
  const lists = new Map<Int32Array | undefined, Int32Array>();
  const listOf = (taken: Int32Array | undefined): Int32Array => {
    const list = lists.get(taken) ?? sharedInt32(rows.length).map((_, at) => rowIn(taken, rows[at] ?? 0));
    lists.set(taken, list);
    return list;
  };
  const take = (column: Column, name: string): Column => {
    if (!isStored(column) && sizeOf(column.shape.slice(1)) === 1) return takeRows(column, rows);
    const stored = isStored(column) ? column : storedArray(column, `"${name}"`);
    return withRowCount({ ...stored, taken: listOf(stored.taken) }, rows.length);
  };
  return {
    features: mapColumns(features, take),
    labels: mapColumns(labels, take),
    ...(classNames && { classNames }),
    ...(origin && { origin: { ...origin, taken: listOf(origin.taken) } }),
    ...(preparation && { preparation }),
  };
}

function rowIn(taken: Int32Array | undefined, row: number): number {
  return taken === undefined ? row : (taken[row] ?? row);
}

function withRowCount(column: StoredColumn, rows: number): StoredColumn {
  return { ...column, shape: [rows, ...column.shape.slice(1)] };
}
