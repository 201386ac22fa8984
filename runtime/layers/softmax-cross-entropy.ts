import type { LayerOptions } from "./call.js";
import { inferPlaces, lowerPlaces, scoreInputs } from "./classes.js";
import { defineLayer } from "./define-layer.js";
import { real, withDefault } from "./options.js";
import { meanOfAll } from "./reduce.js";
import type { Tensor } from "./types.js";

export interface SoftmaxCrossEntropyOptions extends LayerOptions {
  /** Factor of the loss. Default 1 (caffe.proto, LayerParameter.loss_weight). */
  readonly weight?: number;
}

/** L = weight · mean over rows (and pixels) of −ln softmax(x)[label]. */
export const softmaxCrossEntropyLayer = defineLayer({
  type: "softmaxCrossEntropy",
  role: "loss",
  inputs: scoreInputs,
  options: { weight: withDefault(real("a number"), 1) },
  infer: ({ inputs, options, check }) => ({
    shape: [],
    attributes: { ...options, ...inferPlaces({ inputs, check }) },
  }),
  lower: (lowering, { weight, classes, places }) => {
    const { g } = lowering;
    const { scores, isLabel } = lowerPlaces(lowering, { classes, places });
    const logProbability = g.op("LogSoftmax", [scores], { axis: 1 });
    const picked = g.op("Mul", [logProbability, g.op("Cast", [isLabel], { to: "float32" })]);
    // One entry of each place is picked, the rest are 0: the mean of all is the mean over places ÷ classes.
    return g.op("Mul", [meanOfAll(g, picked), g.scalar(-weight * classes)]);
  },
});

/**
 * Cross-entropy of class scores (before softmax) with class numbers: one number, a mean over the rows of the batch and,
 * for scores `[classes, height, width]` with labels `[height, width]`, over the pixels. Labels out of range are the
 * caller's to refuse: such a place adds 0.
 *
 * @example const loss = softmaxCrossEntropy(ip2, digit);
 */
export function softmaxCrossEntropy(logits: Tensor, label: Tensor, options: SoftmaxCrossEntropyOptions = {}): Tensor {
  return softmaxCrossEntropyLayer.make([logits, label], options);
}
