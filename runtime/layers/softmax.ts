import { sampleAxis } from "./axes.js";
import { defineLayer } from "./define-layer.js";
import { integer, type OptionsOf, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

const table = {
  /** The axis of the classes; 0 is the batch, −1 the last. Default 1, the first axis of the sample. */
  axis: withDefault(integer(), 1),
};

export type SoftmaxOptions = OptionsOf<typeof table>;

/** y[c] = e^x[c] / Σ e^x[k] over k along the axis; the maximum is subtracted first. */
export const softmaxLayer = defineLayer({
  type: "softmax",
  inputs: ["x: float"],
  options: table,
  lower: (l, { x }, { axis }) => l.g.op("Softmax", [x], { axis: sampleAxis(l, x, axis) }),
});

/**
 * Probabilities over the classes of a vector, or over the channels of an image at each pixel. Same shape out.
 *
 * @example const prob = softmax(ip2);
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return softmaxLayer.make([x], options);
}
