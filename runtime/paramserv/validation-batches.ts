/** One of several slices of the validation rows. */
export interface Slice {
  readonly part: number;
  readonly parts: number;
}

/** The batches of a slice, as row numbers. Whoever evaluates the same rows in the same batches gets the same bits. */
export function* validationBatches(rows: number, batchsize: number, { part, parts }: Slice): Generator<Int32Array> {
  const [start, end] = [Math.floor((rows * part) / parts), Math.floor((rows * (part + 1)) / parts)];
  for (let from = start; from < end; from += batchsize) {
    yield Int32Array.from({ length: Math.min(batchsize, end - from) }, (_, index) => from + index);
  }
}
