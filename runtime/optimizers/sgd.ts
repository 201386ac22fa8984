import type { Kernels, Penalty } from "../kernels/kernels.js";
import { type CommonOptions, type Regularization, shareRule } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRule } from "./types.js";

export interface SgdOptions extends CommonOptions {
  /** A number of at least 0, or a schedule such as `inv({ … })`. */
  readonly learningRate: number | Schedule;
  /** 0 ≤ momentum < 1. Default 0 (caffe.proto, SolverParameter.momentum). */
  readonly momentum?: number;
  /** Nesterov's look-ahead; needs a momentum. Default false. */
  readonly nesterov?: boolean;
  /** Where the rate is: in the momentum ("caffe", the default; Keras' too) or outside of it ("pytorch"). */
  readonly form?: "caffe" | "pytorch";
  /** Share of the gradient that does not enter the momentum, from the second update on; form "pytorch" only. Default 0. */
  readonly dampening?: number;
  /** Default 0 (caffe.proto, SolverParameter.weight_decay). */
  readonly weightDecay?: number;
  /** What the weight decay multiplies: w (L2, the default) or sign(w) (L1); "decoupled" is Keras' weight_decay. */
  readonly regularization?: Regularization;
}

/** What {@link sgd} fills in; form and dampening are left out where they are not given. */
export const sgdDefaults = {
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
  regularization: "L2",
} as const;

/**
 * g ← g + weightDecay · (w or sign w); h ← momentum · h + rate · g; w ← w − h, or with Nesterov
 * w ← w − ((1 + momentum) · h' − momentum · h). The rate is inside h, so a falling rate does not shrink the steps already
 * in h; so it is in Keras, which writes the same with the sign of h turned.
 * Form "pytorch": h ← momentum · h + (1 − dampening) · g; w ← w − rate · (h, or with Nesterov g + momentum · h). It agrees
 * while the rate is constant.
 * Source: BVLC/caffe src/caffe/solvers/sgd_solver.cpp and nesterov_solver.cpp; torch/optim/sgd.py.
 *
 * @throws CompileError with every problem of the options.
 * @example sgd({ learningRate: inv({ base: 0.01, gamma: 1e-4, power: 0.75 }), momentum: 0.9, weightDecay: 5e-4 })
 */
export function sgd(options: SgdOptions): OptimizerConfig {
  return configOf("sgd", sgdType, options);
}

export const sgdType: OptimizerType = {
  describe: "stochastic gradient descent with momentum or Nesterov's look-ahead, in Caffe's (Keras') or PyTorch's form",
  defaults: sgdDefaults,
  rules: {
    momentum: shareRule,
    nesterov: { flag: true },
    form: { choices: ["caffe", "pytorch"] },
    dampening: shareRule,
  },
  checks: ({ momentum, nesterov, form = "caffe", dampening = 0 }) => [
    ...(nesterov === true && momentum === 0 ? ["nesterov is true and momentum is 0; it needs a momentum"] : []),
    ...(nesterov === true && dampening !== 0 ? [`nesterov is true and dampening is ${dampening}; it needs 0`] : []),
    ...(form === "caffe" && dampening !== 0
      ? [`dampening is ${dampening} and form is "caffe"; it needs "pytorch"`]
      : []),
  ],
  make,
};

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const momentum = Number(options.momentum);
  return options.form === "pytorch" && momentum !== 0
    ? rateOutside(options, momentum, kernels)
    : rateInside(options, momentum, kernels);
}

function rateInside(options: OptimizerOptions, momentum: number, kernels: Kernels): UpdateRule {
  const nesterov = options.nesterov === true;
  const regularization = options.regularization as Regularization;
  return {
    slots: momentum === 0 ? [] : [{ name: "history" }],
    // The kernels take the penalty of the weights as they go.
    decay: regularization === "decoupled" ? "decoupled" : "own",
    step(range) {
      const { weights, gradients, rate, decay } = range;
      const penalty: Penalty = decay === 0 || regularization === "decoupled" ? "none" : regularization;
      if (momentum === 0) {
        kernels.sgd({ weights, gradients, rate, decay, penalty });
      } else {
        const [history] = slotsOf(range, 1);
        kernels.sgdMomentum({ weights, gradients, history, rate, decay, penalty, momentum, nesterov });
      }
    },
  };
}

function rateOutside(options: OptimizerOptions, momentum: number, kernels: Kernels): UpdateRule {
  const nesterov = options.nesterov === true;
  const dampening = Number(options.dampening ?? 0);
  return {
    slots: [{ name: "history" }],
    decay: options.regularization as Regularization,
    step(range) {
      const { weights, gradients, rate, at } = range;
      const [history] = slotsOf(range, 1);
      const kept = at.updates === 0 ? 1 : 1 - dampening;
      kernels.momentumOutside({ weights, gradients, history, rate, momentum, kept, nesterov });
    },
  };
}
