import { sizeOf } from "../shape.js";
import type { LayerOptions } from "./call.js";
import { defineLayer } from "./define-layer.js";
import { flattenSample } from "./reshape.js";
import type { Tensor } from "./types.js";

export type FlattenOptions = LayerOptions;

/** y = the numbers of x in row-major order. */
export const flattenLayer = defineLayer({
  type: "flatten",
  inputs: [{ name: "x", dtype: "float32" }],
  options: {},
  infer: ({ inputs: [x] }) => ({ shape: [sizeOf(x?.shape ?? [])], attributes: {} }),
  lower: flattenSample,
});

/**
 * A sample of any shape as a vector `[size]`.
 *
 * @example const features = flatten(pool5);
 */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  return flattenLayer.make([x], options);
}
