import { sizeOf } from "../../shape.js";
import { elementTypes, readNumbers } from "../elements.js";
import type { ColumnType, Source } from "./source.js";

/** Rows of one column as the bytes of their type, in the machine's order. What a format has to read for a {@link Source}. */
export interface RowBytes extends ColumnType {
  readonly rows: number;
  /** Reads rows, by their numbers in any order, one after another. One read at a time. Throws a RunError `DATA_*`. */
  readInto(rows: Int32Array, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The name of the column of a source of {@link RowBytes}, where it has no other. */
export const onlyColumn = "values";

/** Rows of bytes as rows of numbers. */
export function sourceOf(content: RowBytes, column = onlyColumn): Source {
  const { rows, dtype, shape } = content;
  const { bytes, view } = elementTypes[dtype];
  const length = sizeOf(shape);
  let scratch = new Uint8Array();
  return {
    rows,
    columns: { [column]: { dtype, shape } },
    async read(numbers, into) {
      const target = into[column];
      if (target === undefined) return;
      const needed = numbers.length * length * bytes;
      if (scratch.length < needed) scratch = new Uint8Array(needed);
      await content.readInto(numbers, scratch.subarray(0, needed));
      readNumbers(dtype, view(scratch.buffer, 0, numbers.length * length), target);
    },
    close: () => content.close(),
  };
}
