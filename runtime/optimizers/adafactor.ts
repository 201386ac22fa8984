import { internalError } from "../errors.js";
import type { Kernels } from "../kernels/kernels.js";
import { sizeOf } from "../shape.js";
import { type CommonOptions, epsilonRule, type Regularization } from "./common-options.js";
import { configOf, type OptimizerOptions, type OptimizerType } from "./define.js";
import type { Schedule } from "./schedules.js";
import { slotsOf } from "./slots.js";
import type { OptimizerConfig, UpdateRange, UpdateRule } from "./types.js";

export interface AdafactorOptions extends CommonOptions {
  /** The largest rate: that of update t is at most 1 / √t. Default 0.001 (Keras; PyTorch has 0.01). */
  readonly learningRate?: number | Schedule;
  /** The means keep 1 − t^beta2Decay at update t; −1 < beta2Decay < 0. Default −0.8. */
  readonly beta2Decay?: number;
  /** Added to squares of gradients. Default 1e-30. */
  readonly epsilon1?: number;
  /** The least root mean square of weights by which the rate is multiplied. Default 0.001. */
  readonly epsilon2?: number;
  /** The largest root mean square of a direction; above 0. Default 1. */
  readonly clipThreshold?: number;
}

/** What {@link adafactor} fills in. */
export const adafactorDefaults = {
  beta2Decay: -0.8,
  epsilon1: 1e-30,
  epsilon2: 0.001,
  clipThreshold: 1,
  weightDecay: 0,
  regularization: "decoupled",
} as const;

/**
 * Of a variable of two axes or more only the means of g² + ε₁ over the rows, r, and over the columns, c, of its last two
 * axes are kept, with β = 1 − t^beta2Decay at update t: v = r / mean(r) · c; of others the mean v itself. u = g / √v;
 * w ← w − max(ε₂, rms w) · min(rate, 1 / √t) · u / max(1, rms u / clipThreshold).
 * Its chunks are whole variables: rows and columns of one are spread over all of it.
 * Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost" (2018); Keras 3 adafactor.py.
 *
 * @throws CompileError with every problem of the options.
 * @example adafactor({ learningRate: 0.01 })
 */
export function adafactor(options: AdafactorOptions = {}): OptimizerConfig {
  return configOf("adafactor", adafactorType, options);
}

export const adafactorType: OptimizerType = {
  describe: "Adafactor: means of rows and columns in the place of elements",
  defaults: adafactorDefaults,
  learningRate: 0.001,
  rules: {
    beta2Decay: { min: -1, below: 0 },
    epsilon1: epsilonRule,
    epsilon2: { min: 0 },
    clipThreshold: epsilonRule,
  },
  make,
};

/** A variable as matrices of its last two axes; a vector is none. */
function matricesOf(shape: readonly number[]) {
  const [rows, columns] = shape.slice(-2);
  if (rows === undefined || columns === undefined) return undefined;
  return { matrices: sizeOf(shape.slice(0, -2)), rows, columns };
}

function make(options: OptimizerOptions, kernels: Kernels): UpdateRule {
  const threshold = Number(options.clipThreshold);
  const rms = (values: Float32Array) => Math.sqrt(kernels.sumOfSquares(values) / values.length);
  return {
    slots: [
      { name: "rows", length: (shape) => sizeOf(matricesOf(shape) === undefined ? shape : shape.slice(0, -1)) },
      { name: "columns", length: (shape) => sizeOf(shape) / (shape.length < 2 ? Infinity : (shape.at(-2) ?? 1)) },
    ],
    decay: options.regularization as Regularization,
    whole: true,
    step(range) {
      const { weights, gradients, at } = range;
      const t = at.updates + 1;
      // Before the gradient turns into a direction; the weights do not change until then.
      const size = Math.max(Number(options.epsilon2), rms(weights));
      turn({ range, kept: 1 - t ** Number(options.beta2Decay), floor: Number(options.epsilon1), kernels });
      const rate = (size * Math.min(range.rate, 1 / Math.sqrt(t))) / Math.max(1, rms(gradients) / threshold);
      kernels.sgd({ weights, gradients, rate, decay: 0, penalty: "none" });
    },
  };
}

interface Turning {
  readonly range: UpdateRange;
  readonly kept: number;
  readonly floor: number;
  readonly kernels: Kernels;
}

/** Moves the means and puts the direction in the gradient's place. */
function turn({ range, kept, floor, kernels }: Turning): void {
  const { gradients, shape } = range;
  if (shape === undefined) throw internalError("Adafactor needs the shape of a variable");
  const [rowMeans, columnMeans] = slotsOf(range, 2);
  const matrices = matricesOf(shape);
  if (matrices === undefined) {
    kernels.rmsprop({ gradients, square: rowMeans, rho: kept, inside: floor, outside: 0 });
    return;
  }
  const step = { gradients, rowMeans, columnMeans, ...matrices };
  kernels.factoredMeans({ ...step, kept, floor });
  kernels.factoredDirection(step);
}
