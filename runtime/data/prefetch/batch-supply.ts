import { BatchAssembler } from "../assembly/batch-assembler.js";
import type { BatchArray } from "../assembly/column-assembler.js";
import { type BatchRequest, batchArrays, batchColumns, type RowBatch, rowBatch } from "../assembly/row-batch.js";
import { isStored } from "../stored-column.js";
import { type Column, type Dataset, rowsOf } from "../types.js";
import { PrefetchedSupply } from "./prefetched-supply.js";

/**
 * Where a worker gets its batches.
 *
 * ```ts
 * const supply = await openSupply(dataset, { most: batchsize, prefetch });
 * supply.announce(batchesOfTheEpoch);            // as early as they are known; again when the order changes
 * for (const request of batchesOfTheEpoch) {
 *   const batch = await supply.next(request);     // is there already, where loading is faster than computing
 *   …                                              // the arrays are the worker's own until it asks for the next
 * }
 * await supply.close();
 * ```
 */
export interface BatchSupply {
  /** A batch; one at a time. What was announced before it and not taken is left out. */
  next(request: BatchRequest): RowBatch | Promise<RowBatch>;
  /**
   * Says which batches come next, in their order, in place of what was said before. What is being made and still wanted
   * goes on. A batch that was not announced is made when it is asked for.
   */
  announce(requests: readonly BatchRequest[]): void;
  /** Seconds that `next` took to be done, all together: without a loader those in which batches were made. */
  readonly waited: number;
  /** How many batches a loader made; the others were made when they were asked for. */
  readonly ahead: number;
  close(): Promise<void>;
}

export interface SupplyOptions {
  /** Rows of the largest batch. */
  readonly most: number;
  /** Batches ahead. 0: each is made when it is asked for. Default: {@link defaultPrefetch}. */
  readonly prefetch?: number | undefined;
}

/**
 * 2 batches where rows are read from files, or images are resized or changed: one to take while the next is made. 0 where
 * rows are in memory and at most converted and scaled: a batch of that takes less than waking a thread for it pays.
 */
export function defaultPrefetch({ features, labels }: Pick<Dataset, "features" | "labels">): number {
  const all = [...Object.values(features), ...Object.values(labels)];
  return all.some(isSlow) ? 2 : 0;
}

function isSlow(column: Column): boolean {
  if (!isStored(column)) return false;
  const { source, steps } = column;
  return source.kind !== "memory" || steps?.layout?.resizeFrom !== undefined || steps?.augmentation !== undefined;
}

/** Opens the batches of a dataset, whose arrays are in shared memory. Throws a RunError `DATA_*`. */
export async function openSupply(
  dataset: Pick<Dataset, "features" | "labels">,
  { most: asked, prefetch = defaultPrefetch(dataset) }: SupplyOptions,
): Promise<BatchSupply> {
  const most = Math.min(asked, rowsOf(dataset));
  const direct = new DirectSupply(await BatchAssembler.open(dataset), most);
  if (prefetch === 0) return direct;
  return new PrefetchedSupply({ dataset, direct, columns: batchColumns(dataset), depth: prefetch, most });
}

/** Batches that are made when they are asked for. */
class DirectSupply implements BatchSupply {
  readonly #assembler: BatchAssembler;
  readonly #arrays: readonly BatchArray[];
  #waited = 0;

  constructor(assembler: BatchAssembler, most: number) {
    this.#assembler = assembler;
    this.#arrays = batchArrays(assembler.columns, most);
  }

  next(request: BatchRequest): RowBatch | Promise<RowBatch> {
    const start = performance.now();
    const done = (): RowBatch => {
      this.#waited += (performance.now() - start) / 1000;
      return rowBatch(this.#assembler.columns, this.#arrays, request.rows);
    };
    const making = this.#assembler.assemble(request, this.#arrays);
    return making === undefined ? done() : making.then(done);
  }

  announce(): void {}

  get ahead(): number {
    return 0;
  }

  get waited(): number {
    return this.#waited;
  }

  close(): Promise<void> {
    return this.#assembler.close();
  }
}
