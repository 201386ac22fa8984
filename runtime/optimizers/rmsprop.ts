import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRange, UpdateRule } from "./types.js";

export interface RmspropOptions extends CommonOptions {
  /** Default 0.01 (PyTorch; Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /** What stays of the mean of squares, 0 ≤ rho < 1. Default 0.99 (PyTorch's alpha, Caffe's rms_decay; Keras has 0.9). */
  readonly rho?: number;
  /** 0 ≤ momentum < 1. Default 0. */
  readonly momentum?: number;
  /** Divides by the deviation from the mean gradient. Default false. */
  readonly centered?: boolean;
  /** Keeps the divisor from being 0. Default 1e-8 (PyTorch and Caffe; Keras has 1e-7). */
  readonly epsilon?: number;
  /**
   * "pytorch" (the default; Caffe too): epsilon after the root, the rate outside the momentum. "keras": epsilon under the
   * root, the rate in the momentum.
   */
  readonly form?: "pytorch" | "keras";
}

/** What {@link rmsprop} fills in. */
export const rmspropDefaults = {
  rho: 0.99,
  momentum: 0,
  centered: false,
  epsilon: 1e-8,
  form: "pytorch",
  weightDecay: 0,
  regularization: "L2",
} as const;

/**
 * v ← ρv + (1 − ρ)g²; x = g / (√v + ε), or g / √(v + ε) in form "keras"; centered: v − m² in the place of v, with
 * m ← ρm + (1 − ρ)g, and 0 where rounding makes it negative. Without momentum w ← w − rate · x; with it
 * h ← momentum · h + x; w ← w − rate · h, or in form "keras" h ← momentum · h + rate · x; w ← w − h.
 * Source: Tieleman and Hinton, lecture 6.5 (2012); Graves, "Generating sequences with recurrent neural networks" (2013)
 * for centered; torch/optim/rmsprop.py; Keras 3 rmsprop.py; BVLC/caffe src/caffe/solvers/rmsprop_solver.cpp.
 *
 * @throws CompileError with every problem of the options.
 * @example rmsprop({ learningRate: 0.01, rho: 0.98 })
 */
export function rmsprop(options: RmspropOptions = {}): OptimizerConfig {
  return configOf("rmsprop", rmspropType, options);
}

export const rmspropType: OptimizerType = {
  describe: "RMSProp, plain, centered and with momentum, in PyTorch's (Caffe's) or Keras' form",
  defaults: rmspropDefaults,
  learningRate: 0.01,
  rules: {
    rho: shareRule,
    momentum: shareRule,
    centered: { flag: true },
    epsilon: epsilonRule,
    form: { choices: ["pytorch", "keras"] },
  },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const momentum = Number(options.momentum);
  const centered = options.centered === true;
  const turn = direction(options, kernels);
  return {
    slots: [
      { name: "square" },
      ...(centered ? [{ name: "mean" }] : []),
      ...(momentum === 0 ? [] : [{ name: "history" }]),
    ],
    decay: options.regularization as Regularization,
    step(range) {
      turn(range);
      const { weights, gradients, rate } = range;
      const plain = { weights, gradients, rate, decay: 0, penalty: "none" } as const;
      const history = momentum === 0 ? undefined : range.slots[centered ? 2 : 1];
      const step = history && { ...plain, history, momentum, nesterov: false };
      if (step === undefined) kernels.sgd(plain);
      else if (options.form === "keras") kernels.sgdMomentum(step);
      else kernels.momentumOutside({ ...step, kept: 1 });
    },
  };
}

/** Puts the direction of a step in the gradient's place. */
function direction(options: OptimizerOptions, kernels: Kernels): (range: UpdateRange) => void {
  const epsilon = Number(options.epsilon);
  const places = options.form === "keras" ? { inside: epsilon, outside: 0 } : { inside: 0, outside: epsilon };
  const common = { rho: Number(options.rho), ...places };
  if (options.centered !== true) {
    return (range) => kernels.rmsprop({ gradients: range.gradients, square: slotsOf(range, 1)[0], ...common });
  }
  return (range) => {
    const [square, mean] = slotsOf(range, 2);
    kernels.rmspropCentered({ gradients: range.gradients, square, mean, ...common });
  };
}
