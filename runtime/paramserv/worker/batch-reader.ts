import type { BatchRequest, RowBatch } from "../../data/assembly/row-batch.js";
import { type BatchSupply, openSupply } from "../../data/prefetch/batch-supply.js";
import type { Dataset } from "../../data/types.js";

export type { RowBatch } from "../../data/assembly/row-batch.js";

/** Batches of a dataset, in arrays that the next batch overwrites. Opens with the first. */
export class BatchReader {
  readonly #dataset: Dataset;
  readonly #most: number;
  readonly #prefetch: number | undefined;
  #supply: BatchSupply | undefined;
  #announced: readonly BatchRequest[] = [];

  /**
   * @param most rows of the largest batch
   * @param prefetch batches that a thread makes ahead; undefined: as the data need it
   */
  constructor(dataset: Dataset, most: number, prefetch: number | undefined) {
    this.#dataset = dataset;
    this.#most = most;
    this.#prefetch = prefetch;
  }

  /** A batch; a promise where it is not there at once, as for the first. One at a time. */
  read(rows: Int32Array, epoch = 0): RowBatch | Promise<RowBatch> {
    if (this.#supply === undefined) return this.#open().then((supply) => supply.next({ rows, epoch }));
    return this.#supply.next({ rows, epoch });
  }

  /** Says which batches come next. */
  announce(requests: readonly BatchRequest[]): void {
    this.#announced = requests;
    this.#supply?.announce(requests);
  }

  async #open(): Promise<BatchSupply> {
    this.#supply = await openSupply(this.#dataset, { most: this.#most, prefetch: this.#prefetch });
    this.#supply.announce(this.#announced);
    return this.#supply;
  }

  async close(): Promise<void> {
    await this.#supply?.close();
    this.#supply = undefined;
  }
}
