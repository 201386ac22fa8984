import type { NDArray } from "../array.js";
import type { Preparation } from "./preparation.js";
import type { StoredColumn } from "./stored-column.js";

export type { NDArray } from "../array.js";

/** Arrays by column name; axis 0 counts the rows and is as long in all of them. */
export type Columns = Readonly<Record<string, NDArray>>;

/** An array in memory, or rows that stay as a file holds them until a batch is made of them. */
export type Column = NDArray | StoredColumn;

/** Columns by name; all have as many rows. */
export type DataColumns = Readonly<Record<string, Column>>;

/** The words of class numbers, by label: `{ species: ["setosa", "virginica"] }`. */
export type ClassNames = Readonly<Record<string, readonly string[]>>;

/** Where the rows of a dataset are from. */
export interface DataOrigin {
  /** The files that were read, without their directories, and the sha-256 of what is in them. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  /** "test" for the rows that an .npz file brings along to test with. */
  readonly part: "rows" | "test";
  /** Rows of that part of the file. */
  readonly count: number;
  /** The numbers of the rows that these are, from 0. Default: all, in order. */
  readonly taken?: Int32Array;
}

/** Rows to learn from. Columns bear the names of the program's feeds. */
export interface Dataset {
  readonly features: DataColumns;
  readonly labels: DataColumns;
  readonly classNames?: ClassNames;
  readonly origin?: DataOrigin;
  /** How the features were made of the file's rows, where they were. */
  readonly preparation?: Preparation;
}

/** How many rows a dataset has. */
export function rowsOf({ features, labels }: Dataset): number {
  const [first] = [...Object.values(features), ...Object.values(labels)];
  return first?.shape[0] ?? 0;
}
