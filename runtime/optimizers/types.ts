import type { Schedule } from "./schedules.js";

/**
 * An optimizer as plain data: what `sgd({...})` returns, what a solver file is imported to, what goes to the workers.
 * `type` is a key of the optimizer table.
 */
export interface OptimizerConfig {
  readonly kind: "optimizer";
  readonly type: string;
  readonly learningRate: number | Schedule;
  readonly options: Readonly<Record<string, number | string | boolean>>;
}

/** One contiguous range of the flat buffers that shares its multipliers. All arrays have the same length. */
export interface UpdateRange {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  /** One array a slot, in the order of {@link Optimizer.slots}. */
  readonly slots: readonly Float32Array[];
  /** Rate of this step × the parameter's multiplier. */
  readonly rate: number;
  /** Weight decay × the parameter's multiplier. */
  readonly decay: number;
  /** Number of updates before this one, from 0. */
  readonly iteration: number;
}

/** An optimizer at work. Updates are element-wise, so any thread or shard can update its own slice. */
export interface Optimizer {
  /** Names of the per-element state arrays, each as long as the parameters and starting at zero. */
  readonly slots: readonly string[];
  readonly weightDecay: number;
  rate(iteration: number): number;
  update(range: UpdateRange): void;
}
