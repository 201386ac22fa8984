import type { BatchArray } from "../assembly/column-assembler.js";
import type { BatchColumn, BatchRequest } from "../assembly/row-batch.js";
import { checkMemory } from "../source.js";

/**
 * Batches that a loader thread makes ahead of a worker, in shared memory. Slots are used in turn. The worker writes what a
 * batch is made of into a slot and counts it as requested; the loader makes it there and counts it as filled; the worker
 * copies it and counts the slot as free, which nobody else needs to know. Each count has one writer, and none goes back.
 */
export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  readonly columns: readonly BatchColumn[];
  /** Slots. */
  readonly depth: number;
  /** Rows of the largest batch. */
  readonly most: number;
}

/** Words at the beginning: requested batches, filled ones, whether the loader is to stop, whether it is in an engine. */
const words = { requested: 0, filled: 1, stop: 2, engine: 3 } as const;
/** Words of a slot, before its row numbers: the epoch, how many rows, what became of it, whether nobody wants it. */
const slotWords = { epoch: 0, count: 1, outcome: 2, dropped: 3 } as const;
const headWords = 16;

/** What became of a request. */
const outcomes = { made: 0, failed: 1, skipped: 2 } as const;
export type Outcome = keyof typeof outcomes;

/** Parts begin at multiples of a cache line. */
const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Bytes of one slot, and where its parts begin. */
function slotPlan({ columns, most }: Pick<RingMemory, "columns" | "most">) {
  let bytes = aligned(4 * (headWords + most));
  const offsets = columns.map(({ length }) => {
    const offset = bytes;
    bytes += aligned(4 * most * length);
    return offset;
  });
  return { bytes, offsets };
}

/** Memory for `depth` batches. Throws DATA_TOO_LARGE for more than the machine has. */
export function allocateRing(shape: Omit<RingMemory, "buffer">): RingMemory {
  const bytes = 4 * headWords + shape.depth * slotPlan(shape).bytes;
  checkMemory(bytes, `prefetching ${shape.depth} batches of ${shape.most} rows`);
  return { ...shape, buffer: new SharedArrayBuffer(bytes) };
}

interface Slot {
  readonly head: Int32Array;
  readonly rows: Int32Array;
  readonly arrays: readonly BatchArray[];
}

/** One side's view of the memory. Batches are numbered from 0, in the order in which they were requested. */
export class BatchRing {
  readonly depth: number;
  readonly #words: Int32Array;
  readonly #slots: readonly Slot[];

  constructor(memory: RingMemory) {
    const { buffer, columns, depth, most } = memory;
    const { bytes, offsets } = slotPlan(memory);
    this.depth = depth;
    this.#words = new Int32Array(buffer, 0, headWords);
    this.#slots = Array.from({ length: depth }, (_, index) => {
      const start = 4 * headWords + index * bytes;
      const arrays = columns.map(({ dtype, length }, column) => {
        const part = [buffer, start + (offsets[column] ?? 0), most * length] as const;
        return dtype === "int32" ? new Int32Array(...part) : new Float32Array(...part);
      });
      const head = new Int32Array(buffer, start, headWords);
      return { head, rows: new Int32Array(buffer, start + 4 * headWords, most), arrays };
    });
  }

  #slot(number: number): Slot {
    return this.#slots[number % this.depth] as Slot;
  }

  /** The worker: asks for the next batch. There has to be a free slot. */
  request({ rows, epoch }: BatchRequest): void {
    const { head, rows: room } = this.#slot(this.requested);
    room.set(rows);
    head.set([epoch, rows.length, outcomes.made, 0]);
    Atomics.add(this.#words, words.requested, 1);
    Atomics.notify(this.#words, words.requested);
  }

  /** The worker: nobody will take this batch. It is not made, unless it is being made. */
  drop(number: number): void {
    Atomics.store(this.#slot(number).head, slotWords.dropped, 1);
  }

  /** The worker: what became of a batch; undefined until something has. */
  outcome(number: number): Outcome | undefined {
    if (this.filled <= number) return undefined;
    const found = Atomics.load(this.#slot(number).head, slotWords.outcome);
    return found === outcomes.made ? "made" : found === outcomes.failed ? "failed" : "skipped";
  }

  /** The worker: blocks until a batch more is filled, at most so many milliseconds. */
  awaitFilled(number: number, milliseconds: number): void {
    const { filled } = this;
    if (filled <= number) Atomics.wait(this.#words, words.filled, filled, milliseconds);
  }

  arrays(number: number): readonly BatchArray[] {
    return this.#slot(number).arrays;
  }

  /** The loader: blocks until there is a batch to make, at most so many milliseconds. */
  awaitRequest(milliseconds: number): BatchRequest | undefined {
    const number = this.filled;
    if (this.requested === number) Atomics.wait(this.#words, words.requested, number, milliseconds);
    if (this.requested === number || this.isStopped) return undefined;
    const { head, rows } = this.#slot(number);
    return { rows: rows.slice(0, head[slotWords.count]), epoch: head[slotWords.epoch] ?? 0 };
  }

  /** The loader: whether nobody waits for the batch that is to be made. */
  get isDropped(): boolean {
    return Atomics.load(this.#slot(this.filled).head, slotWords.dropped) === 1;
  }

  /** The loader: the batch that was asked for is there, or is not. */
  publish(outcome: Outcome): void {
    Atomics.store(this.#slot(this.filled).head, slotWords.outcome, outcomes[outcome]);
    Atomics.add(this.#words, words.filled, 1);
    Atomics.notify(this.#words, words.filled);
  }

  get requested(): number {
    return Atomics.load(this.#words, words.requested);
  }

  get filled(): number {
    return Atomics.load(this.#words, words.filled);
  }

  /** The worker: the loader is to end. */
  stop(): void {
    Atomics.store(this.#words, words.stop, 1);
    Atomics.notify(this.#words, words.requested);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, words.stop) === 1;
  }

  /** Whether the loader is in an engine, where it must not be ended by force: the process would end with it. */
  get isInEngine(): boolean {
    return Atomics.load(this.#words, words.engine) === 1;
  }

  set isInEngine(value: boolean) {
    Atomics.store(this.#words, words.engine, value ? 1 : 0);
  }
}
