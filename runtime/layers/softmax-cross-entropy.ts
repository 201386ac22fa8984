import type { Value } from "../graph/types.js";
import { defineScalar } from "./define-layer.js";
import { labelOptions, labelPlaces, pickLabels } from "./label-places.js";
import { type OptionsOf, optional, real, withDefault } from "./options.js";
import { combined, meanOverPlaces, whereCounted } from "./place-weights.js";
import type { Lowering, Scalar, Tensor } from "./types.js";

const isWeight = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value) && value >= 0;

const table = {
  /** Factor of the loss. Default 1 (caffe.proto, LayerParameter.loss_weight). */
  weight: withDefault(real("a number"), 1),
  ...labelOptions,
  /** What the places of each class weigh in the mean, one number ≥ 0 a class. Default: all weigh the same. */
  classWeights: optional<readonly number[]>({
    expected: "a list of numbers ≥ 0, one for each class",
    parse: (value) => (Array.isArray(value) && value.every(isWeight) ? [...value] : undefined),
    print: (value) => value,
  }),
};

export type SoftmaxCrossEntropyOptions = OptionsOf<typeof table>;

/** The weight of each place's class. */
function weightsOfClasses(l: Lowering, label: Value, weights: readonly number[] | undefined, classes: number) {
  if (weights === undefined) return undefined;
  const message = `its classWeights are ${weights.length} numbers for ${classes} classes, expected one for each class`;
  if (weights.length !== classes) l.fail("LAYER_OPTION_INVALID", message);
  const list = l.g.constant({ dtype: "float32", shape: [classes], data: Float32Array.from(weights) });
  return l.g.op("Gather", [list, label]);
}

/** L = weight · Σ wₚ · −ln softmax(x)[labelₚ] / Σ wₚ over rows and places p. */
export const softmaxCrossEntropyLayer = defineScalar({
  type: "softmaxCrossEntropy",
  role: "loss",
  inputs: ["logits: float", "label: index"],
  samples: { logits: { ranks: [1, 2, 3, 4], axes: "[classes, …]" } },
  options: table,
  lower: (l, inputs, { weight, classWeights, ...options }, given) => {
    const { classes, scores, label, weights } = labelPlaces(l, { ...inputs, given, ...options });
    // Only the label's entry is read: that of another class may be −∞.
    const counted = weights && l.g.op("Unsqueeze", [weights, l.g.ints([1])]);
    const known = whereCounted(l.g, scores, counted);
    const logProbability = pickLabels(l, l.g.op("LogSoftmax", [known], { axis: 1 }), label);
    return meanOverPlaces(l.g, {
      values: logProbability,
      weights: combined(l.g, weights, weightsOfClasses(l, label, classWeights, classes)),
      data: label,
      factor: -weight,
    });
  },
});

/**
 * Cross-entropy of class scores (before softmax) with class numbers: a mean over the rows of the batch and, for scores
 * `[classes, height, width]` with labels `[height, width]`, over the pixels. Labels outside the classes that are not
 * ignored are the caller's to refuse.
 *
 * @example const loss = softmaxCrossEntropy(ip2, digit);
 */
export function softmaxCrossEntropy(logits: Tensor, label: Tensor, options: SoftmaxCrossEntropyOptions = {}): Scalar {
  return softmaxCrossEntropyLayer.make([logits, label], options);
}
