/** Numbers that a reader makes of a file, before they are checked and converted. */
type RawValues =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** An array that a reader makes of a file. Row-major. */
export interface RawArray {
  /** What to call it in messages: `"digits.csv"`. */
  readonly title: string;
  readonly file: string;
  readonly shape: readonly number[];
  readonly values: RawValues;
}
