import type { LayerOptions } from "./call.js";
import { inferPlaces, lowerPlaces, scoreInputs } from "./classes.js";
import { defineLayer } from "./define-layer.js";
import { whole, withDefault } from "./options.js";
import { meanOfAll } from "./reduce.js";
import type { Tensor } from "./types.js";

export interface AccuracyOptions extends LayerOptions {
  /** A row counts as correct if its label is among this many best scores. Default 1 (caffe.proto, AccuracyParameter). */
  readonly topK?: number;
}

/**
 * Share of rows with #{k: s[k] ≥ s[label]} ≤ topK: a label that ties with the boundary is wrong, so equal scores give 0
 * (BVLC/caffe src/caffe/layers/accuracy_layer.cpp).
 */
export const accuracyLayer = defineLayer({
  type: "accuracy",
  role: "metric",
  inputs: scoreInputs,
  options: { topK: withDefault(whole(1), 1) },
  infer: ({ inputs, options, check }) => {
    const { classes, places } = inferPlaces({ inputs, check });
    const message = `its topK is ${options.topK} of ${classes} classes, expected at most as many as there are classes`;
    check(options.topK <= classes, "LAYER_OPTION_INVALID", message);
    return { shape: [], attributes: { ...options, classes, places } };
  },
  lower: (lowering, { topK, classes, places }) => {
    const { g } = lowering;
    const { scores, isLabel } = lowerPlaces(lowering, { classes, places });
    const own = g.op("ReduceSum", [g.op("Where", [isLabel, scores, g.scalar(0)]), g.ints([1])], { keepdims: 1 });
    // Counting what is below, not what is at or above: a row with NaN is wrong, as nothing is below NaN.
    const below = g.op("Cast", [g.op("Less", [scores, own])], { to: "float32" });
    const count = g.op("ReduceSum", [below, g.ints([1])], { keepdims: 0 });
    const correct = g.op("GreaterOrEqual", [count, g.scalar(classes - topK)]);
    return meanOfAll(g, g.op("Cast", [correct], { to: "float32" }));
  },
});

/**
 * Share of rows (and pixels) whose label has one of the `topK` best scores, in [0, 1].
 *
 * @example const top5 = accuracy(fc8, label, { topK: 5 });
 */
export function accuracy(logits: Tensor, label: Tensor, options: AccuracyOptions = {}): Tensor {
  return accuracyLayer.make([logits, label], options);
}
