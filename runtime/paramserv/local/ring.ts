import { internalError } from "../../errors.js";

/** The words of a ring, shared between the thread that puts and the thread that takes. */
export interface RingWords {
  /** Records put so far, and records taken; each on a cache line of its own. */
  readonly counts: Int32Array;
  readonly records: Float64Array;
  /** Doubles of a record. */
  readonly length: number;
}

const putAt = 0;
const takenAt = 16;
const capacity = 64;

/** Records of numbers from one thread to another through shared memory, in order, without locks. */
export class Ring {
  readonly #words: RingWords;

  constructor(words: RingWords) {
    this.#words = words;
  }

  static words(length: number): RingWords {
    return {
      counts: new Int32Array(new SharedArrayBuffer(2 * takenAt * Int32Array.BYTES_PER_ELEMENT)),
      records: new Float64Array(new SharedArrayBuffer(capacity * length * Float64Array.BYTES_PER_ELEMENT)),
      length,
    };
  }

  /** Puts a record; false while there is no room. */
  put(values: readonly number[]): boolean {
    const { counts, length, records } = this.#words;
    if (values.length > length)
      throw internalError(`a record has ${values.length} numbers; there is room for ${length}`);
    const put = Atomics.load(counts, putAt);
    if (put - Atomics.load(counts, takenAt) >= capacity) return false;
    records.set(values, (put % capacity) * length);
    Atomics.store(counts, putAt, put + 1);
    Atomics.notify(counts, putAt);
    return true;
  }

  /** The next record, valid until the next call; undefined while there is none. */
  take(): Float64Array | undefined {
    const { counts, length, records } = this.#words;
    const taken = Atomics.load(counts, takenAt);
    if (taken === Atomics.load(counts, putAt)) return undefined;
    const record = records.slice((taken % capacity) * length, ((taken % capacity) + 1) * length);
    Atomics.store(counts, takenAt, taken + 1);
    Atomics.notify(counts, takenAt);
    return record;
  }

  /** Blocks the thread until there is a record to take. */
  waitToTake(): void {
    const { counts } = this.#words;
    const taken = Atomics.load(counts, takenAt);
    Atomics.wait(counts, putAt, taken);
  }

  /** Blocks the thread until a record has been taken, or for some milliseconds. */
  waitToPut(milliseconds: number): void {
    const { counts } = this.#words;
    const taken = Atomics.load(counts, takenAt);
    if (Atomics.load(counts, putAt) - taken >= capacity) Atomics.wait(counts, takenAt, taken, milliseconds);
  }
}
