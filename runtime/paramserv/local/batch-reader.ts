import { gatherRows } from "../../data/gather.js";
import type { Dataset, NDArray } from "../../data/types.js";

/** Rows gathered for one step. The arrays are private to the worker and overwritten by the next batch. */
export interface RowBatch {
  /** Row numbers in the dataset. */
  readonly rows: Int32Array;
  readonly features: NDArray<Float32Array>;
  readonly labels: NDArray;
}

/** Gathers batches of a dataset into two buffers. */
export class BatchReader {
  readonly #features: Column<Float32Array>;
  readonly #labels: Column<Float32Array> | Column<Int32Array>;

  /** @param most rows of the largest batch */
  constructor({ features, labels }: Dataset, most: number) {
    this.#features = new Column(
      { shape: features.shape, data: features.data },
      new Float32Array(bufferLength(features, most)),
    );
    const { shape, data } = labels;
    const length = bufferLength(labels, most);
    this.#labels =
      data instanceof Int32Array
        ? new Column<Int32Array>({ shape, data }, new Int32Array(length))
        : new Column<Float32Array>({ shape, data }, new Float32Array(length));
  }

  read(rows: Int32Array): RowBatch {
    return { rows, features: this.#features.gather(rows), labels: this.#labels.gather(rows) };
  }
}

class Column<Data extends Float32Array | Int32Array> {
  readonly #source: NDArray<Data>;
  readonly #buffer: Data;
  readonly #length: number;

  constructor(source: NDArray<Data>, buffer: Data) {
    this.#source = source;
    this.#buffer = buffer;
    this.#length = rowLength(source);
  }

  gather(rows: Int32Array): NDArray<Data> {
    gatherRows(this.#source.data, this.#length, rows, this.#buffer);
    const data = this.#buffer.subarray(0, rows.length * this.#length) as Data;
    return { shape: [rows.length, ...this.#source.shape.slice(1)], data };
  }
}

function rowLength({ shape, data }: NDArray): number {
  return data.length / (shape[0] ?? 1);
}

function bufferLength(array: NDArray, most: number): number {
  return Math.min(most, array.shape[0] ?? 0) * rowLength(array);
}
