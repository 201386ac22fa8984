import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { Clip, OptimizerConfig, Reduction, UpdateRange, UpdateRule } from "./types.js";

export interface LambOptions extends Omit<CommonOptions, "regularization"> {
  /** Default 0.001. */
  readonly learningRate?: number | Schedule;
  /** What stays of the mean of gradients, 0 ≤ beta1 < 1. Default 0.9. */
  readonly beta1?: number;
  /** What stays of the mean of squares, 0 ≤ beta2 < 1. Default 0.999. */
  readonly beta2?: number;
  /** Added to the divisor. Default 1e-6 (the paper; Keras has 1e-7). */
  readonly epsilon?: number;
  /**
   * How the weight decay comes in: "update" adds weightDecay · w to the direction before its length is taken (the paper's,
   * the default); "decoupled" takes rate · weightDecay · w from the weight before the step (Keras').
   */
  readonly regularization?: "update" | "decoupled";
}

/** What {@link lamb} fills in. */
export const lambDefaults = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-6,
  weightDecay: 0,
  regularization: "update",
} as const;

/**
 * u = m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε) + weightDecay · w with m and v as in Adam; w ← w − ‖w‖ / ‖u‖ · rate · u,
 * norms over each variable, and a ratio of 1 where one of them is 0. The norms are summed first, in float64.
 * Source: You et al., "Large batch optimization for deep learning" (2020); Keras 3 lamb.py.
 *
 * @throws CompileError with every problem of the options.
 * @example lamb({ learningRate: 0.002, weightDecay: 0.01 })
 */
export function lamb(options: LambOptions = {}): OptimizerConfig {
  const { regularization, ...common } = options;
  return configOf("lamb", lambType, { ...common, ...(regularization && { regularization }) } as CommonOptions);
}

export const lambType: OptimizerType = {
  describe: "LAMB: Adam with steps as long as each variable's norm allows",
  defaults: lambDefaults,
  learningRate: 0.001,
  rules: {
    beta1: shareRule,
    beta2: shareRule,
    epsilon: epsilonRule,
    regularization: { choices: ["update", "decoupled"] },
  },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const isDecoupled = options.regularization === "decoupled";
  const directionOf = direction(options, isDecoupled);
  return {
    slots: [{ name: "mean" }, { name: "square" }],
    decay: isDecoupled ? "decoupled" : "own",
    reduction: (clip): Reduction => ({
      name: "squares of weights and directions",
      over: "variable",
      width: 2,
      sum: (range) => squares({ range, clip: clip(range), kept: isDecoupled ? 1 - range.rate * range.decay : 1 }),
    }),
    step(range, [weights = 0, directions = 0]) {
      const ratio = weights > 0 && directions > 0 ? Math.sqrt(weights) / Math.sqrt(directions) : 1;
      kernels.lamb({ ...directionOf(range), rate: range.rate * ratio });
    },
  };

  /** `kept`: what a decoupled decay leaves of the weights before the step. */
  function squares(of: { readonly range: UpdateRange; readonly clip: Clip; readonly kept: number }) {
    const { range, clip, kept } = of;
    const directions = kernels.lambSquares({ ...directionOf(range), shrink: clip.scale, limit: clip.limit });
    return [kernels.sumOfSquares(range.weights) * kept ** 2, directions];
  }
}

function direction(options: OptimizerOptions, isDecoupled: boolean) {
  const beta1 = Number(options.beta1);
  const beta2 = Number(options.beta2);
  const epsilon = Number(options.epsilon);
  return (range: UpdateRange) => {
    const { weights, gradients, at } = range;
    const [mean, square] = slotsOf(range, 2);
    const t = at.updates + 1;
    const correction = 1 / (1 - beta1 ** t);
    const scale = 1 / Math.sqrt(1 - beta2 ** t);
    const decay = isDecoupled ? 0 : range.decay;
    return { weights, gradients, mean, square, beta1, beta2, epsilon, correction, scale, decay };
  };
}
