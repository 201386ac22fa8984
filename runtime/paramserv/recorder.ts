import type { Update } from "./protocol/types.js";
import { type LossPart, meansOf, ScalarSums, type Sums } from "./scalars.js";
import type { EpochRecord, TrainingEvent, TrainingMeans } from "./types.js";

interface RecorderOptions {
  /** Rows of an epoch, all workers together, and epochs. */
  readonly epochRows: number;
  readonly epochs: number;
  /** Whether learning goes on while an epoch is validated. */
  readonly overlapsValidation: boolean;
  /** What the total loss of the training, and of the validation, is made of. */
  readonly losses: readonly LossPart[];
  readonly validationLosses: readonly LossPart[];
  /** The learning rate by iteration, as updates count it. Absent where nobody knows: a user function makes the updates. */
  rateAt?(iteration: number): number;
  /** Seconds, from any origin. */
  now(): number;
  emit(event: TrainingEvent): void;
}

/** Figures of a run so far. */
export interface Counts {
  readonly updates: number;
  readonly pushes: number;
  /** Rows applied. */
  readonly samples: number;
  readonly staleness: { readonly sum: number; readonly max: number };
  /** Seconds from the first weights given out, without the validations that learning waited for. */
  readonly trainingSeconds: number;
  readonly epochs: readonly EpochRecord[];
}

/** Seconds between two progress events. */
const progressInterval = 0.1;

/** Follows a run on the server's side: means of each epoch, progress events, counts. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #epochs: EpochRecord[] = [];
  /** Of the pushes applied in this epoch, and of the batches learned from since it began. */
  readonly #applied = new ScalarSums();
  readonly #learning = new ScalarSums();
  #learned = 0;
  #updates = 0;
  /** Of the last update. */
  #iteration = 0;
  #pushes = 0;
  #samples = 0;
  #staleness = { sum: 0, max: 0 };
  #beganAt: number | undefined;
  #epochBeganAt = 0;
  #endedAt: number | undefined;
  #pausedSeconds = 0;
  #lastProgress = Number.NEGATIVE_INFINITY;
  /** The epoch whose validation is under way. */
  #open: { readonly record: EpochRecord; readonly endedAt: number; readonly beganAt: number } | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** The first weights are given out. */
  begin(): void {
    if (this.#beganAt !== undefined) return;
    this.#beganAt = this.#options.now();
    this.#epochBeganAt = this.#beganAt;
  }

  /** A worker has learned from some rows. */
  learned(sums: Sums): void {
    this.#learned += sums.rows;
    this.#learning.add(sums);
    const now = this.#options.now();
    if (now - this.#lastProgress < progressInterval) return;
    this.#lastProgress = now;
    const { epochRows, epochs, losses } = this.#options;
    const total = epochRows * epochs;
    const rate = this.#learned / Math.max(this.#trainingSeconds(now), 1e-9);
    this.#options.emit({
      event: "progress",
      epoch: Math.min(epochs, this.#epochs.length + (this.#open === undefined ? 1 : 2)),
      updates: this.#updates,
      samples: this.#learned,
      total_samples: total,
      ...this.#learningRate,
      train: trainingMeans(losses, this.#learning),
      samples_per_second: rate,
      seconds_left: (total - this.#learned) / rate,
    });
  }

  /** An update is complete; `pushed` are the scalars of its contributions, in their order. */
  updated(
    { contributions, iteration }: Update,
    staleness: readonly number[],
    pushed: readonly Sums["scalars"][],
  ): void {
    this.#updates += 1;
    this.#iteration = iteration;
    for (const [index, { rows }] of contributions.entries()) {
      this.#pushes += 1;
      this.#samples += rows;
      this.#applied.add({ rows, scalars: pushed[index] ?? {} });
      const stale = staleness[index] ?? 0;
      this.#staleness = { sum: this.#staleness.sum + stale, max: Math.max(this.#staleness.max, stale) };
    }
  }

  epochEnd(epoch: number, validating: boolean): void {
    const now = this.#options.now();
    const seconds = now - this.#epochBeganAt;
    const record: EpochRecord = {
      epoch,
      updates: this.#updates,
      ...this.#learningRate,
      train: trainingMeans(this.#options.losses, this.#applied),
      samples_per_second: this.#applied.rows / Math.max(seconds, 1e-9),
      seconds,
    };
    const beganAt = this.#epochBeganAt;
    this.#epochBeganAt = now;
    this.#applied.clear();
    this.#learning.clear();
    if (validating) this.#open = { record, endedAt: now, beganAt };
    else this.#close(record);
  }

  /** The validation of an epoch is complete. */
  validated({ scalars }: Sums): void {
    if (this.#open === undefined) return;
    const { record, endedAt, beganAt } = this.#open;
    const now = this.#options.now();
    const validation = meansOf(this.#options.validationLosses, scalars);
    if (!this.#options.overlapsValidation) {
      this.#pausedSeconds += now - endedAt;
      this.#epochBeganAt = now;
    }
    this.#open = undefined;
    this.#close({ ...record, validation, seconds: now - beganAt });
  }

  /** The run has ended. An epoch that was not validated any more is recorded without. */
  end(): Counts {
    if (this.#open !== undefined) this.#close(this.#open.record);
    this.#open = undefined;
    this.#endedAt ??= this.#options.now();
    return {
      updates: this.#updates,
      pushes: this.#pushes,
      samples: this.#samples,
      staleness: this.#staleness,
      trainingSeconds: this.#trainingSeconds(this.#endedAt),
      epochs: this.#epochs,
    };
  }

  /** Seconds at which the first weights were given out; undefined if none were. */
  get beganAt(): number | undefined {
    return this.#beganAt;
  }

  #trainingSeconds(now: number): number {
    return this.#beganAt === undefined ? 0 : now - this.#beganAt - this.#pausedSeconds;
  }

  #close(record: EpochRecord): void {
    this.#epochs.push(record);
    this.#options.emit({ event: "epoch", ...record });
  }

  get #learningRate(): Pick<EpochRecord, "learning_rate"> {
    const { rateAt } = this.#options;
    return rateAt === undefined ? {} : { learning_rate: rateAt(this.#iteration) };
  }
}

function trainingMeans(losses: readonly LossPart[], { scalars }: ScalarSums): TrainingMeans {
  return { loss: Number.NaN, ...meansOf(losses, scalars) };
}
