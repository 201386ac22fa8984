import { type Problem, RunError } from "../../errors.js";
import { filePath } from "../../stack.js";
import type { CheckedOptions } from "../options.js";
import type { Actor } from "../protocol/types.js";
import { EngineGate } from "../worker/engine-gate.js";
import { attempts } from "./config.js";
import type { Order, WorkerSetup } from "./messages.js";
import { type ThreadEvents, WorkerThread } from "./worker-thread.js";

type SetupOf = (actor: Actor) => Omit<WorkerSetup, "port">;

interface Member {
  readonly thread: WorkerThread;
  /** What it was last asked to do and has not answered, and when it last gave a sign of life, in milliseconds. */
  task: Order["kind"] | "start" | undefined;
  heardAt: number;
  /** Whether it has joined: before, nobody but the team knows of it. */
  joined: boolean;
}

type TeamOptions = Pick<CheckedOptions, "timeout" | "upd" | "agg" | "val" | "freq" | "modelAvg">;

/** The worker threads of a run: one a slot, each replaced when it dies. */
export class Team {
  readonly #options: TeamOptions;
  readonly #members = new Map<number, Member>();
  /** Threads that were replaced and may not have ended yet. */
  readonly #former: WorkerThread[] = [];
  #setupOf: SetupOf | undefined;
  #events: ThreadEvents | undefined;
  /** How often in a row a worker has died while it started. */
  readonly #failedStarts = new Map<number, number>();
  #isOver = false;

  constructor(options: TeamOptions) {
    this.#options = options;
  }

  start(workers: number, setupOf: SetupOf, events: ThreadEvents): void {
    this.#setupOf = setupOf;
    this.#events = {
      ...events,
      report: (thread, report) => {
        const member = this.#members.get(thread.actor.worker);
        if (member?.thread !== thread) return;
        member.heardAt = performance.now();
        member.joined = true;
        if (report.kind === "message" && report.message.kind !== "pulled") member.task = undefined;
        events.report(thread, report);
      },
      lost: (thread, problems) => this.#lost(thread, problems, events.lost),
    };
    for (let worker = 0; worker < workers; worker++) this.#add({ worker, incarnation: 0 });
  }

  send({ worker, incarnation }: Actor, order: Order): void {
    const member = this.#members.get(worker);
    if (member?.thread.actor.incarnation !== incarnation) return;
    member.task = order.kind;
    member.heardAt = performance.now();
    member.thread.send(order);
  }

  /** Starts another thread in the place of one that is lost. */
  replace({ worker, incarnation }: Actor): void {
    const member = this.#members.get(worker);
    if (this.#isOver || member?.thread.actor.incarnation !== incarnation) return;
    this.#former.push(member.thread);
    this.#add({ worker, incarnation: incarnation + 1 });
  }

  /** Hears what the workers have signalled since. */
  hear(): void {
    for (const { thread } of this.#members.values()) thread.hear();
  }

  /** Throws where a worker at work has given no sign of life for too long. */
  watch(): void {
    const { timeout } = this.#options;
    const latest = performance.now() - timeout * 1000;
    for (const [worker, { task, heardAt }] of this.#members) {
      if (task !== undefined && heardAt < latest) throw hung(worker, task, this.#options);
    }
  }

  /** Ends all threads, by force after `grace` milliseconds. */
  async end(grace: number): Promise<void> {
    this.#isOver = true;
    const threads = [...this.#former, ...[...this.#members.values()].map(({ thread }) => thread)];
    await Promise.all(threads.map((thread) => thread.end(grace)));
  }

  #lost(thread: WorkerThread, problems: readonly Problem[], tell: ThreadEvents["lost"]): void {
    const { worker, incarnation } = thread.actor;
    const member = this.#members.get(worker);
    if (member?.thread !== thread) return;
    if (member.joined) {
      this.#failedStarts.delete(worker);
      tell(thread, problems);
      return;
    }
    const failed = (this.#failedStarts.get(worker) ?? 0) + 1;
    this.#failedStarts.set(worker, failed);
    if (failed < attempts) this.replace({ worker, incarnation });
    else this.#events?.failed(problems);
  }

  #add(actor: Actor): void {
    if (this.#setupOf === undefined || this.#events === undefined) return;
    const setup = this.#setupOf(actor);
    new EngineGate(setup.gates, actor.worker).open();
    this.#members.set(actor.worker, {
      thread: new WorkerThread(setup, this.#events),
      task: "start",
      heardAt: performance.now(),
      joined: false,
    });
  }
}

const tasks = {
  start: "while starting",
  grant: "while it computes a push",
  apply: "while it makes an update",
  copy: "while it copies the weights",
  evaluate: "while it validates",
  end: "while it ends",
} as const satisfies Record<NonNullable<Member["task"]>, string>;

function hung(
  worker: number,
  task: keyof typeof tasks,
  { timeout, upd, agg, val, freq, modelAvg }: TeamOptions,
): RunError {
  // Between the batches of a push, a worker makes steps of its own.
  const learning = freq === "BATCH" && !modelAvg ? [upd] : [upd, agg];
  const called: Partial<Record<keyof typeof tasks, readonly (typeof upd | typeof agg | typeof val)[]>> = {
    grant: learning,
    apply: [agg],
    evaluate: [val],
  };
  const references = (called[task] ?? []).flatMap((one) => (one !== undefined && "module" in one ? [one] : []));
  const hint = "a larger timeout lets it take longer";
  const [first] = references;
  if (first !== undefined) {
    const names = references.map(({ name }) => `"${name}"`).join(" or ");
    const message = `function ${names} has not returned for ${timeout} s in worker ${worker}`;
    return new RunError({ code: "USER_FUNCTION_HUNG", message, at: { file: filePath(first.module) }, hint });
  }
  const message = `worker ${worker} has given no sign of life for ${timeout} s ${tasks[task]}`;
  return new RunError({ code: "WORKER_FAILED", message, hint });
}
