/** Int32 words of a 64-byte cache line: one line a part. */
const stride = 16;
const versionAt = 0;
const stateAt = 1;

/** Where a part of an update is. */
export interface Progress {
  /** The chunk to go on with. */
  readonly next: number;
  /** Whether its new values lie whole in the part's scratch and have only to be copied to their place. */
  readonly committing: boolean;
}

/**
 * Says, across threads, how far each part of the update under way is, so that a part whose maker dies can be gone on with
 * by another: a chunk is made in scratch, which leaves what it is made of as it was, and then copied to its place, which
 * may be done again. Each word changes at once; nothing is counted twice and nothing left out, wherever the maker dies.
 */
export class Journal {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Shared words for so many parts. */
  static words(parts: number): Int32Array {
    return new Int32Array(new SharedArrayBuffer(parts * stride * Int32Array.BYTES_PER_ELEMENT));
  }

  /** Begins a part of the update to `version` + 1 at the chunk `first`, or goes on with what another began. */
  begin(part: number, version: number, first: number): Progress {
    const line = part * stride;
    // Versions are counted from 0; a word that nobody wrote is 0.
    const mark = version + 1;
    if (Atomics.load(this.#words, line + versionAt) !== mark) {
      Atomics.store(this.#words, line + stateAt, 2 * first);
      Atomics.store(this.#words, line + versionAt, mark);
    }
    const state = Atomics.load(this.#words, line + stateAt);
    return { next: state >> 1, committing: (state & 1) === 1 };
  }

  /** The new values of the chunk lie whole in the part's scratch. */
  committing(part: number, chunk: number): void {
    Atomics.store(this.#words, part * stride + stateAt, 2 * chunk + 1);
  }

  /** They lie in their place. */
  committed(part: number, chunk: number): void {
    Atomics.store(this.#words, part * stride + stateAt, 2 * (chunk + 1));
  }
}
