import type { OptionRow } from "./row.js";

/**
 * Where an option can be given:
 * - paramserv: to `paramserv()`, under the same name;
 * - train: on the command line and in the configuration file of `train`;
 * - package: to the training script of a package, on its command line or among its defaults;
 * - convert: to `convert`, which prints it into train.ts; solver: likewise, into solver.ts.
 */
export type OptionPlace = "paramserv" | "train" | "package" | "convert" | "solver";

type Value = number | string | boolean;

/** An option of a run: how a network is trained, on which rows, and where the result goes. */
export type RunOptionRow = OptionRow & {
  readonly in: readonly OptionPlace[];
  /** What `paramserv()` does without it, which is what a package does. */
  readonly builtin?: Value;
  /** What `train` does where neither the user nor a model file says; `convert` prints it. */
  readonly fallback?: Value;
  /** What train.ts says beside it. Default: `describe`. */
  readonly comment?: string;
};

export type RunOptionTable = Readonly<Record<string, RunOptionRow>>;
