import type { GraphBuilder, Value } from "../graph/types.js";
import { defineLayer } from "./define-layer.js";
import type { OptionsOf } from "./options.js";
import type { Tensor } from "./types.js";

export type ArithmeticOptions = OptionsOf<Record<never, never>>;

/** A layer of several tensors, number by number; where shapes differ, axes of length 1 are repeated as in ONNX and NumPy. */
function defineArithmetic(type: string, combine: (g: GraphBuilder, xs: readonly Value[]) => Value) {
  return defineLayer({
    type,
    inputs: ["...xs: number"],
    options: {},
    lower: ({ g }, { xs }) => combine(g, xs),
  });
}

const chained = (op: "Add" | "Mul") => (g: GraphBuilder, xs: readonly Value[]) =>
  xs.reduce((result, x) => g.op(op, [result, x]));

/** y = Σ xᵢ */
export const addLayer = defineArithmetic("add", chained("Add"));

/** y = Π xᵢ */
export const multiplyLayer = defineArithmetic("multiply", chained("Mul"));

/** y = max xᵢ; equal ones share the gradient. */
export const maximumLayer = defineArithmetic("maximum", (g, xs) => g.op("Max", xs));

/** y = min xᵢ; equal ones share the gradient. */
export const minimumLayer = defineArithmetic("minimum", (g, xs) => g.op("Min", xs));

/** y = Σ xᵢ / n */
export const averageLayer = defineLayer({
  type: "average",
  inputs: ["...xs: float"],
  options: {},
  lower: ({ g }, { xs }) => g.op("Mul", [chained("Add")(g, xs), g.scalar(1 / xs.length)]),
});

/** y = a − b */
export const subtractLayer = defineLayer({
  type: "subtract",
  inputs: ["a: number", "b: number"],
  options: {},
  lower: ({ g }, { a, b }) => g.op("Sub", [a, b]),
});

/**
 * Sum of tensors. Where shapes differ, axes of length 1 are repeated.
 *
 * @throws CompileError if the shapes do not fit each other; so do the others here
 * @example const y = add([shortcut, branch]);
 */
export function add(tensors: readonly Tensor[], options: ArithmeticOptions = {}): Tensor {
  return addLayer.make(tensors, options);
}

/**
 * Product of tensors, number by number. Where shapes differ, axes of length 1 are repeated.
 *
 * @example const gated = multiply([values, gates]);
 */
export function multiply(tensors: readonly Tensor[], options: ArithmeticOptions = {}): Tensor {
  return multiplyLayer.make(tensors, options);
}

/**
 * The largest of several tensors, number by number. Where shapes differ, axes of length 1 are repeated.
 *
 * @example const y = maximum([left, right]);
 */
export function maximum(tensors: readonly Tensor[], options: ArithmeticOptions = {}): Tensor {
  return maximumLayer.make(tensors, options);
}

/**
 * The smallest of several tensors, number by number. Where shapes differ, axes of length 1 are repeated.
 *
 * @example const y = minimum([left, right]);
 */
export function minimum(tensors: readonly Tensor[], options: ArithmeticOptions = {}): Tensor {
  return minimumLayer.make(tensors, options);
}

/**
 * Mean of several tensors, number by number. Where shapes differ, axes of length 1 are repeated.
 *
 * @example const ensemble = average([scores1, scores2]);
 */
export function average(tensors: readonly Tensor[], options: ArithmeticOptions = {}): Tensor {
  return averageLayer.make(tensors, options);
}

/**
 * Difference of two tensors, number by number. Where shapes differ, axes of length 1 are repeated.
 *
 * @example const residual = subtract(price, guess);
 */
export function subtract(a: Tensor, b: Tensor, options: ArithmeticOptions = {}): Tensor {
  return subtractLayer.make([a, b], options);
}
