import { Worker } from "node:worker_threads";
import type { Problem } from "../../errors.js";
import { problemsOf } from "../user-function.js";
import { EngineGate } from "./engine-gate.js";
import type { Order, Report, WorkerSetup } from "./messages.js";

export interface ThreadEvents {
  report(rank: number, report: Report): void;
  /** The thread has ended, or is about to, without being told to. */
  lost(rank: number, problems: readonly Problem[]): void;
}

/** One worker thread as the server sees it. */
export class WorkerThread {
  readonly #thread: Worker;
  readonly #exited: Promise<void>;
  readonly #gate: EngineGate;
  #ending = false;
  #alive = true;

  constructor(setup: WorkerSetup, events: ThreadEvents) {
    const { rank } = setup;
    const name = `worker ${rank}`;
    this.#gate = new EngineGate(setup.gates, rank);
    this.#thread = new Worker(new URL("./worker-main.js", import.meta.url), {
      workerData: setup,
      name: `paramserv ${name}`,
    });
    this.#thread.on("message", (report: unknown) => {
      if (isReport(report)) events.report(rank, report);
      else
        events.lost(rank, [
          { code: "WORKER_FAILED", message: `${name} posted a message of its own`, hint: noMessages },
        ]);
    });
    // What a thread leaves behind that cannot be read is lost, like the thread itself.
    this.#thread.on("messageerror", (error) => events.lost(rank, problemsOf(error, name)));
    this.#thread.on("error", (error) => events.lost(rank, problemsOf(error, name)));
    this.#exited = new Promise((resolve) => {
      this.#thread.on("exit", (status) => {
        this.#alive = false;
        resolve();
        if (this.#ending) return;
        const message = `${name} ended with exit status ${status} before its work was done`;
        events.lost(rank, [{ code: "WORKER_FAILED", message, hint: "user functions must not call process.exit" }]);
      });
    });
  }

  send(order: Order): void {
    this.#thread.postMessage(order);
  }

  /**
   * Asks the thread to end, and ends it by force after `grace` milliseconds, but never inside the engine: then when it has
   * left it, which is the end of one step. Resolves when the thread has ended.
   */
  async end(grace: number): Promise<void> {
    this.#ending = true;
    this.#gate.close();
    if (!this.#alive) return;
    this.send({ kind: "end" });
    if (await within(grace, this.#exited)) return;
    if (this.#gate.isInUse) {
      while (this.#gate.isInUse && this.#alive) await within(pollInterval, this.#exited);
      if (await within(grace, this.#exited)) return;
    }
    await this.#thread.terminate();
  }
}

const noMessages = "user functions must not use the port of their thread";

/** Whether a message is one of ours: user functions run in the same thread and can reach its port. */
function isReport(value: unknown): value is Report {
  if (typeof value !== "object" || value === null || !("messages" in value) || !("seconds" in value)) return false;
  return Array.isArray(value.messages) && typeof value.seconds === "object";
}

/** Milliseconds between two looks whether a thread has left the engine. */
const pollInterval = 20;

/** Whether a promise settles in time. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
