import { sizeOf } from "../shape.js";
import { openRows } from "./sources/index.js";
import type { RawColumn } from "./stored-column.js";

/** Values that are looked at a time. */
const chunkValues = 1 << 18;

/** What a scan looks at. */
export interface Chunk {
  /** As they are stored: float64 holds every number of the other types. Overwritten by the next chunk. */
  readonly values: Float64Array;
  /** The number of the first row in the column. */
  readonly first: number;
  readonly rows: number;
}

/**
 * Reads a column once, from the first row to the last, some rows at a time, without holding it. Ends early where `visit`
 * returns false.
 */
export async function scanColumn(
  column: RawColumn & { readonly taken?: Int32Array },
  visit: (chunk: Chunk) => unknown,
  signal?: AbortSignal | undefined,
): Promise<void> {
  const length = sizeOf(column.stored.shape);
  const count = column.shape[0] ?? 0;
  if (length === 0 || count === 0) return;
  const source = await openRows(column.source);
  try {
    const most = Math.min(count, Math.max(1, Math.floor(chunkValues / length)));
    const all = new Float64Array(most * length);
    for (let first = 0; first < count; first += most) {
      signal?.throwIfAborted();
      const rows = Math.min(most, count - first);
      const numbers = Int32Array.from({ length: rows }, (_, index) => column.taken?.[first + index] ?? first + index);
      const values = all.subarray(0, rows * length);
      await source.read(numbers, { [column.column]: values });
      if (visit({ values, first, rows }) === false) return;
    }
  } finally {
    await source.close();
  }
}
