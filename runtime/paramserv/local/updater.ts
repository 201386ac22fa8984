import type { Update } from "../protocol/types.js";
import type { SharedArrays, WorkerArrays } from "./shared-arrays.js";

/** Which slice of what pushes change a worker updates: the `index`-th of `of`. */
export interface Part {
  readonly index: number;
  readonly of: number;
}

/** What turns pushes into new weights and state: an optimizer on slices, or a user function on the whole model. */
export interface Updater {
  /** Makes a part of an update of the shared weights, state included, from what was pushed. */
  apply(update: Update, part: Part): Promise<void>;
  /** Copies the shared weights, and what local steps need beside them. */
  pull(weights: Float32Array): void;
  /** A step on the worker's own copy of what is trained. */
  stepLocally(local: LocalStep): Promise<void>;
}

export interface LocalStep {
  /** All variables; the trained ones are changed in place. */
  readonly weights: Float32Array;
  /** Of the trained part. */
  readonly gradients: Float32Array;
  readonly iteration: number;
  /** Worker, epoch and batch, for messages. */
  readonly where: string;
}

/** What an updater works on. */
export interface UpdaterArrays {
  readonly shared: SharedArrays;
  readonly own: WorkerArrays;
  readonly rank: number;
}
