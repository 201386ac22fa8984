import { sameShape } from "../graph/lengths.js";
import type { Value } from "../graph/types.js";
import { defineScalar } from "./define-layer.js";
import { type OptionsOf, real, withDefault } from "./options.js";
import { meanOverPlaces, placeWeights, sampleWeights, whereCounted } from "./place-weights.js";
import { formatSample } from "./tensors.js";
import type { Lowering, Scalar, Tensor } from "./types.js";

/** Options of losses that compare two tensors number by number, for their option tables. */
export const distanceOptions = {
  /** Factor of the loss. Default 1 (caffe.proto, LayerParameter.loss_weight). */
  weight: withDefault(real("a number"), 1),
  ...sampleWeights,
};

/** Fails unless prediction and target have one shape. */
export function requireSameShape(l: Lowering, prediction: Value, target: Value): void {
  if (sameShape(prediction.shape, target.shape)) return;
  const found = `its prediction "${prediction.name}" is ${formatSample(prediction.shape)}`;
  const other = `its target "${target.name}" ${formatSample(target.shape)}`;
  l.fail("LAYER_SHAPE_MISMATCH", `${found} and ${other}, expected the same shape`);
}

export type MeanAbsoluteErrorOptions = OptionsOf<typeof distanceOptions>;

/** L = weight · mean of |a − b|. */
export const meanAbsoluteErrorLayer = defineScalar({
  type: "meanAbsoluteError",
  role: "loss",
  inputs: ["prediction: float", "target: float"],
  options: distanceOptions,
  lower: (l, { prediction, target }, { weight, sampleWeights: given }) => {
    requireSameShape(l, prediction, target);
    const weights = placeWeights(l, given, target);
    const values = l.g.op("Abs", [whereCounted(l.g, l.g.op("Sub", [prediction, target]), weights)]);
    return meanOverPlaces(l.g, { values, weights, data: target, factor: weight });
  },
});

/**
 * Absolute distance of two tensors of one shape, a mean over all numbers of the batch. Gradients go to both; where they are
 * equal it is 0.
 *
 * @example const loss = meanAbsoluteError(ip2, price);
 */
export function meanAbsoluteError(prediction: Tensor, target: Tensor, options: MeanAbsoluteErrorOptions = {}): Scalar {
  return meanAbsoluteErrorLayer.make([prediction, target], options);
}

export type BinaryCrossEntropyOptions = OptionsOf<typeof distanceOptions>;

/** A value as float32. */
export function asFloat({ g }: Lowering, value: Value): Value {
  return value.dtype === "float32" ? value : g.op("Cast", [value], { to: "float32" });
}

/** L = weight · mean of −y·ln σ(x) − (1 − y)·ln(1 − σ(x)) = weight · mean of ln(1 + e^x) − x·y. */
export const binaryCrossEntropyLayer = defineScalar({
  type: "binaryCrossEntropy",
  role: "loss",
  inputs: ["logits: float", "target: number"],
  options: distanceOptions,
  lower: (l, { logits, target }, { weight, sampleWeights: given }) => {
    requireSameShape(l, logits, target);
    const weights = placeWeights(l, given, target);
    const [x, y] = [logits, asFloat(l, target)].map((value) => whereCounted(l.g, value, weights)) as [Value, Value];
    const values = l.g.op("Sub", [l.g.op("Softplus", [x]), l.g.op("Mul", [x, y])]);
    return meanOverPlaces(l.g, { values, weights, data: target, factor: weight });
  },
});

/**
 * Cross-entropy of scores (before the logistic function) with shares in [0, 1] or classes 0 and 1 of the same shape: a mean
 * over all numbers of the batch. Stable for large scores.
 *
 * @example const loss = binaryCrossEntropy(ip2, isDog);
 */
export function binaryCrossEntropy(logits: Tensor, target: Tensor, options: BinaryCrossEntropyOptions = {}): Scalar {
  return binaryCrossEntropyLayer.make([logits, target], options);
}
