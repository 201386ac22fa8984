import type { Kernels } from "../kernels/kernels.js";
import type { CommonOptions, Regularization } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface FtrlOptions extends CommonOptions {
  /** Default 0.001. */
  readonly learningRate?: number | Schedule;
  /** What the sum of squares starts from, at least 0. Default 0.1. */
  readonly initialAccumulator?: number;
  /** Strength of the L1 penalty, which makes small weights 0. Default 0. */
  readonly l1?: number;
  /** Strength of the L2 penalty of the step. Default 0. */
  readonly l2?: number;
  /** Strength of the L2 penalty of the gradient. Default 0. */
  readonly l2Shrinkage?: number;
  /** Makes the rate smaller where little has been seen: beta / (2 · rate) is added to l2. Default 0. */
  readonly beta?: number;
}

/** What {@link ftrl} fills in. */
export const ftrlDefaults = {
  initialAccumulator: 0.1,
  l1: 0,
  l2: 0,
  l2Shrinkage: 0,
  beta: 0,
  weightDecay: 0,
  regularization: "decoupled",
} as const;

/**
 * Follow the regularized leader: n' = n + g²; z ← z + g + 2 · l2Shrinkage · w − (√n' − √n) / rate · w;
 * w ← (clip(z, ±l1) − z) / (√n' / rate + 2 · l2 + beta / rate). A rate of 0 changes nothing.
 * Keras' learning_rate_power is −½ here, its default: other powers are not supported.
 * Source: McMahan et al., "Ad click prediction: a view from the trenches" (2013); Keras 3 ftrl.py.
 *
 * @throws CompileError with every problem of the options.
 * @example ftrl({ learningRate: 0.05, l1: 0.001 })
 */
export function ftrl(options: FtrlOptions = {}): OptimizerConfig {
  return configOf("ftrl", ftrlType, options);
}

export const ftrlType: OptimizerType = {
  describe: "follow the regularized leader (Ftrl), as Keras with a power of −½",
  defaults: ftrlDefaults,
  learningRate: 0.001,
  rules: {
    initialAccumulator: { min: 0 },
    l1: { min: 0 },
    l2: { min: 0 },
    l2Shrinkage: { min: 0 },
    beta: { min: 0 },
  },
  checks: ({ initialAccumulator, l2, beta }) =>
    // An element without a gradient would be divided by 0.
    initialAccumulator === 0 && l2 === 0 && beta === 0
      ? ["initialAccumulator, l2 and beta are 0; expected one of them above 0"]
      : [],
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const [l1, l2] = [Number(options.l1), Number(options.l2)];
  const shrinkage = 2 * Number(options.l2Shrinkage);
  return {
    slots: [{ name: "sum", initial: Number(options.initialAccumulator) }, { name: "linear" }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, rate } = range;
      if (rate === 0) return;
      const [sum, linear] = slotsOf(range, 2);
      const strength = 2 * l2 + Number(options.beta) / rate;
      kernels.ftrl({ weights, gradients, sum, linear, rate, l1, l2: strength, shrinkage });
    },
  };
}
