import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import type { Tensor } from "./types.js";

export type SigmoidOptions = LayerOptions;

/** y = 1 / (1 + e^−x). */
export const sigmoidLayer = defineActivation({
  type: "sigmoid",
  options: {},
  lower: ({ g, inputs }) => g.op("Sigmoid", inputs),
});

/**
 * Logistic function: 1 / (1 + e^−x). Any shape in, the same out.
 *
 * @example const y = sigmoid(x);
 */
export function sigmoid(x: Tensor, options: SigmoidOptions = {}): Tensor {
  return sigmoidLayer.make([x], options);
}
