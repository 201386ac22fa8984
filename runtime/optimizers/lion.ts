import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface LionOptions extends CommonOptions {
  /** Default 0.001 (Keras; the paper takes a third to a tenth of AdamW's). */
  readonly learningRate?: number | Schedule;
  /** The share of the mean in the direction, 0 ≤ beta1 < 1. Default 0.9. */
  readonly beta1?: number;
  /** What stays of the mean in an update, 0 ≤ beta2 < 1. Default 0.99. */
  readonly beta2?: number;
}

/** What {@link lion} fills in. */
export const lionDefaults = { beta1: 0.9, beta2: 0.99, weightDecay: 0, regularization: "decoupled" } as const;

/**
 * w ← w − rate · sign(β₁m + (1 − β₁)g); m ← β₂m + (1 − β₂)g. Weight decay is decoupled by default, as in the paper.
 * Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023); Keras 3 lion.py.
 *
 * @throws CompileError with every problem of the options.
 * @example lion({ learningRate: 1e-4, weightDecay: 0.1 })
 */
export function lion(options: LionOptions = {}): OptimizerConfig {
  return configOf("lion", lionType, options);
}

export const lionType: OptimizerType = {
  describe: "Lion: steps of one size, by sign",
  defaults: lionDefaults,
  learningRate: 0.001,
  rules: { beta1: shareRule, beta2: shareRule },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const means = { beta1: Number(options.beta1), beta2: Number(options.beta2) };
  return {
    slots: [{ name: "mean" }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, rate } = range;
      kernels.lion({ weights, gradients, mean: slotsOf(range, 1)[0], ...means, rate });
    },
  };
}
