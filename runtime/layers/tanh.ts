import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import type { Tensor } from "./types.js";

export type TanhOptions = LayerOptions;

/** y = tanh(x). */
export const tanhLayer = defineActivation({
  type: "tanh",
  options: {},
  lower: ({ g, inputs }) => g.op("Tanh", inputs),
});

/**
 * Hyperbolic tangent. Any shape in, the same out.
 *
 * @example const y = tanh(x);
 */
export function tanh(x: Tensor, options: TanhOptions = {}): Tensor {
  return tanhLayer.make([x], options);
}
