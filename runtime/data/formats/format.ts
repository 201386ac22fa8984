import type { ImageWish } from "../images/check-images.js";
import { rawColumn } from "../memory-column.js";
import type { RawArray } from "../raw-array.js";
import type { DataSource } from "../source.js";
import type { RawColumn } from "../stored-column.js";

/** A column that is wanted, under the name that it will have. */
export interface ColumnWish {
  readonly name: string;
  /** The name of its array, where that was said. */
  readonly array?: string | undefined;
  /** Whole numbers, that float32 might round. */
  readonly whole?: boolean;
  /** The class number of each word is its place among these. Default: of the words that the file holds, sorted. */
  readonly classNames?: readonly string[] | undefined;
  /** What pictures are brought to for this column. */
  readonly image?: ImageWish | undefined;
}

/** What is wanted of a file. */
export interface DataRequest {
  /** "features": labels come from another file. "labels": this is that file. */
  readonly want: "both" | "features" | "labels";
  /** At least one of each that is wanted; a format without names of arrays is asked for one only. */
  readonly features: readonly ColumnWish[];
  readonly labels: readonly ColumnWish[];
  /** CSV: name of the label column, or its number counted from 1. */
  readonly labelColumn?: string | number | undefined;
}

export type RawColumns = Readonly<Record<string, RawColumn>>;

/** What a file holds, as far as it was wanted. */
export interface RawData {
  readonly features?: RawColumns;
  readonly labels?: RawColumns;
  readonly validation?: { readonly features: RawColumns; readonly labels: RawColumns };
  /** Where labels were words: the word of each class number. */
  readonly classNames?: readonly string[];
  /** Decisions the reader made that the user should see. */
  readonly notes: readonly string[];
}

/** An array or stored rows as the one column that is wanted. */
export function column(wishes: readonly ColumnWish[], rows: RawArray | RawColumn): RawColumns {
  const stored = "values" in rows ? rawColumn(rows) : rows;
  return Object.fromEntries(wishes.slice(0, 1).map(({ name }) => [name, stored]));
}

/** One row of the format table in `formats/index.ts`. */
export interface DataFormat {
  readonly description: string;
  /** Lower-case, with the dot. */
  readonly extensions: readonly string[];
  /** Whether its arrays have names, so that it can hold several columns. */
  readonly named?: boolean;
  /** Whether labels are a column of its table, so that it can be said which. */
  readonly hasColumns?: boolean;
  /** Whether it is a folder, not a file. */
  readonly folder?: boolean;
  /** The sha-256 that tells its content from another's. Default: of the file. */
  fingerprint?(source: DataSource): Promise<string>;
  /** Whether the first bytes (decompressed) are those of this format. */
  recognises(head: Uint8Array): boolean;
  read(source: DataSource, request: DataRequest): Promise<RawData>;
}
