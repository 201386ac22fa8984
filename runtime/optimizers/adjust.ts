import type { OptimizerConfig } from "./types.js";

/** What may be asked for in place of what an optimizer has. */
export interface OptimizerChanges {
  /** A fixed rate, in place of a schedule too. */
  readonly learningRate?: number | undefined;
  readonly momentum?: number | undefined;
  readonly weightDecay?: number | undefined;
}

/**
 * The optimizer with some of its values replaced; what is undefined stays. Values are checked where it is used.
 *
 * @example adjustOptimizer(sgd({ learningRate: 0.01, momentum: 0.9 }), { learningRate: 0.1 })
 */
export function adjustOptimizer(optimizer: OptimizerConfig, changes: OptimizerChanges): OptimizerConfig {
  const { learningRate, momentum, weightDecay } = changes;
  return {
    ...optimizer,
    learningRate: learningRate ?? optimizer.learningRate,
    options: {
      ...optimizer.options,
      ...(momentum === undefined ? {} : { momentum }),
      ...(weightDecay === undefined ? {} : { weightDecay }),
    },
  };
}
