import { isStored } from "./stored-column.js";
import type { Column, DataColumns, Dataset, NDArray } from "./types.js";

/** Arrays that worker threads read without copying: they are backed by a SharedArrayBuffer. */

export function sharedFloat32(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

/** The same array in shared memory; one that is there already is not copied. */
export function inSharedMemory<Data extends Float32Array | Int32Array>(array: NDArray<Data>): NDArray<Data>;
export function inSharedMemory(array: NDArray): NDArray {
  const { shape, data } = array;
  if (isShared(data)) return array;
  const copy = data instanceof Int32Array ? sharedInt32(data.length) : sharedFloat32(data.length);
  copy.set(data);
  return { shape, data: copy };
}

/** The same dataset with all arrays in shared memory; stored columns are there already, or in files. */
export function datasetInSharedMemory({ features, labels }: Dataset): Dataset {
  const share = (column: Column): Column => (isStored(column) ? column : inSharedMemory(column));
  return { features: mapColumns(features, share), labels: mapColumns(labels, share) };
}

/** Columns of the same names, each changed. */
export function mapColumns(columns: DataColumns, change: (column: Column, name: string) => Column): DataColumns {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, change(column, name)]));
}

export function isShared(array: Float32Array | Int32Array): boolean {
  return array.buffer instanceof SharedArrayBuffer;
}
