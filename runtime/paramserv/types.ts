import type { NDArray } from "../data/types.js";
import type { Network } from "../layers/types.js";
import type { OptimizerConfig } from "../optimizers/types.js";
import type { TrainingProgram } from "../program/types.js";

/** A model by parameter name: what user functions get and what training returns. */
export type ParameterList = Readonly<Record<string, NDArray<Float32Array>>>;

/** Plain data passed unchanged to user functions. */
export type Hyperparams = Readonly<Record<string, number | string | boolean>>;

/** A function of the user's, named by its module, so that every worker thread can load it. */
export interface FunctionReference {
  /** A module URL, usually `import.meta.url`. */
  readonly module: string;
  /** The name it is exported under. */
  readonly name: string;
}

/** `upd` as a user function: mean gradients of one batch, by parameter name; `loss` and metrics are optional. */
export type GradientFunction = (input: {
  readonly model: ParameterList;
  readonly hyperparams: Hyperparams;
  readonly features: NDArray<Float32Array>;
  readonly labels: NDArray;
}) => GradientResult | Promise<GradientResult>;

export interface GradientResult {
  readonly gradients: ParameterList;
  readonly scalars?: Readonly<Record<string, number>>;
}

/** `agg` as a user function: the updated model. Parameters it leaves out stay as they are. */
export type AggregationFunction = (input: {
  readonly model: ParameterList;
  readonly hyperparams: Hyperparams;
  readonly gradients: ParameterList;
}) => ParameterList | Promise<ParameterList>;

/** The built-in `upd`: the gradients of a compiled network. Made by `gradientsOf(network)`. */
export interface BuiltinGradients {
  readonly kind: "gradients";
  readonly program: TrainingProgram;
}

/** Options of {@link paramserv}: names and defaults follow Apache SystemDS' builtin of the same name. */
export interface ParamservOptions {
  /** The initial model: a network (initialised from `seed`), or parameters by name (to go on from, or for user functions). */
  readonly model: Network | ParameterList;
  /** Rows to learn from: `[rows, …]`. */
  readonly features: NDArray<Float32Array>;
  readonly labels: NDArray;
  readonly val_features?: NDArray<Float32Array>;
  readonly val_labels?: NDArray;
  readonly upd: BuiltinGradients | FunctionReference;
  readonly agg: OptimizerConfig | FunctionReference;
  /** Default "LOCAL": worker threads over shared memory. */
  readonly mode?: "LOCAL";
  /** Default "ASP", as the ancestor's. BSP: all workers meet at a barrier each update. ASP: each push is applied at once. */
  readonly utype?: "BSP" | "ASP";
  /** How often a worker pushes. Default "EPOCH", as the ancestor's. */
  readonly freq?: "BATCH" | "EPOCH";
  readonly epochs: number;
  /** Rows a batch and worker. Default 64. */
  readonly batchsize?: number;
  /** Workers. Default: the machine's cores. */
  readonly k?: number;
  /** Default "DISJOINT_CONTIGUOUS". */
  readonly scheme?: "DISJOINT_CONTIGUOUS" | "DISJOINT_ROUND_ROBIN" | "DISJOINT_RANDOM" | "OVERLAP_RESHUFFLE";
  /** How the workers' pushes join in BSP: mean weighted by rows (default), or the ancestor's sum. */
  readonly aggregation?: "mean" | "sum";
  /** Visit each worker's rows in a new seeded order every epoch. Default false: the ancestor's fixed order. */
  readonly reshuffle?: boolean;
  readonly hyperparams?: Hyperparams;
  /** Seeds initial weights, partitions, order and dropout. Default 0. */
  readonly seed?: number;
  /** A row of the engine table. Default "onnxruntime". */
  readonly engine?: string;
  /** Operator threads of each worker's engine. Default max(1, ⌊cores / k⌋). */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Called on the main thread; must be quick. */
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** What happens while training, as plain data; `paramserv train --json` prints these, one a line. */
export type TrainingEvent =
  | {
      readonly event: "start";
      readonly parameters: number;
      readonly rows: number;
      readonly validation_rows: number;
      readonly k: number;
      readonly epochs: number;
      readonly batchsize: number;
      /** Pushes that the whole run will make, all workers together. */
      readonly pushes: number;
    }
  /** At most about ten a second. */
  | {
      readonly event: "progress";
      readonly epoch: number;
      /** Rows learned from so far, and in the whole run. */
      readonly samples: number;
      readonly total_samples: number;
      /** Mean over the epoch so far. */
      readonly loss: number;
      readonly samples_per_second: number;
      readonly seconds_left: number;
    }
  | ({ readonly event: "epoch" } & EpochRecord);

/** One epoch's means; `val_*` are there when validation data were given. Metrics beside accuracy appear by their name. */
export interface EpochRecord {
  readonly epoch: number;
  /** NaN where a user `upd` returns no `loss`. */
  readonly loss: number;
  readonly val_loss?: number;
  readonly val_accuracy?: number;
  readonly samples_per_second: number;
  readonly seconds: number;
  readonly [metric: string]: number | undefined;
}

export interface Statistics {
  /** Wall seconds: whole call, and set-up (threads, sessions, partitions). */
  readonly seconds: number;
  readonly setup_seconds: number;
  readonly workers: number;
  readonly updates: number;
  readonly pushes: number;
  /** Rows learned from, and rows a second over the training part (without set-up and validation). */
  readonly samples: number;
  readonly samples_per_second: number;
  /** Summed over the workers, seconds. */
  readonly gradient_seconds: number;
  readonly update_seconds: number;
  readonly pull_seconds: number;
  readonly batch_seconds: number;
  readonly wait_seconds: number;
  readonly validation_seconds: number;
  /** ASP: updates applied between a worker's pull and its push. */
  readonly mean_staleness: number;
  readonly max_staleness: number;
}

export interface ParamservResult {
  /** "aborted" when `signal` fired: the model is that of the last applied update. */
  readonly status: "completed" | "aborted";
  readonly model: ParameterList;
  readonly epochs: readonly EpochRecord[];
  readonly statistics: Statistics;
}
