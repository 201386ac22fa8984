/** What `Atomics.waitAsync` gives; ECMAScript 2024, in Node since 16. */
type Waiting = { readonly async: true; readonly value: Promise<string> } | { readonly async: false };
const { waitAsync } = Atomics as unknown as {
  readonly waitAsync: (words: Int32Array, index: number, value: number) => Waiting;
};

/** Rounds without a pause after which timers and signals get their turn. */
const patience = 64;

/** Wakes the main thread, which must not block, when a worker has rung. */
export class Doorbell {
  readonly words = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #closed = false;

  /** Calls `answer` after every ring, until it is closed. */
  async listen(answer: () => void): Promise<void> {
    for (let round = 1; !this.#closed; round++) {
      const rung = Atomics.load(this.words, 0);
      answer();
      if (this.#closed) return;
      const waiting = waitAsync(this.words, 0, rung);
      if (waiting.async) await waiting.value;
      else if (round % patience === 0) await new Promise(setImmediate);
    }
  }

  close(): void {
    this.#closed = true;
    Atomics.add(this.words, 0, 1);
    Atomics.notify(this.words, 0);
  }
}
