import { sizeOf } from "../../shape.js";
import { type ElementArray, elementTypes, readNumbers } from "../elements.js";
import { type ColumnType, eachRun, type Source } from "./source.js";

/** A column in shared memory, of the type that its file had. */
export interface MemoryColumn extends ColumnType {
  readonly buffer: SharedArrayBuffer;
  /** Bytes before the first row. Default 0. */
  readonly offset?: number;
}

/** Rows that are in memory already; threads share them. */
export interface MemoryDescription {
  readonly kind: "memory";
  readonly rows: number;
  readonly columns: Readonly<Record<string, MemoryColumn>>;
}

/** Rows in memory. Runs of consecutive rows are read at once, so a contiguous batch is a single copy. */
export function openMemory({ rows, columns }: MemoryDescription): Source {
  const views = new Map<
    string,
    { readonly values: ElementArray; readonly length: number; readonly type: MemoryColumn }
  >();
  for (const [name, type] of Object.entries(columns)) {
    const length = sizeOf(type.shape);
    const values = elementTypes[type.dtype].view(type.buffer, type.offset ?? 0, rows * length);
    views.set(name, { values, length, type });
  }
  return {
    rows,
    columns,
    read(numbers, into) {
      for (const [name, target] of Object.entries(into)) {
        const view = views.get(name);
        if (view === undefined) continue;
        const { values, length, type } = view;
        eachRun(numbers, (first, count, at) => {
          const run = values.subarray(first * length, (first + count) * length);
          readNumbers(type.dtype, run, target.subarray(at * length, (at + count) * length));
        });
      }
    },
    close: async () => {},
  };
}
