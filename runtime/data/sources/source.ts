import type { ElementName, NumberArray } from "../elements.js";

/** What a column of a source holds. */
export interface ColumnType {
  readonly dtype: ElementName;
  /** Of one row. */
  readonly shape: readonly number[];
}

/**
 * Rows that are read when they are asked for. What a source is opened by is plain data (`sources/index.ts`) that goes to
 * threads, and each thread opens its own.
 */
export interface Source {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /**
   * Reads rows of columns, by their numbers in any order, one row after another into arrays that are as long as the rows
   * together. Numbers are converted as `TypedArray.set` does. One read at a time; a source in memory is done when it returns.
   *
   * @throws RunError `DATA_*` that names the file and the row
   */
  read(rows: Int32Array, into: Readonly<Record<string, NumberArray>>): void | Promise<void>;
  /** Ends reading; what is open is closed. */
  close(): Promise<void>;
}

/** Calls `visit` for each run of consecutive row numbers: `count` rows from `first` on, which stand at `at` in the list. */
export function eachRun(rows: Int32Array, visit: (first: number, count: number, at: number) => void): void {
  let from = 0;
  while (from < rows.length) {
    const first = rows[from] ?? 0;
    let to = from + 1;
    while (to < rows.length && rows[to] === first + to - from) to += 1;
    visit(first, to - from, from);
    from = to;
  }
}
