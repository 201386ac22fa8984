import { type Scalar, softmax, softmaxCrossEntropy } from "../../../runtime/layers/index.js";
import { sizeOf } from "../../../runtime/shape.js";
import type { Message } from "../../source/prototxt/message.js";
import {
  ignoreEngine,
  lossWeight,
  placed,
  requireChannelAxis,
  sampleOf,
  tensorOf,
  tensorValue,
  truthOf,
} from "./support.js";
import type { BlobValue, CaffeLayer, LayerContext, NetEnds } from "./types.js";

/**
 * What the mean over rows and places is multiplied by, for loss_param's normalization: VALID and FULL divide by rows ×
 * places, BATCH_SIZE by rows. If only the old `normalize` is given, true is VALID and false BATCH_SIZE
 * (BVLC/caffe src/caffe/layers/softmax_loss_layer.cpp, LayerSetUp and get_normalizer).
 */
function normalization(context: LayerContext, settings: Message): "places" | "rows" {
  if (settings.has("ignore_label")) {
    const message = `its ignore_label is ${settings.number("ignore_label")}, which is not supported yet: every row counts`;
    context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("ignore_label") });
  }
  if (!settings.has("normalization") && settings.has("normalize")) {
    return settings.boolean("normalize") ? "places" : "rows";
  }
  const mode = settings.text("normalization");
  if (mode === "NONE") {
    const message = "its normalization is NONE, a sum that grows with the batch; expected VALID, FULL or BATCH_SIZE";
    context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("normalization") });
  }
  return mode === "BATCH_SIZE" ? "rows" : "places";
}

interface Build {
  readonly bottoms: readonly BlobValue[];
  readonly ends: NetEnds;
  readonly mode: "places" | "rows";
}

function build(context: LayerContext, { bottoms: [bottom, truth], ends, mode }: Build): Scalar | undefined {
  const scores = tensorOf(bottom);
  const settings = context.settings("softmax_param");
  requireChannelAxis(context, settings, [scores.shape.length]);
  const labels = truthOf(context, truth);
  if (labels === undefined) return undefined;
  const label = ends.label(labels, scores);
  const places = sizeOf(sampleOf(scores).slice(1));
  const weight = lossWeight(context) * (mode === "rows" ? places : 1);
  const loss = softmaxCrossEntropy(scores, label, { ...placed(context), weight: weight === 0 ? 1 : weight });
  ends.loss(loss, weight, { kind: "softmax", tensor: scores, blob: context.layer.bottoms[0]?.name ?? "" });
  return loss;
}

/** Σ −ln softmax(x)[label] / Z; a second top holds the probabilities */
export const softmaxWithLossLayer: CaffeLayer = {
  bottoms: [2, 2],
  tops: [0, 2],
  isLoss: true,
  truths: [1],
  parameters: ["softmax_param", "loss_param"],
  read: (context) => {
    ignoreEngine(context, context.settings("softmax_param"));
    const mode = normalization(context, context.settings("loss_param"));
    return (bottoms, ends) => {
      const loss = build(context, { bottoms, ends, mode });
      if (loss === undefined) return [];
      const { at } = placed(context);
      const probabilities = (): BlobValue => tensorValue(softmax(tensorOf(bottoms[0]), { at }));
      return context.layer.tops.map((_, top) => (top === 0 ? { kind: "scalar", scalar: loss } : probabilities()));
    };
  },
};
