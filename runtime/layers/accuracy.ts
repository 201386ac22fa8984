import { defineScalar } from "./define-layer.js";
import { asFloat, requireSameShape } from "./distance.js";
import { labelOptions, labelPlaces, pickLabels } from "./label-places.js";
import { type OptionsOf, real, whole, withDefault } from "./options.js";
import { meanOverPlaces, placeWeights, sampleWeights } from "./place-weights.js";
import type { Scalar, Tensor } from "./types.js";

const table = {
  /** A row counts as correct if its label is among this many best scores. Default 1 (caffe.proto, AccuracyParameter). */
  topK: withDefault(whole(1), 1),
  ...labelOptions,
};

export type AccuracyOptions = OptionsOf<typeof table>;

/**
 * Share of rows with #{k: s[k] ≥ s[label]} ≤ topK: a label that ties with the boundary is wrong, so equal scores give 0
 * (BVLC/caffe src/caffe/layers/accuracy_layer.cpp).
 */
export const accuracyLayer = defineScalar({
  type: "accuracy",
  role: "metric",
  inputs: ["logits: float", "label: index"],
  samples: { logits: { ranks: [1, 2, 3, 4], axes: "[classes, …]" } },
  options: table,
  lower: (l, inputs, { topK, ...options }, given) => {
    const { g } = l;
    const { classes, scores, label, weights } = labelPlaces(l, { ...inputs, given, ...options });
    const message = `its topK is ${topK} of ${classes} classes, expected at most as many as there are classes`;
    l.check(topK <= classes, "LAYER_OPTION_INVALID", message);
    const own = g.op("Unsqueeze", [pickLabels(l, scores, label), g.ints([1])]);
    // Counting what is below, not what is at or above: a row with NaN is wrong, as nothing is below NaN.
    const below = g.op("Cast", [g.op("Less", [scores, own])], { to: "float32" });
    const count = g.op("ReduceSum", [below, g.ints([1])], { keepdims: 0 });
    const correct = g.op("GreaterOrEqual", [count, g.scalar(classes - topK)]);
    return meanOverPlaces(g, { values: g.op("Cast", [correct], { to: "float32" }), weights, data: label });
  },
});

/**
 * Share of rows (and pixels) whose label has one of the `topK` best scores, in [0, 1].
 *
 * @example const top5 = accuracy(fc8, digit, { topK: 5 });
 */
export function accuracy(logits: Tensor, label: Tensor, options: AccuracyOptions = {}): Scalar {
  return accuracyLayer.make([logits, label], options);
}

const binaryTable = {
  /** A score above it says 1, one at or below it 0. Default 0.5, for probabilities; 0 is right for logits. */
  threshold: withDefault(real("a number"), 0.5),
  ...sampleWeights,
};

export type BinaryAccuracyOptions = OptionsOf<typeof binaryTable>;

/** Share of numbers with (s > threshold) = y. */
export const binaryAccuracyLayer = defineScalar({
  type: "binaryAccuracy",
  role: "metric",
  inputs: ["scores: float", "target: number"],
  options: binaryTable,
  lower: (l, { scores, target }, { threshold, sampleWeights: given }) => {
    const { g } = l;
    requireSameShape(l, scores, target);
    const said = g.op("Cast", [g.op("Greater", [scores, g.scalar(threshold)])], { to: "float32" });
    const values = g.op("Cast", [g.op("Equal", [said, asFloat(l, target)])], { to: "float32" });
    return meanOverPlaces(g, { values, weights: placeWeights(l, given, target), data: target });
  },
});

/**
 * Share of scores that are on the right side of a threshold, for targets 0 and 1 of the same shape (Keras' BinaryAccuracy).
 *
 * @example const right = binaryAccuracy(sigmoid(ip2), isDog);
 */
export function binaryAccuracy(scores: Tensor, target: Tensor, options: BinaryAccuracyOptions = {}): Scalar {
  return binaryAccuracyLayer.make([scores, target], options);
}
