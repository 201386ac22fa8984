import type { StepResult } from "../engines/engine.js";

/** What a worker spends its time with. */
export const activities = ["load", "pull", "compute", "push", "update", "wait", "validation"] as const;
export type Activity = (typeof activities)[number];

/** Seconds since the worker started. */
export type Seconds = Readonly<Record<Activity, number>>;

/** What a worker tells with its messages. Plain data. */
export interface Figures {
  readonly rows: number;
  /** Of these rows: sums and weights by name. */
  readonly scalars: StepResult;
  /** So far: of all that the worker has done since it started. */
  readonly seconds: Seconds;
  readonly bytes: { readonly pulled: number; readonly pushed: number };
  /** Batches whose loss or gradients were not finite numbers: nothing was learned from them. */
  readonly skipped: number;
}
