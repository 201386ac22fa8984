import type { NDArray } from "../array.js";

/** The trained weights of a file. Nothing is read for the list; an array is read when it is asked for. */
export interface WeightSource {
  /** The file, for messages. */
  readonly file: string;
  /** In file order; the names are those of a network's variables. */
  readonly entries: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Reads one array. Throws an error of ours if the file does not hold it any more. */
  read(name: string): Promise<NDArray<Float32Array>>;
}
