import type { GraphBuilder, Value } from "../types.js";

/** x less its mean over some axes, which stay with length 1, and what goes with it. The variance is biased. */
export interface Standardized {
  readonly mean: Value;
  readonly variance: Value;
  /** x − mean */
  readonly centered: Value;
  /** 1/√(variance + ε) */
  readonly inverse: Value;
}

/**
 * Two passes, so that values far from 0 keep their digits. Forward and backward write the same nodes, which are shared
 * later.
 */
export function standardize(g: GraphBuilder, x: Value, axes: readonly number[], epsilon: number): Standardized {
  const over = g.ints(axes);
  const mean = g.op("ReduceMean", [x, over]);
  const centered = g.op("Sub", [x, mean]);
  const variance = g.op("ReduceMean", [g.op("Mul", [centered, centered]), over]);
  return { mean, variance, centered, inverse: inverseRoot(g, variance, epsilon) };
}

/** 1/√(variance + ε) */
export function inverseRoot(g: GraphBuilder, variance: Value, epsilon: number): Value {
  return g.op("Reciprocal", [g.op("Sqrt", [g.op("Add", [variance, g.scalar(epsilon)])])]);
}

/** What {@link standardizeGradient} starts from: x̂ = centered·inverse, with statistics over `axes`. */
export interface Backward extends Pick<Standardized, "centered" | "inverse"> {
  readonly axes: readonly number[];
  /** The gradient of x̂, or that divided by `scale`. */
  readonly dy: Value;
  /** A factor that is the same along `axes`. */
  readonly scale?: Value;
}

/**
 * The gradient of x through x̂ (Ioffe and Szegedy 2015, arXiv:1502.03167, section 3):
 * dx = scale·inverse·(dy − mean(dy) − x̂·mean(dy·x̂)).
 */
export function standardizeGradient(g: GraphBuilder, { centered, inverse, axes, dy, scale }: Backward): Value {
  const over = g.ints(axes);
  const along = g.op("ReduceMean", [g.op("Mul", [dy, centered]), over]);
  const slope = g.op("Mul", [along, g.op("Mul", [inverse, inverse])]);
  const level = g.op("Sub", [dy, g.op("ReduceMean", [dy, over])]);
  const inner = g.op("Sub", [level, g.op("Mul", [centered, slope])]);
  return g.op("Mul", [inner, scale ? g.op("Mul", [scale, inverse]) : inverse]);
}

/** All axes but the channels, axis 1. */
export function axesButChannels(rank: number): readonly number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
}

/** A value [C] as [C,1,…], so that it broadcasts along the channels, axis 1, of a tensor of this rank. */
export function perChannel(g: GraphBuilder, value: Value, rank: number): Value {
  const added = Array.from({ length: rank - 2 }, (_, index) => index + 1);
  return added.length === 0 ? value : g.op("Unsqueeze", [value, g.ints(added)]);
}

/** The sum over all axes but the channels: [C]. */
export function sumPerChannel(g: GraphBuilder, value: Value): Value {
  return g.op("ReduceSum", [value, g.ints(axesButChannels(value.shape.length))], { keepdims: 0 });
}
