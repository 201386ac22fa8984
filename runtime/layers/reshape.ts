import type { GraphBuilder, Value } from "../graph/types.js";
import { defineLayer } from "./define-layer.js";
import { maximumSize, type OptionsOf, required } from "./options.js";
import type { Tensor } from "./types.js";

/** A value as rows of numbers. */
export function flattenSample(g: GraphBuilder, x: Value): Value {
  return x.shape.length === 2 ? x : g.op("Flatten", [x], { axis: 1 });
}

export type FlattenOptions = OptionsOf<Record<never, never>>;

/** y = the numbers of x in row-major order. */
export const flattenLayer = defineLayer({
  type: "flatten",
  inputs: ["x: any"],
  options: {},
  lower: ({ g }, { x }) => flattenSample(g, x),
});

/**
 * A sample of any shape as a vector `[size]`.
 *
 * @example const features = flatten(pool5);
 */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  return flattenLayer.make([x], options);
}

const isLength = (value: unknown): value is number =>
  Number.isInteger(value) && (value === -1 || (Number(value) >= 1 && Number(value) <= maximumSize));

const lengthsWithOneOpen = {
  expected: "a list of whole numbers ≥ 1, one of which may be -1",
  parse: (value: unknown): readonly number[] | undefined => {
    if (!Array.isArray(value) || !value.every(isLength)) return undefined;
    return value.filter((length) => length === -1).length <= 1 ? [...value] : undefined;
  },
  print: (value: readonly number[]) => value,
};

const reshapeOptions = {
  /** The new shape of a sample; −1 stands once for the length that makes its size fit. */
  shape: required<readonly number[]>(lengthsWithOneOpen),
};

export type ReshapeOptions = OptionsOf<typeof reshapeOptions>;

/** y = the numbers of x in row-major order, in another shape. */
export const reshapeLayer = defineLayer({
  type: "reshape",
  inputs: ["x: any"],
  options: reshapeOptions,
  // 0 copies the batch (ONNX, Reshape).
  lower: ({ g }, { x }, { shape }) => g.op("Reshape", [x, g.ints([0, ...shape])]),
});

/**
 * A sample in another shape of the same size.
 *
 * @throws CompileError if the sizes differ
 * @example const steps = reshape(features, { shape: [-1, 64] });
 */
export function reshape(x: Tensor, options: ReshapeOptions): Tensor {
  return reshapeLayer.make([x], options);
}
