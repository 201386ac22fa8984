import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Problem } from "../../errors.js";
import type { Actor } from "../protocol/types.js";
import { problemsOf } from "../user-function.js";
import { EngineGate } from "../worker/engine-gate.js";
import type { Order, Report, WorkerSetup } from "./messages.js";
import { ServerSignals } from "./signal-channel.js";
import { workerName } from "./worker.js";

export interface ThreadEvents {
  report(thread: WorkerThread, report: Report): void;
  /** The thread has ended without being told to: another may do what it did. */
  lost(thread: WorkerThread, problems: readonly Problem[]): void;
  /** What runs in the thread has done something that it would do again: the run is over. */
  failed(problems: readonly Problem[]): void;
}

/** One worker thread as the server sees it. */
export class WorkerThread {
  readonly actor: Actor;
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #signals: ServerSignals | undefined;
  readonly #exited: Promise<void>;
  readonly #gate: EngineGate;
  readonly #events: ThreadEvents;
  #ending = false;
  #alive = true;
  /** What it threw, if it did. */
  #thrown: readonly Problem[] | undefined;

  constructor(setup: Omit<WorkerSetup, "port">, events: ThreadEvents) {
    const name = workerName(setup);
    const { port1, port2 } = new MessageChannel();
    this.actor = setup.actor;
    this.#events = events;
    this.#port = port1;
    this.#signals = setup.signals && new ServerSignals(setup.signals);
    this.#gate = new EngineGate(setup.gates, setup.actor.worker);
    this.#thread = new Worker(new URL("./worker-main.js", import.meta.url), {
      workerData: { ...setup, port: port2 } satisfies WorkerSetup,
      transferList: [port2],
      name: `paramserv ${name}`,
    });
    port1.on("message", (report: Report) => {
      // What was signalled before comes first.
      this.hear();
      events.report(this, report);
    });
    port1.unref();
    // The thread's public port is not used: what comes from it is a user function's.
    this.#thread.on("message", () => {
      events.failed([{ code: "WORKER_FAILED", message: `${name} posted a message of its own`, hint: noMessages }]);
    });
    this.#thread.on("messageerror", (error) => events.failed(problemsOf(error, name)));
    this.#thread.on("error", (error) => {
      this.#thrown = problemsOf(error, name);
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.on("exit", (status) => {
        this.#alive = false;
        port1.close();
        resolve();
        if (!this.#ending) this.#lost(name, status);
      });
    });
  }

  #lost(name: string, status: number): void {
    const message = `${name} ended with exit status ${status} before its work was done`;
    const hint = "user functions must not call process.exit";
    this.#events.lost(this, this.#thrown ?? [{ code: "WORKER_FAILED", message, hint }]);
  }

  send(order: Order): void {
    if (this.#signals === undefined) this.#port.postMessage(order);
    else this.#signals.send(order);
  }

  /** Hears what the worker has signalled since. */
  hear(): void {
    if (this.#signals === undefined) return;
    for (const report of this.#signals.reports()) this.#events.report(this, report);
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
