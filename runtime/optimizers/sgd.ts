import { CompileError, type Problem } from "../errors.js";
import type { Kernels, Penalty } from "../kernels/kernels.js";
import { checkNumber, show, unknownKeys } from "./checks.js";
import { rateAt, type Schedule, scheduleProblems } from "./schedules.js";
import type { Optimizer, OptimizerConfig, UpdateRange } from "./types.js";

export interface SgdOptions {
  /** A number of at least 0, or a schedule such as `inv({ … })`. */
  readonly learningRate: number | Schedule;
  /** 0 ≤ momentum < 1. Default 0 (caffe.proto, SolverParameter.momentum). */
  readonly momentum?: number;
  /** Nesterov's look-ahead; needs a momentum. Default false. */
  readonly nesterov?: boolean;
  /** Default 0 (caffe.proto, SolverParameter.weight_decay). */
  readonly weightDecay?: number;
  /** What the weight decay multiplies: w (L2, the default) or sign(w) (L1). */
  readonly regularization?: "L2" | "L1";
}

/** What {@link sgd} fills in. */
export const sgdDefaults = { momentum: 0, nesterov: false, weightDecay: 0, regularization: "L2" } as const;
const noun = "optimizer sgd";

/**
 * g ← g + weightDecay · (w or sign w); h ← momentum · h + rate · g; w ← w − h, or with Nesterov
 * w ← w − ((1 + momentum) · h' − momentum · h). The rate is inside h, so a falling rate does not shrink the steps already
 * in h; PyTorch keeps it outside and agrees while the rate is constant.
 * Source: BVLC/caffe src/caffe/solvers/sgd_solver.cpp and nesterov_solver.cpp.
 *
 * @throws CompileError with every problem of the options.
 * @example sgd({ learningRate: inv({ base: 0.01, gamma: 1e-4, power: 0.75 }), momentum: 0.9, weightDecay: 5e-4 })
 */
export function sgd(options: SgdOptions): OptimizerConfig {
  const { learningRate, ...given } = options;
  const config: OptimizerConfig = {
    kind: "optimizer",
    type: "sgd",
    learningRate,
    options: Object.freeze({ ...sgdDefaults, ...given }),
  };
  const problems = sgdProblems(config);
  if (problems.length > 0) throw new CompileError(problems);
  return Object.freeze(config);
}

/** Everything wrong with the configuration; empty when it is usable. */
export function sgdProblems({ learningRate, options }: OptimizerConfig): readonly Problem[] {
  const { momentum = 0, nesterov = false, weightDecay = 0, regularization = "L2" } = options;
  const number = (name: string, value: unknown, below?: number) =>
    checkNumber({ what: noun, name, value, rule: below === undefined ? { min: 0 } : { min: 0, below } });
  const messages = [
    typeof learningRate === "object" && learningRate !== null ? undefined : number("learningRate", learningRate),
    number("momentum", momentum, 1),
    typeof nesterov === "boolean" ? undefined : `${noun}: nesterov is ${show(nesterov)}; expected true or false`,
    nesterov === true && momentum === 0
      ? `${noun}: nesterov is true and momentum is 0; it needs a momentum`
      : undefined,
    number("weightDecay", weightDecay),
    regularization === "L1" || regularization === "L2"
      ? undefined
      : `${noun}: regularization is ${show(regularization)}; expected "L1" or "L2"`,
    ...unknownKeys(noun, options, Object.keys(sgdDefaults)),
  ];
  const schedule = typeof learningRate === "object" && learningRate !== null ? scheduleProblems(learningRate) : [];
  const own = messages.filter((message) => message !== undefined);
  return [...own.map((message): Problem => ({ code: "OPTIMIZER_OPTION_INVALID", message })), ...schedule];
}

/** The optimizer of a checked configuration, computing with these kernels. */
export function makeSgd({ learningRate, options }: OptimizerConfig, kernels: Kernels): Optimizer {
  const momentum = Number(options.momentum ?? 0);
  const nesterov = options.nesterov === true;
  const decaying: Penalty = options.regularization === "L1" ? "L1" : "L2";
  return {
    slots: momentum === 0 ? [] : ["history"],
    weightDecay: Number(options.weightDecay ?? 0),
    rate: (iteration) => rateAt(learningRate, iteration),
    update({ weights, gradients, slots, rate, decay }: UpdateRange) {
      const penalty: Penalty = decay === 0 ? "none" : decaying;
      const [history] = slots;
      if (history === undefined) kernels.sgd({ weights, gradients, rate, decay, penalty });
      else kernels.sgdMomentum({ weights, gradients, history, rate, decay, penalty, momentum, nesterov });
    },
  };
}
