import { setImmediate, setTimeout } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { RunError } from "../../errors.js";
import type { BatchArray } from "../assembly/column-assembler.js";
import { type BatchColumn, type BatchRequest, batchArrays, type RowBatch, rowBatch } from "../assembly/row-batch.js";
import type { Dataset } from "../types.js";
import { allocateRing } from "./batch-ring.js";
import type { BatchSupply } from "./batch-supply.js";
import { LoaderThread } from "./loader-thread.js";

interface Parts {
  readonly dataset: Pick<Dataset, "features" | "labels">;
  /** Makes the batches that nobody announced. */
  readonly direct: BatchSupply;
  readonly columns: readonly BatchColumn[];
  /** Batches ahead. */
  readonly depth: number;
  readonly most: number;
}

/** A batch that the loader was asked for. */
interface Posted {
  readonly number: number;
  readonly request: BatchRequest;
  isDropped: boolean;
}

/** Milliseconds for which a worker that waits for a batch hears nothing else. */
const patience = 20;

/** Batches that a loader thread makes ahead. */
export class PrefetchedSupply implements BatchSupply {
  readonly #loader: LoaderThread;
  readonly #direct: BatchSupply;
  readonly #columns: readonly BatchColumn[];
  readonly #arrays: readonly BatchArray[];
  /** In the ring, in order. */
  #posted: Posted[] = [];
  /** Announced beyond what the ring has room for, in order. */
  #queue: readonly BatchRequest[] = [];
  #waited = 0;
  #ahead = 0;

  constructor({ dataset: { features, labels }, direct, columns, depth, most }: Parts) {
    this.#direct = direct;
    this.#columns = columns;
    this.#arrays = batchArrays(columns, most);
    this.#loader = new LoaderThread({ dataset: { features, labels }, ring: allocateRing({ columns, depth, most }) });
  }

  announce(requests: readonly BatchRequest[]): void {
    const wanted = this.#posted.filter(({ isDropped }) => !isDropped);
    let kept = 0;
    while (kept < wanted.length && isSame(wanted[kept]?.request, requests[kept])) kept += 1;
    for (const posted of wanted.slice(kept)) this.#drop(posted);
    this.#queue = requests.slice(kept);
    this.#post();
  }

  next(request: BatchRequest): RowBatch | Promise<RowBatch> {
    const index = this.#posted.findIndex((posted) => !posted.isDropped && isSame(posted.request, request));
    if (index < 0) return this.#nextUnposted(request);
    for (const stale of this.#posted.slice(0, index)) this.#drop(stale);
    const number = this.#posted[index]?.number ?? 0;
    if (this.#loader.ring.outcome(number) === "made") return this.#take(number, request);
    return this.#await(number, request);
  }

  /** It was not announced, or there was no room for it yet. */
  #nextUnposted(request: BatchRequest): RowBatch | Promise<RowBatch> {
    const place = this.#queue.findIndex((queued) => isSame(queued, request));
    if (place >= 0) {
      for (const stale of this.#posted) this.#drop(stale);
      this.#queue = this.#queue.slice(place + 1);
      this.#post();
    }
    return this.#direct.next(request);
  }

  async #await(number: number, request: BatchRequest): Promise<RowBatch> {
    const start = performance.now();
    try {
      const { ring } = this.#loader;
      while (ring.outcome(number) === undefined) {
        this.#throwIfLost();
        // The main thread must not block, for signals; nobody trains on it.
        if (isMainThread) await setTimeout(1);
        else ring.awaitFilled(number, patience);
        // What the thread's end and its messages say is heard in a turn of the event loop.
        await setImmediate();
      }
      if (ring.outcome(number) === "failed") throw new RunError(await this.#failureOf(number));
      return this.#take(number, request);
    } finally {
      this.#waited += (performance.now() - start) / 1000;
    }
  }

  #throwIfLost(): void {
    const { lost } = this.#loader;
    if (lost !== undefined) throw new RunError(lost);
  }

  /** The message was sent before the ring was told, and is on its way. */
  async #failureOf(number: number): Promise<ConstructorParameters<typeof RunError>[0]> {
    for (;;) {
      const problems = this.#loader.takeFailure(number) ?? this.#loader.lost;
      if (problems !== undefined) {
        this.#release(number);
        return problems;
      }
      await setTimeout(1);
    }
  }

  #take(number: number, request: BatchRequest): RowBatch {
    for (const [index, array] of this.#loader.ring.arrays(number).entries()) {
      const length = request.rows.length * (this.#columns[index]?.length ?? 0);
      // Engines take no shared memory.
      this.#arrays[index]?.set(array.subarray(0, length));
    }
    this.#ahead += 1;
    this.#release(number);
    return rowBatch(this.#columns, this.#arrays, request.rows);
  }

  /** The slots up to this batch are free. */
  #release(number: number): void {
    this.#posted = this.#posted.filter((posted) => posted.number > number);
    this.#post();
  }

  #drop(posted: Posted): void {
    posted.isDropped = true;
    this.#loader.ring.drop(posted.number);
  }

  /** Asks for as many batches as there are free slots. */
  #post(): void {
    const { ring } = this.#loader;
    // Dropped batches whose turn has passed leave their slots.
    while (this.#posted[0]?.isDropped === true && ring.outcome(this.#posted[0].number) !== undefined) {
      this.#posted.shift();
    }
    const [...requests] = this.#queue.slice(0, ring.depth - this.#posted.length);
    for (const request of requests) {
      this.#posted.push({ number: ring.requested, request, isDropped: false });
      ring.request(request);
    }
    this.#queue = this.#queue.slice(requests.length);
  }

  get ahead(): number {
    return this.#ahead;
  }

  get waited(): number {
    return this.#waited + this.#direct.waited;
  }

  async close(): Promise<void> {
    await Promise.all([this.#loader.close(), this.#direct.close()]);
  }
}

function isSame(a: BatchRequest | undefined, b: BatchRequest | undefined): boolean {
  if (a === undefined || b === undefined || a.epoch !== b.epoch || a.rows.length !== b.rows.length) return false;
  return a.rows === b.rows || a.rows.every((row, index) => row === b.rows[index]);
}
