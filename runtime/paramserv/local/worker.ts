import type { StepResult } from "../../engines/engine.js";
import { assertNever, RunError } from "../../errors.js";
import { plannedPush, pushesAnEpoch } from "../protocol/plan.js";
import { type LossPart, ScalarSums, type Sums, totalLoss } from "../scalars.js";
import { problemsOf } from "../user-function.js";
import { validationBatches } from "../validation-batches.js";
import { BatchReader, type RowBatch } from "./batch-reader.js";
import { type EngineGate, GateClosed } from "./engine-gate.js";
import type { BatchPlace, Evaluator, GradientSource } from "./gradient-source.js";
import type { Order, Report, WorkerSetup } from "./messages.js";
import { rowsOfEpoch } from "./row-order.js";
import type { SharedArrays } from "./shared-arrays.js";
import type { Stopwatch } from "./stopwatch.js";
import type { Updater } from "./updater.js";

export interface WorkerParts {
  readonly setup: WorkerSetup;
  readonly source: GradientSource;
  readonly evaluator: Evaluator | undefined;
  readonly updater: Updater;
  readonly shared: SharedArrays;
  readonly gate: EngineGate;
  readonly stopwatch: Stopwatch;
  /** Adds what a batch gave to what the next push carries, or starts that anew. */
  collect(pushed: Float32Array, anew: boolean): void;
  send(report: Report): void;
}

type Of<Kind extends Order["kind"]> = Extract<Order, { kind: Kind }>;

/** A worker at work: does what the server orders, one order at a time, and reports. Knows nothing of threads. */
export class TrainingWorker {
  readonly #parts: WorkerParts;
  readonly #training: BatchReader;
  readonly #validation: BatchReader | undefined;
  #epoch = -1;
  #order: Int32Array = new Int32Array(0);

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    const { training, validation, options, rows } = parts.setup;
    this.#training = new BatchReader(training, Math.min(options.batchsize, rows.length));
    this.#validation = validation && new BatchReader(validation, options.batchsize);
  }

  /** Says that the worker is ready, and asks for the first weights. */
  join(): void {
    const { rank: worker } = this.#parts.setup;
    this.#report({
      messages: [
        { kind: "join", worker },
        { kind: "pull", worker, clock: 0 },
      ],
    });
  }

  async handle(order: Exclude<Order, { kind: "end" }>): Promise<void> {
    this.#parts.stopwatch.busy();
    try {
      await this.#do(order);
    } catch (error) {
      // The run has ended: nobody waits for this order any more.
      if (error instanceof GateClosed) return;
      const { rank: worker } = this.#parts.setup;
      this.#report({ messages: [{ kind: "fail", worker, problems: problemsOf(error, `worker ${worker}`) }] });
    }
    this.#parts.stopwatch.idle();
  }

  async #do(order: Exclude<Order, { kind: "end" }>): Promise<void> {
    switch (order.kind) {
      case "grant":
        return this.#learn(order);
      case "apply":
        return this.#apply(order);
      case "evaluate":
        return this.#evaluate(order);
      default:
        return assertNever(order, "order");
    }
  }

  /** Pull, the batches of one push with a local step after each but the last, push. */
  async #learn({ clock, iteration, totals }: Of<"grant">): Promise<void> {
    const { setup, source, updater, collect, gate, stopwatch } = this.#parts;
    const { rank: worker, plan } = setup;
    await stopwatch.measure("pull", () => updater.pull(source.weights));
    this.#report({ messages: [{ kind: "pulled", worker, clock }] });
    const { rows, batches } = plannedPush(plan, clock);
    const { order, epoch, start, first } = this.#placeOf(clock);
    const pushed = new ScalarSums();
    for (let index = 0; index < batches; index++) {
      const from = start + index * plan.batchsize;
      const numbers = order.subarray(from, Math.min(from + plan.batchsize, start + rows));
      const place = { epoch, batch: first + index, ...(totals && { totals }) };
      if (gate.isClosed) throw new GateClosed();
      const learned = await this.#step(numbers, place);
      pushed.add(learned);
      await stopwatch.measure("gradient", () => collect(source.pushed, index === 0));
      if (index === batches - 1) this.#push(clock, learned, { rows, scalars: pushed.scalars });
      else await this.#stepLocally(learned, iteration + index, place);
    }
  }

  /** Where in its epoch a push begins: the epoch's order of rows, the first of its rows and of its batches. */
  #placeOf(clock: number): {
    readonly order: Int32Array;
    readonly epoch: number;
    readonly start: number;
    readonly first: number;
  } {
    const { plan, options, rank, rows } = this.#parts.setup;
    const pushes = pushesAnEpoch(plan);
    const epoch = Math.floor(clock / pushes);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#order = rowsOfEpoch({ rows, reshuffle: options.reshuffle, seed: options.seed, rank }, epoch);
    }
    const index = clock % pushes;
    const first = index * Math.ceil(plan.rowsPerPush / plan.batchsize);
    return { order: this.#order, epoch, start: index * plan.rowsPerPush, first };
  }

  async #step(rows: Int32Array, place: BatchPlace): Promise<Sums> {
    const { source, stopwatch } = this.#parts;
    const batch = await stopwatch.measure("batch", () => this.#training.read(rows));
    const scalars = await stopwatch.measure("gradient", () => source.step(batch, place));
    checkLoss(source.losses, scalars, this.#where(place));
    return { rows: rows.length, scalars };
  }

  async #stepLocally(learned: Sums, iteration: number, place: BatchPlace): Promise<void> {
    const { setup, source, updater, stopwatch } = this.#parts;
    const { weights, pushed } = source;
    const { trained } = setup.layout;
    const where = this.#where(place);
    await stopwatch.measure("update", async () => {
      await updater.stepLocally({ weights, gradients: pushed.subarray(0, trained), iteration, where });
      weights.set(pushed.subarray(trained), trained);
    });
    this.#report({ messages: [], learned });
  }

  #where({ epoch, batch }: BatchPlace): string {
    return `worker ${this.#parts.setup.rank}, epoch ${epoch + 1}, batch ${batch + 1}`;
  }

  #push(clock: number, learned: Sums, pushed: Sums): void {
    const { rank: worker, plan, options } = this.#parts.setup;
    const push = { kind: "push", worker, clock, rows: pushed.rows } as const;
    const more = clock + 1 < pushesAnEpoch(plan) * options.epochs;
    const messages = more ? [push, { kind: "pull", worker, clock: clock + 1 } as const] : [push];
    this.#report({ messages, learned, pushed });
  }

  async #apply({ update, part, parts }: Of<"apply">): Promise<void> {
    const { setup, updater, stopwatch } = this.#parts;
    await stopwatch.measure("update", () => updater.apply(update, { index: part, of: parts }));
    this.#report({ messages: [{ kind: "applied", worker: setup.rank, version: update.version }] });
  }

  async #evaluate({ epoch, part, parts }: Of<"evaluate">): Promise<void> {
    const { setup, stopwatch } = this.#parts;
    const { rows, scalars } = await stopwatch.measure("validation", () => this.#evaluatePart(epoch, part, parts));
    const message = { kind: "evaluated", worker: setup.rank, epoch, part } as const;
    this.#report({ messages: [message], evaluated: { rows, scalars } });
  }

  async #evaluatePart(epoch: number, part: number, parts: number): Promise<Sums> {
    const { evaluator, shared, setup } = this.#parts;
    const sums = new ScalarSums();
    const { options, validationRows: rows } = setup;
    evaluator?.weights.set(shared.snapshot ?? []);
    for (const numbers of validationBatches(rows, options.batchsize, { part, parts })) {
      const batch: RowBatch | undefined = this.#validation?.read(numbers);
      if (batch === undefined || evaluator === undefined) continue;
      const scalars = await evaluator.evaluate(batch);
      checkLoss(evaluator.losses, scalars, `the validation of epoch ${epoch}`);
      sums.add({ rows: numbers.length, scalars });
    }
    return sums;
  }

  #report(report: Omit<Report, "seconds">): void {
    this.#parts.send({ ...report, seconds: this.#parts.stopwatch.seconds });
  }
}

/** Ends a run that has diverged instead of training on with numbers that mean nothing. Only the loss is looked at: it is free. */
function checkLoss(losses: readonly LossPart[], scalars: StepResult, where: string): void {
  const loss = totalLoss(losses, scalars);
  if (loss === undefined || Number.isFinite(loss)) return;
  throw new RunError({
    code: "TRAINING_DIVERGED",
    message: `the loss is ${loss} in ${where}; expected a finite number`,
    hint: "lower the learning rate, and look for values in the data that are far out or not finite",
  });
}
