import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface AdamaxOptions extends CommonOptions {
  /** Default 0.002 (PyTorch; Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /** What stays of the mean of gradients, 0 ≤ beta1 < 1. Default 0.9. */
  readonly beta1?: number;
  /** What stays of the largest gradient, 0 ≤ beta2 < 1. Default 0.999. */
  readonly beta2?: number;
  /** Keeps the divisor from being 0. Default 1e-8 (PyTorch; Keras has 1e-7). */
  readonly epsilon?: number;
  /** Whether epsilon is added to |g| ("pytorch", the default) or to the divisor ("keras"). */
  readonly form?: "pytorch" | "keras";
}

/** What {@link adamax} fills in. */
export const adamaxDefaults = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  form: "pytorch",
  weightDecay: 0,
  regularization: "L2",
} as const;

/**
 * m ← β₁m + (1 − β₁)g; u ← max(β₂u, |g| + ε); w ← w − rate / (1 − β₁ᵗ) · m / u at update t = 1, 2, …
 * Form "keras": u ← max(β₂u, |g|) and the divisor is u + ε.
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), section 7.1; torch/optim/adamax.py; Keras 3
 * adamax.py.
 *
 * @throws CompileError with every problem of the options.
 * @example adamax({ learningRate: 0.002 })
 */
export function adamax(options: AdamaxOptions = {}): OptimizerConfig {
  return configOf("adamax", adamaxType, options);
}

export const adamaxType: OptimizerType = {
  describe: "Adamax, in PyTorch's or Keras' form",
  defaults: adamaxDefaults,
  learningRate: 0.002,
  rules: { beta1: shareRule, beta2: shareRule, epsilon: epsilonRule, form: { choices: ["pytorch", "keras"] } },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const beta1 = Number(options.beta1);
  const beta2 = Number(options.beta2);
  const epsilon = Number(options.epsilon);
  const places = options.form === "keras" ? { inside: 0, outside: epsilon } : { inside: epsilon, outside: 0 };
  return {
    slots: [{ name: "mean" }, { name: "largest" }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, at } = range;
      const [mean, largest] = slotsOf(range, 2);
      const rate = range.rate / (1 - beta1 ** (at.updates + 1));
      kernels.adamax({ weights, gradients, mean, largest, beta1, beta2, rate, ...places });
    },
  };
}
