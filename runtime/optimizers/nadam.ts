import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface NadamOptions extends CommonOptions {
  /** Default 0.002 (PyTorch; Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /** What stays of the mean of gradients, 0 ≤ beta1 < 1. Default 0.9. */
  readonly beta1?: number;
  /** What stays of the mean of squares, 0 ≤ beta2 < 1. Default 0.999. */
  readonly beta2?: number;
  /** Added to the divisor. Default 1e-8 (PyTorch; Keras has 1e-7). */
  readonly epsilon?: number;
  /** How fast the momentum grows to beta1, at least 0. Default 0.004 (PyTorch); Keras has 1. */
  readonly momentumDecay?: number;
}

/** What {@link nadam} fills in. */
export const nadamDefaults = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  momentumDecay: 0.004,
  weightDecay: 0,
  regularization: "L2",
} as const;

/**
 * m and v as in Adam; with μₜ = β₁(1 − ½ · 0.96^(t · momentumDecay)) and Πₜ = μ₁ · … · μₜ
 * w ← w − rate · (μₜ₊₁ / (1 − Πₜ₊₁) · m + (1 − μₜ) / (1 − Πₜ) · g) / (√(v / (1 − β₂ᵗ)) + ε) at update t = 1, 2, …
 * Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016); torch/optim/nadam.py; Keras 3 nadam.py.
 *
 * @throws CompileError with every problem of the options.
 * @example nadam({ learningRate: 0.002 })
 */
export function nadam(options: NadamOptions = {}): OptimizerConfig {
  return configOf("nadam", nadamType, options);
}

export const nadamType: OptimizerType = {
  describe: "Adam with Nesterov's look-ahead",
  defaults: nadamDefaults,
  learningRate: 0.002,
  rules: { beta1: shareRule, beta2: shareRule, epsilon: epsilonRule, momentumDecay: { min: 0 } },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const beta1 = Number(options.beta1);
  const beta2 = Number(options.beta2);
  const epsilon = Number(options.epsilon);
  const momentumAt = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * Number(options.momentumDecay)));
  const productTo = products(momentumAt);
  return {
    slots: [{ name: "mean" }, { name: "square" }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, rate, at } = range;
      const [mean, square] = slotsOf(range, 2);
      const t = at.updates + 1;
      const [momentum, next, product] = [momentumAt(t), momentumAt(t + 1), productTo(t)];
      const rateMean = (rate * next) / (1 - product * next);
      const rateGradient = (rate * (1 - momentum)) / (1 - product);
      const scale = 1 / Math.sqrt(1 - beta2 ** t);
      kernels.nadam({ weights, gradients, mean, square, beta1, beta2, epsilon, rateMean, rateGradient, scale });
    },
  };
}

/** factor(1) · … · factor(t), always multiplied in this order. The last is kept: the next is usually one further. */
function products(factor: (t: number) => number): (t: number) => number {
  let last = { t: 0, product: 1 };
  return (t) => {
    if (t < last.t) last = { t: 0, product: 1 };
    for (let next = last.t + 1; next <= t; next++) last = { t: next, product: last.product * factor(next) };
    return last.product;
  };
}
