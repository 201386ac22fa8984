import { gatherRows } from "../../data/gather.js";
import type { Columns, Dataset, NDArray } from "../../data/types.js";

/** Rows gathered for one step. The arrays are private to the worker and overwritten by the next batch. */
export interface RowBatch extends Dataset {
  /** Row numbers in the dataset. */
  readonly rows: Int32Array;
}

/** Gathers batches of a dataset into buffers, one a column. */
export class BatchReader {
  readonly #features: Gatherers;
  readonly #labels: Gatherers;

  /** @param most rows of the largest batch */
  constructor({ features, labels }: Dataset, most: number) {
    this.#features = gatherersOf(features, most);
    this.#labels = gatherersOf(labels, most);
  }

  read(rows: Int32Array): RowBatch {
    return { rows, features: gather(this.#features, rows), labels: gather(this.#labels, rows) };
  }
}

type Gatherers = Readonly<Record<string, Gatherer<Float32Array> | Gatherer<Int32Array>>>;

function gatherersOf(columns: Columns, most: number): Gatherers {
  const entries = Object.entries(columns).map(([name, { shape, data }]) => {
    const length = Math.min(most, shape[0] ?? 0) * rowLength({ shape, data });
    if (data instanceof Int32Array) return [name, new Gatherer({ shape, data }, new Int32Array(length))] as const;
    return [name, new Gatherer({ shape, data }, new Float32Array(length))] as const;
  });
  return Object.fromEntries(entries);
}

function gather(gatherers: Gatherers, rows: Int32Array): Columns {
  return Object.fromEntries(Object.entries(gatherers).map(([name, column]) => [name, column.gather(rows)]));
}

class Gatherer<Data extends Float32Array | Int32Array> {
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
