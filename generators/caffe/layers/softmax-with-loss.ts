import { softmax, softmaxCrossEntropy } from "../../../runtime/layers/index.js";
import { sizeOf } from "../../../runtime/shape.js";
import { fieldRules } from "../../source/fields/field.js";
import { flag } from "../../source/fields/kinds.js";
import { choice } from "../../source/fields/words.js";
import { ifGiven } from "../../source/fields/wrappers.js";
import { caffeLayer } from "./row.js";
import { softmaxRules } from "./softmax.js";
import { lossWeight, placed, requireChannelAxis, sampleOf, tensorOf, tensorValue, truthOf } from "./support.js";
import type { BlobValue } from "./types.js";

const lossRules = fieldRules({
  message: "LossParameter",
  fields: {
    normalization: ifGiven(
      choice(
        { VALID: "places", FULL: "places", BATCH_SIZE: "rows" },
        { NONE: "a sum that grows with the batch is not supported" },
      ),
    ),
    normalize: ifGiven(flag()),
  },
  refused: { ignore_label: { because: "every row counts" } },
});

/**
 * What the mean over rows and places is multiplied by, for loss_param's normalization: VALID and FULL divide by rows ×
 * places, BATCH_SIZE by rows. If only the old `normalize` is given, true is VALID and false BATCH_SIZE
 * (BVLC/caffe src/caffe/layers/softmax_loss_layer.cpp, LayerSetUp and get_normalizer).
 */
function modeOf(normalization: "places" | "rows" | undefined, normalize: boolean | undefined): "places" | "rows" {
  return normalization ?? (normalize === false ? "rows" : "places");
}

/** Σ −ln softmax(x)[label] / Z; a second top holds the probabilities */
export const softmaxWithLossLayer = caffeLayer({
  bottoms: [2, 2],
  tops: [0, 2],
  isLoss: true,
  truths: { 1: "classes" },
  parameters: { softmax_param: softmaxRules, loss_param: lossRules },
  make: ({ softmax_param: { axis }, loss_param: { normalization, normalize } }, context) => {
    const mode = modeOf(normalization, normalize);
    return ([bottom, truth], ends) => {
      const scores = tensorOf(bottom);
      requireChannelAxis(context, { parameter: "softmax_param", axis, rank: scores.shape.length });
      const labels = truthOf(context, truth);
      if (labels === undefined) return [];
      const label = ends.label(labels, scores);
      const places = sizeOf(sampleOf(scores).slice(1));
      const weight = lossWeight(context) * (mode === "rows" ? places : 1);
      const loss = softmaxCrossEntropy(scores, label, { ...placed(context), weight: weight === 0 ? 1 : weight });
      ends.loss(loss, weight, { kind: "softmax", tensor: scores, blob: context.layer.bottoms[0]?.name ?? "" });
      const { at } = placed(context);
      const probabilities = (): BlobValue => tensorValue(softmax(scores, { at }));
      return context.layer.tops.map((_, top) => (top === 0 ? { kind: "scalar", scalar: loss } : probabilities()));
    };
  },
});
