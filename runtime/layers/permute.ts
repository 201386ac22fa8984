import { defineLayer } from "./define-layer.js";
import { type OptionsOf, required, shape } from "./options.js";
import type { Tensor } from "./types.js";

const table = {
  /** For each axis of the result the axis of x that it is, counted from 1: axis 0, the batch, stays (Keras' Permute). */
  order: required(shape(1)),
};

export type PermuteOptions = OptionsOf<typeof table>;

/** y[i…] = x[j…], the axes in another order. */
export const permuteLayer = defineLayer({
  type: "permute",
  inputs: ["x: any"],
  options: table,
  lower: ({ g }, { x }, { order }) => g.op("Transpose", [x], { perm: [0, ...order] }),
});

/**
 * A sample with its axes in another order.
 *
 * @throws CompileError if `order` does not name every axis once
 * @example const channelsLast = permute(image, { order: [2, 3, 1] });
 */
export function permute(x: Tensor, options: PermuteOptions): Tensor {
  return permuteLayer.make([x], options);
}
