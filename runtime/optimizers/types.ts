import type { Schedule } from "./schedules.js";

export type OptimizerOptionValue = number | string | boolean;

/**
 * An optimizer as plain data: what `sgd({...})` returns, what a solver file is imported to, what goes to the workers.
 * `type` is a key of the optimizer table.
 */
export interface OptimizerConfig {
  readonly kind: "optimizer";
  readonly type: string;
  readonly learningRate: number | Schedule;
  readonly options: Readonly<Record<string, OptimizerOptionValue>>;
  readonly ema?: Ema;
  readonly groups?: readonly ParameterGroup[];
}

/** A running mean of the weights, kept beside them (Keras' use_ema). */
export interface Ema {
  /** What stays of the mean in an update: 0 ≤ momentum < 1; Keras' default is 0.99. The first update starts the mean. */
  readonly momentum: number;
  /** Every so many updates the weights become the mean. Default: never. */
  readonly overwriteFrequency?: number;
}

/** Variables with options of their own, in place of those of the optimizer. The first group that names a variable holds. */
export interface ParameterGroup {
  /** Names; `*` stands for any characters: `["*.bias", "conv1.weight"]`. */
  readonly variables: readonly string[];
  /** In place of the optimizer's. */
  readonly learningRate?: number | Schedule;
  /** What the rate is multiplied by, beside the variable's own multiplier. Default 1. */
  readonly rateFactor?: number;
  /** Options of the optimizer, such as `weightDecay` and `beta1`. */
  readonly [option: string]: OptimizerOptionValue | readonly string[] | Schedule | undefined;
}

/** State that an optimizer keeps, in arrays over the trained variables. */
export interface Slot {
  readonly name: string;
  /** Value of every element before the first update. Default 0. */
  readonly initial?: number;
  /** Elements for a variable of this shape. Default: one an element of the variable. */
  length?(shape: readonly number[]): number;
}

/** When a step is: two counts, since a learning rate follows batches while means are corrected by updates. */
export interface StepAt {
  /** Updates before this one. */
  readonly updates: number;
  /** Batches before this one on the longest path; what schedules count. */
  readonly iteration: number;
}

/** One contiguous range of the flat buffers that shares its options. Weights and gradients have the same length. */
export interface UpdateRange {
  /** Changed in place. */
  readonly weights: Float32Array;
  /** May be changed in place: an update has no other scratch. */
  readonly gradients: Float32Array;
  /** One array a slot, in the order of {@link Optimizer.slots}; changed in place. */
  readonly slots: readonly Float32Array[];
  /** Rate of this step × the parameter's multiplier. */
  readonly rate: number;
  /** Weight decay × the parameter's multiplier. */
  readonly decay: number;
  readonly at: StepAt;
  /** Which options hold: 0 for the optimizer's own, else the number of the group from 1. Default 0. */
  readonly group?: number;
  /** Of the variable that the range is a part of, where a range never crosses variables. */
  readonly shape?: readonly number[];
  /** Totals of each reduction before, over the variable or the model that the range is a part of. */
  readonly totals?: readonly (readonly number[])[];
}

/** Sums that an update needs first, over whole variables or the whole model. */
export interface Reduction {
  readonly name: string;
  readonly over: "variable" | "model";
  /** How many sums there are. */
  readonly width: number;
  /** The sums of one range, always in the same order of additions; changes nothing. */
  sum(range: UpdateRange): readonly number[];
}

/** What a row of the optimizer table makes of its options: the formula, without clipping, averages and groups. */
export interface UpdateRule {
  readonly slots: readonly Slot[];
  /**
   * How weight decay comes in: into the gradient before the step, into the weights before the step (w ← w − rate · decay
   * · w), or as the step itself has it.
   */
  readonly decay: "L2" | "L1" | "decoupled" | "own";
  /** Whether a step needs whole variables; else it is element-wise, given the totals. */
  readonly whole?: true;
  /** Sums that the step needs, of gradients as `clip` will leave them. */
  reduction?(clip: (range: UpdateRange) => Clip): Reduction;
  /** `totals` are those of the rule's own reduction. */
  step(range: UpdateRange, totals: readonly number[]): void;
}

/** Gradients are multiplied by `scale`, then kept within ±`limit`. */
export interface Clip {
  readonly scale: number;
  readonly limit: number;
}

/**
 * An optimizer at work on one memory. Given the totals of its reductions an update is element-wise (over whole variables
 * where `whole` says so), so any thread may do any chunk of a plan; see plan.ts.
 */
export interface Optimizer {
  readonly slots: readonly Slot[];
  /** Which slot holds the running mean of the weights, where there is one. */
  readonly averaged?: number;
  /** Groups with options of their own; ranges of group 1 are of the first. */
  readonly groups: readonly ParameterGroup[];
  readonly whole: boolean;
  /** In this order; later ones see the totals of earlier ones. */
  readonly reductions: readonly Reduction[];
  /** Of a group, 0 for the optimizer's own. */
  weightDecay(group?: number): number;
  /** Learning rate at an iteration, of a group. */
  rate(iteration: number, group?: number): number;
  update(range: UpdateRange): void;
}
