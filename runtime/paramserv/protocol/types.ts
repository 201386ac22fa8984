import type { Problem } from "../../errors.js";
import type { AggregationName } from "./aggregations.js";
import type { StrategyName } from "./strategies.js";

/** A worker's rank: 0 … k − 1. Ranks order the sums, so results do not depend on who arrives first. */
export type WorkerId = number;

/** What a worker does in each epoch: its rows in batches, a push after every so many rows; the last of both may be smaller. */
export interface WorkerPlan {
  readonly rows: number;
  readonly batchsize: number;
  /** `batchsize` to push every batch, `rows` to push once an epoch. */
  readonly rowsPerPush: number;
}

export interface ProtocolConfig {
  readonly strategy: StrategyName;
  readonly aggregation: AggregationName;
  readonly epochs: number;
  /** One a worker; each has at least one row. */
  readonly plans: readonly WorkerPlan[];
  /** Whether each epoch ends with a validation. */
  readonly validate: boolean;
  /** Whether the workers that wait may share an update (element-wise optimizers), or one worker makes it. */
  readonly splitUpdates: boolean;
}

/**
 * What the server hears. `clock` counts the worker's pushes so far in the whole run, so a late or repeated message is
 * recognised.
 */
export type Message =
  | { readonly kind: "join"; readonly worker: WorkerId }
  /** Asks for the weights; the answer is a grant. May follow a push at once. */
  | { readonly kind: "pull"; readonly worker: WorkerId; readonly clock: number }
  /** The granted weights have been read. */
  | { readonly kind: "pulled"; readonly worker: WorkerId; readonly clock: number }
  /** The worker's gradients lie ready. They are its until the server has applied them. */
  | { readonly kind: "push"; readonly worker: WorkerId; readonly clock: number; readonly rows: number }
  /** The worker has made its part of an update. */
  | { readonly kind: "applied"; readonly worker: WorkerId; readonly version: number }
  | { readonly kind: "evaluated"; readonly worker: WorkerId; readonly epoch: number; readonly part: number }
  /** The worker goes; an error unless all its work is done. */
  | { readonly kind: "leave"; readonly worker: WorkerId }
  | { readonly kind: "fail"; readonly worker: WorkerId; readonly problems: readonly Problem[] }
  /** End early, with the last applied update. */
  | { readonly kind: "stop" };

export interface Contribution {
  readonly worker: WorkerId;
  readonly weight: number;
  readonly rows: number;
}

/** One update of the weights: weights ← optimizer(weights, Σ weight · gradients), contributions in order of rank. */
export interface Update {
  /** Updates before this one. */
  readonly version: number;
  /** Batches before this update on the longest path; what learning-rate schedules count. */
  readonly iteration: number;
  readonly contributions: readonly Contribution[];
  /** Who makes it; the j-th of n makes the j-th of n slices of every buffer. */
  readonly executors: readonly WorkerId[];
  /** Whether the updated weights are also copied for validation. */
  readonly snapshot: boolean;
}

/** What the server then does. */
export type Effect =
  /** The worker may read the weights now; no update is made until it has said `pulled`. */
  | {
      readonly kind: "grant";
      readonly worker: WorkerId;
      readonly clock: number;
      readonly version: number;
      readonly iteration: number;
    }
  /** Each executor makes its part and says `applied`; nobody reads or writes the weights meanwhile. */
  | { readonly kind: "apply"; readonly update: Update }
  /** An update is complete. Staleness: updates applied between each contribution's pull and this one. */
  | { readonly kind: "updated"; readonly update: Update; readonly staleness: readonly number[] }
  /** As many rows as an epoch holds have been applied once more. Epochs count from 1. */
  | { readonly kind: "epochEnd"; readonly epoch: number; readonly validating: boolean }
  /** The worker evaluates the `part`-th of `parts` slices of the validation rows on the snapshot. */
  | {
      readonly kind: "evaluate";
      readonly worker: WorkerId;
      readonly epoch: number;
      readonly part: number;
      readonly parts: number;
    }
  | { readonly kind: "validated"; readonly epoch: number }
  | { readonly kind: "finish"; readonly status: "completed" | "aborted" }
  /** The run is lost; every worker is to stop. */
  | { readonly kind: "fail"; readonly worker: WorkerId; readonly problems: readonly Problem[] };

/**
 * absent: not joined yet; idle: nothing to do; reading: copies the weights; computing: makes gradients; pushed: waits for
 * its push to be applied; applying: makes an update; evaluating: validates; left: gone.
 */
export type Phase = "absent" | "idle" | "reading" | "computing" | "pushed" | "applying" | "evaluating" | "left";

export interface WorkerState {
  readonly phase: Phase;
  /** Pushes made. */
  readonly clock: number;
  /** Whether a pull is unanswered. */
  readonly pulling: boolean;
  /** The version it read last. */
  readonly read: number;
}

export interface State {
  readonly config: ProtocolConfig;
  readonly status: "running" | "stopping" | "completed" | "aborted" | "failed";
  readonly workers: readonly WorkerState[];
  /** Workers whose push waits to be applied, in order of arrival. */
  readonly queue: readonly WorkerId[];
  /** Updates made. */
  readonly version: number;
  readonly iteration: number;
  /** Rows applied, and epochs they fill. */
  readonly rows: number;
  readonly epoch: number;
  /** The update being made, and who has yet to say `applied`. */
  readonly update: { readonly work: Update; readonly waiting: readonly WorkerId[] } | undefined;
  /** The validation being made: parts handed out and parts done. */
  readonly validation:
    | { readonly epoch: number; readonly parts: number; readonly given: number; readonly done: number }
    | undefined;
}

export interface Transition {
  readonly state: State;
  readonly effects: readonly Effect[];
}
