/**
 * What happens while training, as plain data. `paramserv train --json` prints these and others, one a line
 * (`runtime/report/events.ts`).
 */
export type TrainingEvent = StartEvent | ProgressEvent | EpochEvent;

/** What is about to be trained. */
export interface StartEvent {
  readonly event: "start";
  readonly parameters: number;
  readonly rows: number;
  readonly validation_rows: number;
  readonly k: number;
  readonly epochs: number;
  readonly batchsize: number;
  /** Pushes that the whole run will make, all workers together. */
  readonly pushes: number;
  /** Of the first batch. Absent where `agg` is a user function. */
  readonly learning_rate?: number;
}

/** At most about ten a second. */
export interface ProgressEvent extends ProgressRecord {
  readonly event: "progress";
}

/** An epoch has ended, and its validation. */
export interface EpochEvent extends EpochRecord {
  readonly event: "epoch";
}

/**
 * Means over rows, by name: `loss` is the total, Σ weight · mean over the network's losses; then metrics by their name, and
 * each loss of a network that has several. What no row had any weight in is left out.
 */
export type Means = Readonly<Record<string, number>>;

/** {@link Means} over the rows learned from. */
export type TrainingMeans = Means & {
  /** NaN where a user `upd` returns no `loss`, and where no row had any weight in it. */
  readonly loss: number;
};

/** How far a run is. */
export interface ProgressRecord {
  readonly epoch: number;
  /** Updates made so far. */
  readonly updates: number;
  /** Rows learned from so far, and in the whole run. */
  readonly samples: number;
  readonly total_samples: number;
  /** Of the last update; until there is one, of the first batch. Absent where `agg` is a user function. */
  readonly learning_rate?: number;
  /** Over the epoch so far. */
  readonly train: TrainingMeans;
  readonly samples_per_second: number;
  readonly seconds_left: number;
}

/** One epoch. */
export interface EpochRecord {
  readonly epoch: number;
  /** Updates made so far. */
  readonly updates: number;
  /** Of the epoch's last update, before multipliers of single variables. Absent where `agg` is a user function. */
  readonly learning_rate?: number;
  /** Over the rows learned from, each with the weights that it was learned with. */
  readonly train: TrainingMeans;
  /** Over the validation rows, with the weights at the epoch's end. Absent where there are no such rows. */
  readonly validation?: Means;
  /** Of the training, without the validation. */
  readonly samples_per_second: number;
  /** Wall seconds, validation included. */
  readonly seconds: number;
}

/** A point of the curves of a run: means over the rows of a few updates in a row. */
export interface CurvePoint {
  /** Updates made when the last of them was. */
  readonly updates: number;
  /** Of the last of them. Absent where `agg` is a user function. */
  readonly learning_rate?: number;
  /** What no row had any weight in is left out. */
  readonly train: Means;
}

/** One update. */
export interface StepRecord {
  /** Updates made, this one among them. */
  readonly update: number;
  /** The epoch that its rows are of, from 1. */
  readonly epoch: number;
  readonly rows: number;
  /** Absent where `agg` is a user function. */
  readonly learning_rate?: number;
  /** Over the rows of the update. */
  readonly train: TrainingMeans;
}
