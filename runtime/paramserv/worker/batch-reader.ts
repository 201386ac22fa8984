import { BatchAssembler } from "../../data/assembly/batch-assembler.js";
import type { BatchArray } from "../../data/assembly/column-assembler.js";
import { batchArrays, type RowBatch, rowBatch } from "../../data/assembly/row-batch.js";
import { type Dataset, rowsOf } from "../../data/types.js";

export type { RowBatch } from "../../data/assembly/row-batch.js";

/** Makes batches of a dataset as they are asked for, in arrays that the next batch overwrites. */
export class BatchReader {
  readonly #dataset: Dataset;
  readonly #most: number;
  #assembler: BatchAssembler | undefined;
  #arrays: readonly BatchArray[] = [];

  /** @param most rows of the largest batch */
  constructor(dataset: Dataset, most: number) {
    this.#dataset = dataset;
    this.#most = Math.min(most, rowsOf(dataset));
  }

  /**
   * Done when it returns where all columns are in memory and no image is resized; the first batch is a promise always. One
   * batch at a time.
   */
  read(rows: Int32Array, epoch = 0): RowBatch | Promise<RowBatch> {
    if (this.#assembler === undefined) return this.#open().then(() => this.read(rows, epoch));
    const { columns } = this.#assembler;
    const reading = this.#assembler.assemble({ rows, epoch }, this.#arrays);
    const batch = (): RowBatch => rowBatch(columns, this.#arrays, rows);
    return reading === undefined ? batch() : reading.then(batch);
  }

  async #open(): Promise<void> {
    this.#assembler = await BatchAssembler.open(this.#dataset);
    this.#arrays = batchArrays(this.#assembler.columns, this.#most);
  }

  async close(): Promise<void> {
    await this.#assembler?.close();
    this.#assembler = undefined;
  }
}
