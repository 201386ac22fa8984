import type { MessagePort } from "node:worker_threads";
import { Codec, type Names, recordLength } from "./codec.js";
import type { Order, Report, WorkerEnd } from "./messages.js";
import { Ring, type RingWords } from "./ring.js";

/** Shared memory for the signals between the server and one worker. Plain data that goes to the thread. */
export interface SignalWords {
  readonly names: Names;
  readonly orders: RingWords;
  readonly reports: RingWords;
  /** Rung for every report, one word for all workers. */
  readonly doorbell: Int32Array;
}

export function signalWords(doorbell: Int32Array, slots: number, names: Names): SignalWords {
  const length = recordLength(slots, names);
  return { names, orders: Ring.words(length), reports: Ring.words(length), doorbell };
}

/** Milliseconds between two looks whether the server has taken something from a full ring. */
const patience = 100;

/**
 * The worker's end: sleeps on a word of shared memory until there is an order. A message from one thread to another costs
 * twice as much, which shows where steps are short.
 */
export function workerSignals({ names, orders, reports, doorbell }: SignalWords, port: MessagePort): WorkerEnd {
  const codec = new Codec(names);
  const [incoming, outgoing] = [new Ring(orders), new Ring(reports)];
  return {
    async serve(work) {
      for (;;) {
        const record = incoming.take();
        if (record === undefined) {
          incoming.waitToTake();
          continue;
        }
        const order = codec.decodeOrder(record);
        if (order.kind === "end") return;
        await work(order);
      }
    },
    send(report) {
      const values = codec.encodeReport(report);
      if (values === undefined) {
        port.postMessage(report);
        return;
      }
      while (!outgoing.put(values)) outgoing.waitToPut(patience);
      Atomics.add(doorbell, 0, 1);
      Atomics.notify(doorbell, 0);
    },
    close: () => port.close(),
  };
}

/** The server's end. */
export class ServerSignals {
  readonly #codec: Codec;
  readonly #orders: Ring;
  readonly #reports: Ring;

  constructor({ names, orders, reports }: SignalWords) {
    this.#codec = new Codec(names);
    this.#orders = new Ring(orders);
    this.#reports = new Ring(reports);
  }

  /** False where a worker does not take its orders: it is gone. */
  send(order: Order): boolean {
    return this.#orders.put(this.#codec.encodeOrder(order));
  }

  /** What the worker has reported since, in order. */
  *reports(): Generator<Report> {
    for (;;) {
      const record = this.#reports.take();
      if (record === undefined) return;
      yield this.#codec.decodeReport(record);
    }
  }
}
