import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRange, UpdateRule } from "./types.js";

export interface AdamOptions extends CommonOptions {
  /** Default 0.001. */
  readonly learningRate?: number | Schedule;
  /** What stays of the mean of gradients in an update, 0 ≤ beta1 < 1. Default 0.9. Caffe calls it momentum. */
  readonly beta1?: number;
  /** What stays of the mean of squares, 0 ≤ beta2 < 1. Default 0.999. */
  readonly beta2?: number;
  /** Added to the divisor. Default 1e-8 (PyTorch and Caffe; Keras has 1e-7). */
  readonly epsilon?: number;
  /** Divides by the largest mean of squares so far (Reddi et al., 2018). Default false. */
  readonly amsgrad?: boolean;
  /** Whether epsilon is added after the correction of the squares ("pytorch", the default) or before ("keras"; Caffe too). */
  readonly form?: "pytorch" | "keras";
}

/** What {@link adam} fills in. */
export const adamDefaults = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  amsgrad: false,
  form: "pytorch",
  weightDecay: 0,
  regularization: "L2",
} as const;

/** What {@link adamW} fills in. */
export const adamWDefaults = { ...adamDefaults, weightDecay: 0.01, regularization: "decoupled" } as const;

/**
 * m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε) at update t = 1, 2, …
 * Form "keras": w ← w − rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015); torch/optim/adam.py; Keras 3 adam.py;
 * BVLC/caffe src/caffe/solvers/adam_solver.cpp.
 *
 * @throws CompileError with every problem of the options.
 * @example adam({ learningRate: 0.001, beta1: 0.9, beta2: 0.999 })
 */
export function adam(options: AdamOptions = {}): OptimizerConfig {
  return configOf("adam", adamType, options);
}

/**
 * {@link adam} with a weight decay of its own, which the means do not see: w ← w − rate · weightDecay · w before the step.
 * Weight decay defaults to 0.01 (PyTorch; Keras has 0.004).
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019); torch/optim/adamw.py.
 *
 * @throws CompileError with every problem of the options.
 * @example adamW({ learningRate: 0.001, weightDecay: 0.05 })
 */
export function adamW(options: AdamOptions = {}): OptimizerConfig {
  return configOf("adamW", adamWType, options);
}

export const adamType: OptimizerType = {
  describe: "Adam and, with amsgrad, AMSGrad, in PyTorch's or Keras' (Caffe's) form",
  defaults: adamDefaults,
  learningRate: 0.001,
  rules: {
    beta1: shareRule,
    beta2: shareRule,
    epsilon: epsilonRule,
    amsgrad: { flag: true },
    form: { choices: ["pytorch", "keras"] },
  },
  make,
};

export const adamWType: OptimizerType = {
  ...adamType,
  describe: "Adam with decoupled weight decay",
  defaults: adamWDefaults,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const amsgrad = options.amsgrad === true;
  const means = { beta1: Number(options.beta1), beta2: Number(options.beta2) };
  const epsilon = Number(options.epsilon);
  return {
    slots: [{ name: "mean" }, { name: "square" }, ...(amsgrad ? [{ name: "largest" }] : [])],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients } = range;
      const [mean, square] = slotsOf(range, 2);
      const step = {
        weights,
        gradients,
        mean,
        square,
        ...means,
        epsilon,
        ...corrected(range, means, options.form === "keras"),
      };
      if (amsgrad) kernels.amsgrad({ ...step, largest: slotsOf(range, 3)[2] });
      else kernels.adam(step);
    },
  };
}

interface Means {
  readonly beta1: number;
  readonly beta2: number;
}

/** The rate and the factor of √v that correct the means for having started at zero. */
function corrected({ rate, at }: UpdateRange, { beta1, beta2 }: Means, epsilonFirst: boolean) {
  const t = at.updates + 1;
  const root = Math.sqrt(1 - beta2 ** t);
  const ahead = rate / (1 - beta1 ** t);
  return epsilonFirst ? { rate: ahead * root, scale: 1 } : { rate: ahead, scale: 1 / root };
}
