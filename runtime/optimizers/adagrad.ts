import type { Kernels } from "../kernels/kernels.js";
import { type CommonOptions, epsilonRule, type Regularization } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface AdagradOptions extends CommonOptions {
  /** Default 0.01 (PyTorch; Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /** What the sum of squares starts from, at least 0. Default 0 (PyTorch and Caffe; Keras has 0.1). */
  readonly initialAccumulator?: number;
  /** The rate is divided by 1 + learningRateDecay · (t − 1) at update t. Default 0 (PyTorch's lr_decay). */
  readonly learningRateDecay?: number;
  /** Keeps the divisor from being 0. Default 1e-10 (PyTorch; Caffe has 1e-8, Keras 1e-7). */
  readonly epsilon?: number;
  /** Whether epsilon is added after the root ("pytorch", the default; Caffe too) or under it ("keras"). */
  readonly form?: "pytorch" | "keras";
}

/** What {@link adagrad} fills in. */
export const adagradDefaults = {
  initialAccumulator: 0,
  learningRateDecay: 0,
  epsilon: 1e-10,
  form: "pytorch",
  weightDecay: 0,
  regularization: "L2",
} as const;

/**
 * a ← a + g²; w ← w − rate · g / (√a + ε), or in form "keras" w ← w − rate · g / √(a + ε).
 * Source: Duchi et al., "Adaptive subgradient methods" (2011); torch/optim/adagrad.py; Keras 3 adagrad.py; BVLC/caffe
 * src/caffe/solvers/adagrad_solver.cpp.
 *
 * @throws CompileError with every problem of the options.
 * @example adagrad({ learningRate: 0.01 })
 */
export function adagrad(options: AdagradOptions = {}): OptimizerConfig {
  return configOf("adagrad", adagradType, options);
}

export const adagradType: OptimizerType = {
  describe: "AdaGrad, in PyTorch's (Caffe's) or Keras' form",
  defaults: adagradDefaults,
  learningRate: 0.01,
  rules: {
    initialAccumulator: { min: 0 },
    learningRateDecay: { min: 0 },
    epsilon: epsilonRule,
    form: { choices: ["pytorch", "keras"] },
  },
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const epsilon = Number(options.epsilon);
  const places = options.form === "keras" ? { inside: epsilon, outside: 0 } : { inside: 0, outside: epsilon };
  return {
    slots: [{ name: "sum", initial: Number(options.initialAccumulator) }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, at } = range;
      const [sum] = slotsOf(range, 1);
      const rate = range.rate / (1 + at.updates * Number(options.learningRateDecay));
      kernels.adagrad({ weights, gradients, sum, rate, ...places });
    },
  };
}
