import { sizeOf } from "../../shape.js";
import { quotient } from "../lengths.js";
import type { Value } from "../types.js";
import { type Differentiation, fixed } from "./operator.js";
import type { ResizedAxis, ResizeSignature } from "./resize.js";

type Rule = Differentiation<ResizeSignature>;

/** Resizing is linear, and each axis on its own: dx = Rᵀ·dy along each axis, R the matrix of that axis. */
export function resizeGradient(d: Rule, x: Value, axes: readonly ResizedAxis[]): Value {
  const counts = x.shape.map((_, axis) =>
    repeatsOf(
      d,
      axes.find((one) => one.axis === axis),
    ),
  );
  if (counts.every((count) => count !== undefined) && x.shape.length > 2 && counts[0] === 1 && counts[1] === 1) {
    return summedCells(d, counts.slice(2));
  }
  return axes.reduce((gradient, axis) => timesMatrix(d, gradient, axis), d.dy);
}

/** How often the cells of an axis are repeated, side by side; undefined where it is resized otherwise. */
function repeatsOf({ attributes }: Rule, resized: ResizedAxis | undefined): number | undefined {
  if (!resized) return 1;
  const { mode, coordinate_transformation_mode: coordinates, nearest_mode: rounding } = attributes;
  const count = quotient(resized.to, resized.from);
  // ⌊3 · 2.3⌋ is twice 3 too, but its cells come from 2.3.
  if (resized.scale !== undefined && resized.scale !== count) return undefined;
  const floored = coordinates === "asymmetric" && rounding === "floor";
  const rounded =
    coordinates === "half_pixel" && (rounding === "round_prefer_floor" || rounding === "round_prefer_ceil");
  return mode === "nearest" && typeof count === "number" && (floored || rounded) ? count : undefined;
}

/** Repeated cells: the sum of each block, as its mean times its size, since AveragePool is faster than ReduceSum here. */
function summedCells({ g, dy }: Rule, counts: readonly number[]): Value {
  const means = g.op("AveragePool", [dy], { kernel_shape: counts, strides: counts });
  return g.op("Mul", [means, g.scalar(sizeOf(counts))]);
}

/** Rᵀ along one axis. */
function timesMatrix(d: Rule, dy: Value, resized: ResizedAxis): Value {
  const { g } = d;
  const last = dy.shape.length - 1;
  if (resized.axis === last) return g.op("MatMul", [dy, matrixOf(d, resized)]);
  const perm = dy.shape.map((_, axis) => (axis === last ? resized.axis : axis === resized.axis ? last : axis));
  const turned = g.op("Transpose", [dy], { perm });
  return g.op("Transpose", [g.op("MatMul", [turned, matrixOf(d, resized)])], { perm });
}

/** R, [to, from]: the identity resized, so that the engine itself says where each cell comes from, in every mode. */
function matrixOf(d: Rule, { axis, from, to, scale }: ResizedAxis): Value {
  const { g } = d;
  const length = fixed(d, from, `the length of axis ${axis}`);
  const target = fixed(d, to, `the size of axis ${axis}`);
  const cells = Float32Array.from({ length: length * length }, (_, index) => (index % (length + 1) === 0 ? 1 : 0));
  const identity = g.constant({ dtype: "float32", shape: [length, length], data: cells });
  const scales =
    scale === undefined ? undefined : g.constant({ dtype: "float32", shape: [2], data: Float32Array.of(scale, 1) });
  const sizes = scales ? undefined : g.ints([target, length]);
  return g.op("Resize", [identity, undefined, scales, sizes], { ...d.node.attributes, axes: undefined });
}
