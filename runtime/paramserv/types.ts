import type { Checkpointing } from "../checkpoints/frequency.js";
import type { PartitionScheme } from "../data/partition.js";
import type { Column, Columns, DataColumns, NDArray } from "../data/types.js";
import type { EngineName } from "../engines/index.js";
import type { Network } from "../layers/types.js";
import type { OptimizerConfig } from "../optimizers/types.js";
import type { nonFinitePolicies } from "../options/training-options.js";
import type { TrainingProgram } from "../program/types.js";
import type { AggregationName } from "./protocol/aggregations.js";
import type { FrequencyName } from "./protocol/frequencies.js";
import type { ModeName } from "./protocol/modes.js";
import type { StrategyName } from "./protocol/strategies.js";
import type { CurvePoint, EpochRecord, Means, StepRecord, TrainingEvent } from "./run-events.js";
import type { Statistics } from "./statistics/types.js";

export type * from "./run-events.js";

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

/**
 * `upd` as a user function: mean gradients of one batch, by parameter name; `loss` and metrics are optional. Features and
 * labels come as {@link ParamservOptions} has them: one array as an array, columns by name as columns.
 */
export type GradientFunction<
  Features extends NDArray | Columns = NDArray<Float32Array>,
  Labels extends NDArray | Columns = NDArray,
> = (input: {
  readonly model: ParameterList;
  readonly hyperparams: Hyperparams;
  readonly features: Features;
  readonly labels: Labels;
}) => GradientResult | Promise<GradientResult>;

export interface GradientResult {
  readonly gradients: ParameterList;
  /** The next values of a network's state variables, such as running statistics. Those that are left out stay. */
  readonly state?: ParameterList;
  /** Means over the rows of the batch. */
  readonly scalars?: Readonly<Record<string, number>>;
}

/**
 * `agg` as a user function: the updated model. Parameters it leaves out stay as they are; state is not its to change, nor
 * are there gradients of it.
 */
export type AggregationFunction = (input: {
  readonly model: ParameterList;
  readonly hyperparams: Hyperparams;
  readonly gradients: ParameterList;
}) => ParameterList | Promise<ParameterList>;

/** `val` as a user function: `loss`, and metrics by name. Features and labels come as {@link ParamservOptions} has them. */
export type ValidationFunction<
  Features extends NDArray | Columns = NDArray<Float32Array>,
  Labels extends NDArray | Columns = NDArray,
> = (input: {
  readonly model: ParameterList;
  readonly hyperparams: Hyperparams;
  readonly features: Features;
  readonly labels: Labels;
}) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;

/** What a callback may ask for. */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback that returns nothing asks for nothing.
export type CallbackResult = "stop" | void;

export type NonFinitePolicy = (typeof nonFinitePolicies)[number];

/** When a run completes early, as Keras' EarlyStopping. */
export interface EarlyStopping {
  /** A figure of the validation ("accuracy") or, without validation, of the training. Default "loss". */
  readonly monitor?: string | undefined;
  /** Whether lower or higher is better. Default: lower for losses, higher for everything else. */
  readonly mode?: "min" | "max" | undefined;
  /** Epochs without a better figure after which the run completes. Default 0, as Keras'. */
  readonly patience?: number | undefined;
  /** By how much a figure must be better to count. Default 0. */
  readonly minDelta?: number | undefined;
}

/** The built-in `upd`: the gradients of a compiled network. Made by `gradientsOf(network)`. */
export interface BuiltinGradients {
  readonly kind: "gradients";
  readonly program: TrainingProgram;
}

/** Options of {@link paramserv}: names and defaults follow Apache SystemDS' builtin of the same name. */
export interface ParamservOptions {
  /**
   * The initial model: a network (initialised from `seed`), or variables by name (to go on from, or for user functions).
   * Where a network is trained, state that is left out starts as the network says.
   */
  readonly model: Network | ParameterList;
  /**
   * Rows to learn from: `[rows, …]`. One array, where the network has one input, or an array for each input, by its name.
   * Inputs of integers take an Int32Array, booleans one of zeros and ones. What `readDataset` and `prepareDataset` give may
   * stay as its file has it: batches are made of it as they are needed.
   */
  readonly features: Column | DataColumns;
  /** One array or several by name, as `features`. Left out, or a record of none, where the network has no labels. */
  readonly labels?: Column | DataColumns;
  /** Rows to validate with after each epoch, as `features` and `labels`. Default: no validation. */
  readonly val_features?: Column | DataColumns | undefined;
  readonly val_labels?: Column | DataColumns | undefined;
  readonly upd: BuiltinGradients | FunctionReference;
  /** Validates in place of the network: gets all validation rows at once. For models that are no network it is the only way. */
  readonly val?: FunctionReference | undefined;
  readonly agg: OptimizerConfig | FunctionReference;
  /** Default "LOCAL": worker threads over shared memory. */
  readonly mode?: ModeName | undefined;
  /**
   * Default "ASP", as the ancestor's. BSP: all workers meet at a barrier each update. SBP: the same without the slowest
   * ({@link numBackupWorkers}). ASP: each push is applied at once. SSP: likewise, nobody more than {@link staleness} ahead.
   * HOGWILD: likewise without locks, so that updates may be lost where workers meet.
   */
  readonly utype?: StrategyName | undefined;
  /** SSP: how many pushes a worker may be ahead of the slowest. Default 2. */
  readonly staleness?: number | undefined;
  /** SBP: so many of the slowest pushes of an update are dropped; fewer than `k`. Default 1, as the ancestor's. */
  readonly numBackupWorkers?: number | undefined;
  /** How often a worker pushes. Default "EPOCH", as the ancestor's. NBATCHES: every {@link nbatches} batches. */
  readonly freq?: FrequencyName | undefined;
  /** Batches of a push with `freq: "NBATCHES"`; groups never span epochs, the last may be shorter. Default 1, as the ancestor's. */
  readonly nbatches?: number | undefined;
  /**
   * Workers step a model of their own after every batch, and push models, which the server averages: weights, state and
   * the optimizer's slots, weighted by rows. BSP and SBP only, as the ancestor's. Default false.
   */
  readonly modelAvg?: boolean | undefined;
  readonly epochs: number;
  /** Rows in a batch of one worker, as the ancestor's. Default 64. */
  readonly batchsize?: number | undefined;
  /** Workers. Default: the machine's cores. */
  readonly k?: number | undefined;
  /** Default "DISJOINT_CONTIGUOUS". */
  readonly scheme?: PartitionScheme | undefined;
  /** How the workers' pushes join in BSP: mean weighted by rows (default), or the ancestor's sum. */
  readonly aggregation?: AggregationName | undefined;
  /** Visit each worker's rows in a new seeded order every epoch. Default false: the ancestor's fixed order. */
  readonly reshuffle?: boolean | undefined;
  readonly hyperparams?: Hyperparams;
  /** Seeds initial weights, partitions, order and dropout. Default 0. */
  readonly seed?: number | undefined;
  /** A row of the engine table. Default "onnxruntime". */
  readonly engine?: EngineName | undefined;
  /** Operator threads of each worker's engine. Default max(1, ⌊cores / k⌋). */
  readonly threads?: number | undefined;
  /**
   * What is done about losses and gradients that are not finite numbers. "stop" (default): the run fails. "skip": the
   * update they are part of is left out. "restore": the weights go back to those captured last (at the end of an epoch with
   * validation or a checkpoint, else those of the start).
   */
  readonly nonfinite?: NonFinitePolicy | undefined;
  /** Seconds without a sign of life after which a worker at work counts as hung, and the run fails. Default 600. */
  readonly timeout?: number | undefined;
  /** When checkpoints are written to `checkpoints`: "NONE" (default), "EPOCH", "EPOCH10", or every so many updates. */
  readonly checkpointing?: Checkpointing | undefined;
  /** The directory for them, a folder `update-00001234` each. Default: that of `resume`; needed to write some. */
  readonly checkpoints?: string | undefined;
  /** How many of the newest stay. Default 3. */
  readonly keepCheckpoints?: number | undefined;
  /** Whether a new run may take the place of another's checkpoints. Default false. */
  readonly replaceCheckpoints?: boolean | undefined;
  /**
   * A mean of the validation: `"validation.accuracy"`, `"rmse:min"`. The best weights are kept beside the newest, and are
   * those that the run returns (`run.kept` says which they are). Losses are to be small and others great, unless `:min` or
   * `:max` says. Needs `checkpointing: "EPOCH"`, because epochs end with a validation. Default: the last weights.
   */
  readonly best?: string | undefined;
  /**
   * Goes on from the newest checkpoint in this directory, or in its folder `checkpoints`. Network, rows and options have to
   * be those of the run; `epochs` may be more. Under BSP the run ends as if it had never stopped, bit for bit.
   */
  readonly resume?: string | undefined;
  /**
   * Batches that a loader thread makes ahead of each worker; 0: the worker makes them itself. Default: 2 where rows are read
   * from files, resized or changed, else 0.
   */
  readonly prefetch?: number | undefined;
  readonly signal?: AbortSignal;
  /** Called on the main thread; must be quick. */
  readonly onEvent?: (event: TrainingEvent) => void;
  /**
   * Called after each epoch and its validation. Where it returns, or resolves to, "stop", the run completes early. What it
   * throws, or rejects with, is the run's error.
   */
  readonly onEpoch?: ((epoch: EpochRecord) => CallbackResult | Promise<CallbackResult>) | undefined;
  /** Called after each update, as {@link onEpoch}; must be quick. */
  readonly onStep?: ((step: StepRecord) => CallbackResult | Promise<CallbackResult>) | undefined;
  /** Completes the run early when a figure no longer gets better. */
  readonly earlyStopping?: EarlyStopping | undefined;
}

/** The options of a run with every default filled in, without model, data and what belongs to the caller. Plain data. */
export interface ResolvedOptions {
  readonly mode: string;
  readonly utype: string;
  readonly staleness: number;
  readonly numBackupWorkers: number;
  readonly freq: string;
  readonly nbatches: number;
  readonly modelAvg: boolean;
  readonly nonfinite: string;
  readonly timeout: number;
  readonly epochs: number;
  readonly batchsize: number;
  /** Workers that had rows. */
  readonly k: number;
  readonly scheme: string;
  readonly aggregation: string;
  readonly reshuffle: boolean;
  readonly seed: number;
  readonly engine: string;
  /** Operator threads of each worker. */
  readonly threads: number;
  /** "gradients", or the name of the user's function. */
  readonly upd: string;
  /** The name of the user's function, where it validates. */
  readonly val?: string;
  /** The optimizer, or the name of the user's function. */
  readonly agg: OptimizerConfig | string;
  readonly hyperparams: Hyperparams;
}

/** Which weights a run returned. */
export interface KeptWeights {
  /** They are those after this update, of as many as the whole run makes; 0 are those it started with. */
  readonly update: number;
  readonly updates: number;
  /** The epoch that the update is in, from 1; 0 where there was none. */
  readonly epoch: number;
  /**
   * What the validation says of just these weights, as in {@link EpochRecord}. Absent without validation data, and where an
   * interrupted run had no time for it.
   */
  readonly validation?: Means;
}

/** What a run was. Plain data. */
export interface RunRecord {
  readonly options: ResolvedOptions;
  /** sha-256 of the compiled program's graphs: the same network compiled the same way. Absent where nothing was compiled. */
  readonly program?: string;
  readonly kept: KeptWeights;
}

export interface ParamservResult {
  /** "aborted" when `signal` fired: the model is that of the last applied update, see `run.kept`. */
  readonly status: "completed" | "aborted";
  readonly model: ParameterList;
  readonly epochs: readonly EpochRecord[];
  /** The run update by update: at most 2,000 points; of a longer run each is the mean of several updates. */
  readonly curve: readonly CurvePoint[];
  readonly statistics: Statistics;
  readonly run: RunRecord;
}
