import type { NDArray } from "../array.js";
import type { Augmentation } from "./augment/augmentation.js";
import type { Layout } from "./layout.js";
import type { Scaling } from "./scaling.js";
import type { SourceDescription } from "./sources/index.js";
import type { ColumnType } from "./sources/source.js";

/** A column as a file holds it, before it is decided what it becomes. */
export interface RawColumn {
  /** What to call it in messages: `array "x" of "digits.npz"`. */
  readonly title: string;
  /** The file that it is of, where there is one. */
  readonly file?: string | undefined;
  /** The rows first. */
  readonly shape: readonly number[];
  readonly source: SourceDescription;
  /** Its name in the source. */
  readonly column: string;
  /** A row in the source. */
  readonly stored: ColumnType;
}

/** What is done to rows on their way into a batch, in this order. */
export interface RowSteps {
  /** Rows are class numbers, and become rows of as many numbers with a 1 at the class. */
  readonly oneHot?: true;
  /** How images are turned and resized. */
  readonly layout?: Pick<Layout, "channelsLast" | "resizeFrom" | "cropFrom">;
  /** How images are changed, each time anew. */
  readonly augmentation?: Augmentation;
  readonly scaling?: Scaling;
}

/**
 * A column whose rows stay as they are stored until a batch is made of them: in memory with the type of their file, or in
 * the file. A list of rows picks some of them without a copy. Plain data; threads share what is in memory.
 */
export interface StoredColumn extends RawColumn {
  /** Of batches: the rows first, then the shape of a row as a batch has it. */
  readonly shape: readonly number[];
  /** Of batches. */
  readonly dtype: "float32" | "int32";
  /** The numbers of the rows in the source. Default: all, in order. */
  readonly taken?: Int32Array;
  /** Default: rows come as they are stored, in the type of batches. */
  readonly steps?: RowSteps;
  /** The limits that all values are known to keep. */
  readonly checked?: { readonly classes?: number | undefined; readonly ignored?: number | undefined };
}

export function isStored(column: NDArray | StoredColumn): column is StoredColumn {
  return "source" in column;
}

/** What batches of a column hold. */
export function dtypeOf(column: NDArray | StoredColumn): "float32" | "int32" {
  if (isStored(column)) return column.dtype;
  return column.data instanceof Int32Array ? "int32" : "float32";
}

/** The same column with rows of another shape; columns that are not in shape themselves have as many values a row. */
export function withRowShape<Some extends NDArray | StoredColumn>(column: Some, shape: readonly number[]): Some {
  return { ...column, shape: [column.shape[0] ?? 0, ...shape] };
}
