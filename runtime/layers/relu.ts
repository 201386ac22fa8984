import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import type { Tensor } from "./types.js";

export type ReluOptions = LayerOptions;

/** y = max(x, 0); the gradient at 0 is 0. */
export const reluLayer = defineActivation({
  type: "relu",
  options: {},
  lower: ({ g, inputs }) => g.op("Relu", inputs),
});

/**
 * Rectified linear unit: max(x, 0). Any shape in, the same out.
 *
 * @example const y = relu(x);
 */
export function relu(x: Tensor, options: ReluOptions = {}): Tensor {
  return reluLayer.make([x], options);
}
