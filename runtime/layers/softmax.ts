import type { LayerOptions } from "./call.js";
import { defineLayer } from "./define-layer.js";
import type { Tensor } from "./types.js";

export type SoftmaxOptions = LayerOptions;

/** y[c] = e^x[c] / Σ e^x[k] over k, the first axis of the sample; the maximum is subtracted first. */
export const softmaxLayer = defineLayer({
  type: "softmax",
  inputs: [{ name: "x", dtype: "float32", ranks: [1, 2, 3, 4], axes: "[classes, …]" }],
  options: {},
  infer: ({ inputs: [x] }) => ({ shape: x?.shape ?? [], attributes: {} }),
  lower: ({ g, inputs }) => g.op("Softmax", inputs, { axis: 1 }),
});

/**
 * Probabilities over the classes of a vector, or over the channels of an image at each pixel. Same shape out.
 *
 * @example const prob = softmax(ip2);
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return softmaxLayer.make([x], options);
}
