import type { Figures } from "../figures.js";
import { type LossPart, meansOf, ScalarSums, type Sums } from "../scalars.js";
import type { CurvePoint, EpochRecord, TrainingEvent, TrainingMeans } from "../types.js";
import { Curve } from "./curve.js";
import { noCounts, type OpenEpoch, type RunCounts, type RunFold } from "./fold.js";
import { RunClock } from "./run-clock.js";
import { statisticsOf } from "./statistics.js";
import type { Statistics } from "./types.js";
import { type Account, type Actor, WorkerAccounts } from "./worker-accounts.js";

export interface RecorderOptions {
  /** Rows of an epoch, all workers together, and epochs. */
  readonly epochRows: number;
  readonly epochs: number;
  /** Workers that the run was planned for. */
  readonly workers: number;
  /** Whether learning goes on while an epoch is validated. */
  readonly overlapsValidation: boolean;
  /** What the total loss of the training, and of the validation, is made of. */
  readonly losses: readonly LossPart[];
  readonly validationLosses: readonly LossPart[];
  /** The learning rate by iteration, as updates count it. Absent where nobody knows: a user function makes the updates. */
  rateAt?(iteration: number): number;
  /** Seconds, from any origin; never goes back. */
  now(): number;
  /** When this session started, by `now`. Default: when the recorder is made. */
  readonly startedAt?: number | undefined;
  emit(event: TrainingEvent): void;
}

/** A push of an update, as the protocol tells it. */
export interface RecordedPush {
  readonly slot: number;
  readonly worker: number;
  readonly rows: number;
  readonly batches: number;
  /** Updates between its pull and this update. */
  readonly staleness: number;
  /** Scalars of all its rows, and batches that were skipped. */
  readonly figures: Pick<Figures, "scalars" | "skipped">;
}

/** What a run ends with. */
export interface Recorded {
  readonly epochs: readonly EpochRecord[];
  readonly curve: readonly CurvePoint[];
  readonly statistics: Statistics;
}

/** Seconds between two progress events. */
const progressInterval = 0.1;

/**
 * Follows a run on the server's side: means of each epoch, progress events, counts, and what each worker did. Its whole
 * state goes into a checkpoint by {@link Recorder.save} and comes back by the constructor.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #clock: RunClock;
  readonly #workers: WorkerAccounts;
  readonly #curve: Curve;
  readonly #epochs: EpochRecord[];
  /** Of the pushes applied in this epoch, and of the batches learned from since it began. */
  readonly #applied: ScalarSums;
  readonly #learning: ScalarSums;
  #counts: RunCounts;
  /** Rows learned from, applied or not. */
  #learned: number;
  #epochBeganAt: number;
  #paused: number;
  #open: readonly OpenEpoch[];
  #endedAt: number | undefined;
  #lastProgress = Number.NEGATIVE_INFINITY;

  /** `earlier`: where the run goes on from. */
  constructor(options: RecorderOptions, earlier?: RunFold) {
    this.#options = options;
    this.#clock = new RunClock(options.now, options.startedAt ?? options.now(), earlier?.clock);
    this.#workers = new WorkerAccounts(earlier?.workers);
    this.#curve = new Curve(earlier?.curve);
    this.#epochs = [...(earlier?.epochs ?? [])];
    this.#applied = new ScalarSums(earlier?.applied);
    this.#counts = earlier?.counts ?? noCounts;
    this.#epochBeganAt = earlier?.epochBeganAt ?? 0;
    this.#paused = earlier?.paused ?? 0;
    this.#open = earlier?.open ?? [];
    // What was learned from and not applied is learned from again.
    this.#learning = new ScalarSums(earlier?.applied);
    this.#learned = this.#counts.samples + this.#counts.dropped.rows;
  }

  /** The first weights of this session are given out. May be called again. */
  begin(): void {
    if (this.#clock.hasBegun) return;
    const setup = this.#clock.begin();
    // Setting up is no part of an epoch.
    this.#epochBeganAt += setup;
    this.#open = this.#open.map((one) => ({ ...one, beganAt: one.beganAt + setup, endedAt: one.endedAt + setup }));
  }

  /** A worker says where its time went since it started; with any of its messages. */
  heard(actor: Actor, account: Account): void {
    this.#workers.heard(actor, account);
  }

  /** A worker holds a slot from now on. */
  leased(actor: Actor, slot: number): void {
    this.#workers.started(actor);
    this.#workers.leased(actor.worker, slot);
  }

  /** A worker is lost. */
  lost(): void {
    this.#counts = { ...this.#counts, lostWorkers: this.#counts.lostWorkers + 1 };
  }

  /** A worker has learned from some rows. */
  learned(sums: Sums): void {
    this.#learned += sums.rows;
    this.#learning.add(sums);
    const now = this.#clock.seconds;
    if (now - this.#lastProgress < progressInterval) return;
    this.#lastProgress = now;
    const { epochRows, epochs, losses } = this.#options;
    const total = epochRows * epochs;
    const samples = Math.min(total, Math.max(this.#learned, this.#counts.samples + this.#counts.dropped.rows));
    const rate = samples / Math.max(this.#trainingSeconds(now), 1e-9);
    this.#options.emit({
      event: "progress",
      epoch: Math.min(epochs, this.#epochs.length + this.#open.length + 1),
      updates: this.#counts.updates,
      samples,
      total_samples: total,
      ...this.#learningRate,
      train: trainingMeans(losses, this.#learning),
      samples_per_second: rate,
      seconds_left: (total - samples) / rate,
    });
  }

  /** An update is complete. */
  updated({
    contributions,
    iteration,
  }: {
    readonly iteration: number;
    readonly contributions: readonly RecordedPush[];
  }): void {
    const sums = new ScalarSums();
    for (const push of contributions) this.#applyPush(push, sums);
    const updates = this.#counts.updates + 1;
    this.#counts = { ...this.#counts, updates, iteration };
    this.#curve.add({ updates, ...this.#learningRate, scalars: sums.scalars });
  }

  /** A push counts no more. */
  dropped({ slot, rows }: { readonly slot: number; readonly rows: number }): void {
    const { dropped } = this.#counts;
    this.#counts = { ...this.#counts, dropped: { pushes: dropped.pushes + 1, rows: dropped.rows + rows } };
    this.#workers.dropped(slot);
  }

  epochEnd(epoch: number, validating: boolean): void {
    const endedAt = this.#clock.seconds;
    const seconds = endedAt - this.#epochBeganAt;
    const record: EpochRecord = {
      epoch,
      updates: this.#counts.updates,
      ...this.#learningRate,
      train: trainingMeans(this.#options.losses, this.#applied),
      samples_per_second: this.#applied.rows / Math.max(seconds, 1e-9),
      seconds,
    };
    const beganAt = this.#epochBeganAt;
    this.#epochBeganAt = endedAt;
    this.#applied.clear();
    this.#learning.clear();
    if (validating) this.#open = [...this.#open, { record, endedAt, beganAt }];
    else this.#close(record);
  }

  /** The validation of an epoch is complete. */
  validated({ scalars }: Sums): void {
    const [first, ...others] = this.#open;
    if (first === undefined) return;
    const { record, endedAt, beganAt } = first;
    const now = this.#clock.seconds;
    const validation = meansOf(this.#options.validationLosses, scalars);
    if (!this.#options.overlapsValidation) {
      this.#paused += now - endedAt;
      this.#epochBeganAt = now;
    }
    this.#open = others;
    this.#close({ ...record, validation, seconds: now - beganAt });
  }

  /** A checkpoint is saved, which took so many seconds beside the training. */
  saved(seconds: number): void {
    const { count, seconds: before } = this.#counts.checkpoints;
    this.#counts = { ...this.#counts, checkpoints: { count: count + 1, seconds: before + seconds } };
  }

  /** The statistics of the update made last, for a checkpoint. */
  save(): RunFold {
    return {
      clock: this.#clock.save(),
      counts: this.#counts,
      paused: this.#paused,
      epochs: [...this.#epochs],
      epochBeganAt: this.#epochBeganAt,
      applied: { rows: this.#applied.rows, scalars: this.#applied.scalars },
      open: this.#open,
      workers: this.#workers.save(),
      curve: this.#curve.save(),
    };
  }

  /** Updates made, and rows that count no more to come: applied or dropped. */
  get progress(): { readonly updates: number; readonly rows: number } {
    const { updates, samples, dropped } = this.#counts;
    return { updates, rows: samples + dropped.rows };
  }

  /** The run has ended. An epoch that was not validated any more is recorded without. */
  end(): Recorded {
    for (const { record } of this.#open) this.#close(record);
    this.#open = [];
    this.#endedAt ??= this.#clock.seconds;
    const trainingSeconds = this.#trainingSeconds(this.#endedAt);
    const statistics = statisticsOf({
      counts: this.#counts,
      byWorker: this.#workers.statistics(trainingSeconds),
      workers: this.#options.workers,
      seconds: this.#endedAt,
      setupSeconds: this.#clock.setupUntil(this.#endedAt),
      trainingSeconds,
    });
    return { epochs: this.#epochs, curve: this.#curve.points(this.#options.losses), statistics };
  }

  #applyPush(push: RecordedPush, sums: ScalarSums): void {
    const { worker, slot, rows, staleness, figures } = push;
    const { pushes, samples, skipped, staleness: before } = this.#counts;
    this.#workers.leased(worker, slot);
    this.#workers.applied(push);
    this.#applied.add({ rows, scalars: figures.scalars });
    sums.add({ rows, scalars: figures.scalars });
    this.#counts = {
      ...this.#counts,
      pushes: pushes + 1,
      samples: samples + rows,
      skipped: skipped + figures.skipped,
      staleness: { sum: before.sum + staleness, max: Math.max(before.max, staleness) },
    };
  }

  #trainingSeconds(now: number): number {
    return now - this.#clock.setupUntil(now) - this.#paused;
  }

  #close(record: EpochRecord): void {
    this.#epochs.push(record);
    this.#options.emit({ event: "epoch", ...record });
  }

  get #learningRate(): Pick<EpochRecord, "learning_rate"> {
    const { rateAt } = this.#options;
    return rateAt === undefined ? {} : { learning_rate: rateAt(this.#counts.iteration) };
  }
}

function trainingMeans(losses: readonly LossPart[], { scalars }: ScalarSums): TrainingMeans {
  return { loss: Number.NaN, ...meansOf(losses, scalars) };
}
