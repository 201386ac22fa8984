import type { RawArray } from "../raw-array.js";
import type { DataSource } from "../source.js";

/** Options that say where in a file features and labels are. */
export type NameOption = "features" | "labelsName" | "labelColumn";

/** What is wanted of a file. */
export interface DataRequest {
  /** "features": labels come from another file. "labels": this is that file. */
  readonly want: "both" | "features" | "labels";
  /** Names of the arrays, where a format has names. */
  readonly features?: string | undefined;
  readonly labelsName?: string | undefined;
  /** CSV: name of the label column, or its number counted from 1. */
  readonly labelColumn?: string | number | undefined;
}

/** What a file holds, as far as it was wanted. */
export interface RawData {
  readonly features?: RawArray;
  readonly labels?: RawArray;
  readonly validation?: { readonly features: RawArray; readonly labels: RawArray };
  /** Where labels were words: the word of each class number. */
  readonly classNames?: readonly string[];
  /** Decisions the reader made that the user should see. */
  readonly notes: readonly string[];
}

/** One row of the format table in `formats/index.ts`. */
export interface DataFormat {
  readonly description: string;
  /** Lower-case, with the dot. */
  readonly extensions: readonly string[];
  /** Options of the reader that mean something in this format. */
  readonly takes: readonly NameOption[];
  /** Whether the first bytes (decompressed) are those of this format. */
  recognises(head: Uint8Array): boolean;
  read(source: DataSource, request: DataRequest): Promise<RawData>;
}
