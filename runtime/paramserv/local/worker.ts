import { assertNever, RunError } from "../../errors.js";
import { ScalarSums, type Sums } from "../scalars.js";
import type { Copying } from "../shards/copying.js";
import type { UpdateOrder } from "../shards/updating.js";
import { problemsOf } from "../user-function.js";
import { type EngineGate, GateClosed } from "../worker/engine-gate.js";
import type { Evaluation } from "../worker/evaluation.js";
import type { Learner } from "../worker/learner.js";
import type { Stopwatch } from "../worker/stopwatch.js";
import type { Order, Report, Said, WorkerSetup } from "./messages.js";

export interface WorkerParts {
  readonly setup: WorkerSetup;
  readonly learner: Learner;
  /** Who makes updates: the optimizer, or a user function. */
  readonly updating: { make(order: UpdateOrder): void | Promise<void> };
  readonly copying: Copying;
  readonly evaluation: Evaluation | undefined;
  readonly gate: EngineGate;
  readonly stopwatch: Stopwatch;
  send(report: Report): void;
}

type Work = Exclude<Order, { kind: "end" }>;
type Of<Kind extends Order["kind"]> = Extract<Order, { kind: Kind }>;

/** Seconds between two signs of progress at most. */
const progressInterval = 0.1;

/** A worker at work: does what the server orders, one order at a time, and says so. Knows nothing of threads. */
export class TrainingWorker {
  readonly #parts: WorkerParts;
  #seq = 0;
  #learned = new ScalarSums();
  #toldAt = performance.now();

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  /** Says that the worker is ready. */
  join(): void {
    this.#say({ kind: "join" });
  }

  async handle(order: Work): Promise<void> {
    this.#parts.stopwatch.mark("wait");
    try {
      await this.#do(order);
    } catch (error) {
      // The run has ended: nobody waits for this order any more.
      if (error instanceof GateClosed) return;
      this.#say({ kind: "fail", problems: problemsOf(error, workerName(this.#parts.setup)) });
    }
  }

  async #do(order: Work): Promise<void> {
    switch (order.kind) {
      case "grant":
        return this.#learn(order);
      case "apply":
        return this.#apply(order);
      case "copy":
        return this.#copy(order);
      case "evaluate":
        return this.#evaluate(order);
      default:
        return assertNever(order, "order");
    }
  }

  async #learn({ kind: _kind, ...item }: Of<"grant">): Promise<void> {
    const { learner, gate } = this.#parts;
    const { slot, clock } = item;
    const figures = await learner.learn(item, {
      pulled: () => this.#say({ kind: "pulled", slot, clock }),
      learned: (sums) => this.#tell(sums),
      check: () => {
        if (gate.isClosed) throw new GateClosed();
      },
    });
    this.#tellLearned();
    this.#say({ kind: "push", slot, clock, rows: figures.rows, figures });
  }

  /** A sign of progress between two pushes, now and then. */
  #tell(sums: Sums): void {
    this.#learned.add(sums);
    if (performance.now() - this.#toldAt >= progressInterval * 1000) this.#tellLearned();
  }

  /** What was learned from and not told; of a push that is one batch, the push tells it. */
  #tellLearned(): void {
    const { rows, scalars } = this.#learned;
    if (rows === 0) return;
    this.#parts.send({ kind: "learned", from: this.#parts.setup.actor, sums: { rows, scalars } });
    this.#learned = new ScalarSums();
    this.#toldAt = performance.now();
  }

  async #apply({ kind: _kind, ...order }: Of<"apply">): Promise<void> {
    await this.#parts.updating.make(order);
    this.#parts.stopwatch.mark("update");
    const { version, phase, part } = order;
    this.#say({ kind: "applied", version, phase, part });
  }

  async #copy({ version, part, parts }: Of<"copy">): Promise<void> {
    this.#parts.copying.copy({ part, parts });
    this.#parts.stopwatch.mark("validation");
    this.#say({ kind: "copied", version, part });
  }

  async #evaluate({ epoch, part, parts }: Of<"evaluate">): Promise<void> {
    const { evaluation, learner, stopwatch } = this.#parts;
    if (evaluation === undefined) throw new RunError({ code: "INTERNAL", message: "nothing can evaluate" });
    const sums = await evaluation.evaluate(epoch, { part, parts });
    stopwatch.mark("validation");
    this.#say({ kind: "evaluated", epoch, part, figures: learner.figures(sums) });
  }

  #say(said: Said): void {
    this.#seq += 1;
    const { actor } = this.#parts.setup;
    this.#parts.send({ kind: "message", message: { from: actor, seq: this.#seq, ...said } });
  }
}

/** What messages call a worker. */
export function workerName({ actor }: Pick<WorkerSetup, "actor">): string {
  return `worker ${actor.worker}`;
}
