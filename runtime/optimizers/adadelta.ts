import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface AdadeltaOptions extends CommonOptions {
  /** Default 1 (PyTorch and the paper; Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /** What stays of the means of squares, 0 ≤ rho < 1. Default 0.9 (PyTorch; Keras has 0.95). Caffe calls it momentum. */
  readonly rho?: number;
  /** Added under both roots. Default 1e-6 (PyTorch; Keras has 1e-7). Caffe calls it delta. */
  readonly epsilon?: number;
}

/** What {@link adadelta} fills in. */
export const adadeltaDefaults = { rho: 0.9, epsilon: 1e-6, weightDecay: 0, regularization: "L2" } as const;

/**
 * a ← ρa + (1 − ρ)g²; x = √(d + ε) / √(a + ε) · g; d ← ρd + (1 − ρ)x²; w ← w − rate · x.
 * Source: Zeiler, "ADADELTA: an adaptive learning rate method" (2012); torch/optim/adadelta.py; Keras 3 adadelta.py;
 * BVLC/caffe src/caffe/solvers/adadelta_solver.cpp.
 *
 * @throws CompileError with every problem of the options.
 * @example adadelta({ rho: 0.95 })
 */
export function adadelta(options: AdadeltaOptions = {}): OptimizerConfig {
  return configOf("adadelta", adadeltaType, options);
}

export const adadeltaType: OptimizerType = {
  describe: "AdaDelta",
  defaults: adadeltaDefaults,
  learningRate: 1,
  rules: { rho: shareRule, epsilon: epsilonRule },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const rho = Number(options.rho);
  const epsilon = Number(options.epsilon);
  return {
    slots: [{ name: "square" }, { name: "steps" }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, rate } = range;
      const [square, steps] = slotsOf(range, 2);
      kernels.adadelta({ weights, gradients, square, steps, rho, epsilon, rate });
    },
  };
}
