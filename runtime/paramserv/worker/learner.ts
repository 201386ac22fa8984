import type { StepResult } from "../../engines/engine.js";
import { internalError, type RunError } from "../../errors.js";
import type { VariableBuffer } from "../../program/types.js";
import type { Assignment } from "../assign.js";
import { diverged } from "../diverged.js";
import type { Figures } from "../figures.js";
import { plannedPush, pushesAnEpoch } from "../protocol/plan.js";
import type { SlotId } from "../protocol/types.js";
import { type LossPart, ScalarSums, type Sums, totalLoss } from "../scalars.js";
import type { BatchReader } from "./batch-reader.js";
import type { BatchPlace, GradientSource } from "./gradient-source.js";
import type { Parameters } from "./parameters.js";
import { batchesOfEpoch, rowsOfEpoch } from "./row-order.js";
import type { Stopwatch } from "./stopwatch.js";
import type { UpdateTotals } from "./update-totals.js";

/** A piece of work: the pull, the batches and the push of a slot at a clock. */
export interface Item {
  readonly slot: SlotId;
  readonly clock: number;
  readonly version: number;
  readonly iteration: number;
  /** Of the update that the push will be part of, where that is needed. */
  readonly totals?: UpdateTotals | undefined;
}

/** What to do about numbers that are not finite. */
export type NonFinite = "stop" | "skip" | "restore";

export interface LearnerOptions {
  readonly worker: string;
  readonly assignments: readonly Assignment[];
  readonly layout: VariableBuffer;
  readonly epochs: number;
  readonly reshuffle: boolean;
  readonly seed: number;
  readonly source: GradientSource;
  readonly batches: BatchReader;
  readonly parameters: Parameters;
  readonly stopwatch: Stopwatch;
  /** Whether pushes carry models: then each batch makes a step. */
  readonly models: boolean;
  readonly nonFinite: NonFinite;
}

/** What a learner tells while it is at an item. */
export interface LearnerEvents {
  /** The weights are read. */
  pulled(): void;
  /** A batch of several is learned from. */
  learned(sums: Sums): void;
  /** Throws where the run has ended. */
  check(): void;
}

/** Learns from the rows of slots: pull, the batches of one push with a local step between them, push. */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #bytes = { pulled: 0, pushed: 0 };
  #order: { readonly slot: SlotId; readonly epoch: number; readonly rows: Int32Array } | undefined;

  constructor(options: LearnerOptions) {
    this.#options = options;
  }

  async learn(item: Item, events: LearnerEvents): Promise<Figures> {
    const { source, parameters, stopwatch } = this.#options;
    const { slot, clock } = item;
    await parameters.pull(slot, source.weights);
    this.#bytes.pulled += parameters.bytes.pull;
    stopwatch.mark("pull");
    events.pulled();
    const { plan, copy } = this.#assignment(slot);
    const { rows, batches } = plannedPush(plan, clock);
    const { order, epoch, start, first } = this.#placeOf(slot, clock);
    const sums = new ScalarSums();
    let skipped = 0;
    for (let index = 0; index < batches; index++) {
      const from = start + index * plan.batchsize;
      const numbers = order.subarray(from, Math.min(from + plan.batchsize, start + rows));
      const place = { epoch, batch: first + index, copy, ...(item.totals && { totals: item.totals }) };
      events.check();
      const learned = await this.#learnBatch({ item, numbers, place, index, isLast: index === batches - 1 });
      if (learned === undefined) skipped += 1;
      else sums.add(learned);
      if (learned !== undefined && batches > 1) events.learned(learned);
    }
    const { finite } = await parameters.push({ ...item, rows });
    this.#bytes.pushed += parameters.bytes.push;
    stopwatch.mark("push");
    // A push whose sums are not finite counts as if none of its batches were.
    return { ...this.figures({ rows, scalars: sums.scalars }), skipped: finite ? skipped : batches };
  }

  /** What the worker tells with its messages. */
  figures({ rows, scalars }: Sums): Figures {
    return { rows, scalars, seconds: this.#options.stopwatch.seconds, bytes: { ...this.#bytes }, skipped: 0 };
  }

  /** Learns from one batch; undefined where its numbers are not finite and the run goes on. */
  async #learnBatch(batch: {
    readonly item: Item;
    readonly numbers: Int32Array;
    readonly place: BatchPlace;
    readonly index: number;
    readonly isLast: boolean;
  }): Promise<Sums | undefined> {
    const { batches, source, parameters, stopwatch, models, nonFinite, worker } = this.#options;
    const { item, numbers, place, index, isLast } = batch;
    const { slot, version, iteration } = item;
    const where = `${worker}, epoch ${place.epoch + 1}, batch ${place.batch + 1}`;
    const read = await batches.read(numbers, place.epoch);
    stopwatch.mark("load");
    const scalars = await source.step(read, place);
    stopwatch.mark("compute");
    const isSound = hasFiniteLoss(source.losses, scalars);
    if (!isSound && nonFinite === "stop") throw divergence(source.losses, scalars, where);
    if (!isSound) this.#blank();
    parameters.collect(slot, source.pushed, index === 0 || models);
    stopwatch.mark("push");
    if (isSound && (models || !isLast)) {
      const { weights, pushed } = source;
      // Averaged slots have seen the steps of all batches, those of the server one step an update.
      const updates = (models ? iteration : version) + index;
      await parameters.step({ slot, weights, pushed, updates, iteration: iteration + index, where });
      stopwatch.mark("update");
    }
    return isSound ? { rows: numbers.length, scalars } : undefined;
  }

  /** Gradients of nothing: zeros, and the state that there was. */
  #blank(): void {
    const { source, layout } = this.#options;
    source.pushed.fill(0, 0, layout.trained);
    source.pushed.set(source.weights.subarray(layout.trained, layout.pushed), layout.trained);
  }

  /** Where in its epoch a push begins: the epoch's order of rows, the first of its rows and of its batches. */
  #placeOf(slot: SlotId, clock: number) {
    const { reshuffle, seed, epochs, batches } = this.#options;
    const { plan, rows } = this.#assignment(slot);
    const pushes = pushesAnEpoch(plan);
    const epoch = Math.floor(clock / pushes);
    if (this.#order?.slot !== slot || this.#order.epoch !== epoch) {
      const order = { rows, reshuffle, seed, rank: slot };
      this.#order = { slot, epoch, rows: rowsOfEpoch(order, epoch) };
      // The next epoch, too, so that its first batches are there when it begins.
      const next = epoch + 1 < epochs ? batchesOfEpoch(rowsOfEpoch(order, epoch + 1), plan, epoch + 1) : [];
      batches.announce([...batchesOfEpoch(this.#order.rows, plan, epoch), ...next]);
    }
    const index = clock % pushes;
    const first = index * Math.ceil(plan.rowsPerPush / plan.batchsize);
    return { order: this.#order.rows, epoch, start: index * plan.rowsPerPush, first };
  }

  #assignment(slot: SlotId): Assignment {
    const assignment = this.#options.assignments[slot];
    if (assignment === undefined) throw internalError(`nothing is assigned to slot ${slot}`);
    return assignment;
  }
}

/** Only the loss is looked at: it is free. */
export function hasFiniteLoss(losses: readonly LossPart[], scalars: StepResult): boolean {
  const loss = totalLoss(losses, scalars);
  return loss === undefined || Number.isFinite(loss);
}

/** Ends a run that has diverged instead of training on with numbers that mean nothing. */
export function divergence(losses: readonly LossPart[], scalars: StepResult, where: string): RunError {
  return diverged(`the loss is ${totalLoss(losses, scalars)} in ${where}; expected a finite number`);
}
