import { Worker } from "node:worker_threads";
import type { Problem } from "../../errors.js";
import { BatchRing } from "./batch-ring.js";
import type { LoaderMessage, LoaderSetup } from "./messages.js";

/** Milliseconds that a loader gets to end by itself. */
const grace = 1000;
/** Milliseconds between two looks whether it has left the engine. */
const pollInterval = 20;

/** A loader thread as its worker sees it. It ends with the thread that started it. */
export class LoaderThread {
  readonly ring: BatchRing;
  readonly #thread: Worker;
  readonly #exited: Promise<void>;
  readonly #failures = new Map<number, readonly Problem[]>();
  #lost: readonly Problem[] | undefined;
  #isAlive = true;
  #isEnding = false;

  constructor(setup: LoaderSetup) {
    this.ring = new BatchRing(setup.ring);
    this.#thread = new Worker(new URL("./loader-main.js", import.meta.url), {
      workerData: setup,
      name: "paramserv loader",
    });
    this.#thread.on("message", (message: LoaderMessage) => {
      if (message.kind === "lost") this.#lost = message.problems;
      else this.#failures.set(message.number, message.problems);
    });
    this.#thread.on("error", (error) => {
      this.#lost ??= [failure(`a loader thread ended: ${error.name}: ${error.message}`)];
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.on("exit", (status) => {
        this.#isAlive = false;
        if (!this.#isEnding) this.#lost ??= [failure(`a loader thread ended with exit status ${status}`)];
        resolve();
      });
    });
  }

  /** Why no batch will come any more; undefined as long as they do. Known after a turn of the event loop. */
  get lost(): readonly Problem[] | undefined {
    return this.#lost;
  }

  /** Why a batch failed. Known after a turn of the event loop. */
  takeFailure(number: number): readonly Problem[] | undefined {
    const problems = this.#failures.get(number);
    this.#failures.delete(number);
    return problems;
  }

  /** Ends the thread: after the batch that it makes, or else, where that takes long, in the middle of it. */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.ring.stop();
    await this.#exitWithin(grace);
    while (this.#isAlive && this.ring.isInEngine) await this.#exitWithin(pollInterval);
    if (this.#isAlive) await this.#thread.terminate();
  }

  async #exitWithin(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([this.#exited, late]);
    clearTimeout(timer);
  }
}

function failure(message: string): Problem {
  return { code: "DATA_LOADER_FAILED", message };
}
