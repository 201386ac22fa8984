/** An array with its shape; axis 0 counts the rows. Row-major. May be backed by shared memory. */
export interface NDArray<Data extends Float32Array | Int32Array = Float32Array | Int32Array> {
  readonly shape: readonly number[];
  readonly data: Data;
}
