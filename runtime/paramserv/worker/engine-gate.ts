import type { Session } from "../../engines/engine.js";

const inUse = 1;
const closed = 2;
/** Int32 words of a 64-byte cache line: one line a worker. */
const stride = 16;

/** Thrown to a worker that would use its engine after the run has ended. */
export class GateClosed extends Error {}

/**
 * Says, across threads, whether a worker is inside native code. Ending a thread there by force takes the whole process
 * down (onnxruntime-node 1.30: "terminate called after throwing an instance of 'Napi::Error'"), so the server first closes
 * the gate, then waits until nobody is inside. Workers also look at it between batches, to end soon.
 */
export class EngineGate {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, rank: number) {
    this.#words = words;
    this.#index = rank * stride;
  }

  /** Shared words for the gates of so many workers, all open. */
  static words(workers: number): Int32Array {
    return new Int32Array(new SharedArrayBuffer(workers * stride * Int32Array.BYTES_PER_ELEMENT));
  }

  get isClosed(): boolean {
    return (Atomics.load(this.#words, this.#index) & closed) !== 0;
  }

  get isInUse(): boolean {
    return (Atomics.load(this.#words, this.#index) & inUse) !== 0;
  }

  /** The server: before another thread takes the place of one that has ended. */
  open(): void {
    Atomics.store(this.#words, this.#index, 0);
  }

  /** The server: nobody gets in any more. */
  close(): void {
    Atomics.or(this.#words, this.#index, closed);
  }

  /** The worker: runs native code, or throws GateClosed. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (Atomics.compareExchange(this.#words, this.#index, 0, inUse) !== 0) throw new GateClosed();
    return this.#leaveAfter(work);
  }

  /** The worker: gives native resources back, which it may also after the gate has closed. */
  async release(work: () => Promise<void>): Promise<void> {
    Atomics.or(this.#words, this.#index, inUse);
    return this.#leaveAfter(work);
  }

  async #leaveAfter<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      Atomics.and(this.#words, this.#index, ~inUse);
    }
  }
}

/** A session that is used through a gate. */
export function gatedSession(session: Session, gate: EngineGate): Session {
  return {
    weights: session.weights,
    pushed: session.pushed,
    step: (batch) => gate.run(() => session.step(batch)),
    evaluate: (batch) => gate.run(() => session.evaluate(batch)),
    weigh: (batch) => gate.run(() => session.weigh(batch)),
    close: () => gate.release(() => session.close()),
  };
}
