import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import type { Tensor } from "./types.js";

export type SoftplusOptions = LayerOptions;

/** y = ln(1 + e^x), computed without overflow. */
export const softplusLayer = defineActivation({
  type: "softplus",
  options: {},
  lower: ({ g, inputs }) => g.op("Softplus", inputs),
});

/**
 * A smooth relu: ln(1 + e^x) (Caffe's BNLL). Any shape in, the same out.
 *
 * @example const y = softplus(x);
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  return softplusLayer.make([x], options);
}
