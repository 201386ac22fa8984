import { accuracy } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { count, integer } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { placed, requireChannelAxis, tensorOf, truthOf } from "./support.js";

/** Share of rows whose label has one of the top_k best scores; a tie at the boundary is wrong */
export const accuracyLayer = caffeLayer({
  bottoms: [2, 2],
  tops: [1, 2],
  truths: { 1: "classes" },
  parameters: {
    accuracy_param: fieldRules({
      message: "AccuracyParameter",
      fields: { top_k: count(1), axis: integer() },
      refused: { ignore_label: { because: "every row counts" } },
    }),
  },
  make: ({ accuracy_param: { top_k, axis } }, context) => {
    const perClass = context.layer.tops[1];
    if (perClass !== undefined) {
      const message = `its second top "${perClass.name}", the accuracy of each class, is left out: metrics are one number`;
      context.note(message, { at: perClass.at });
    }
    return ([bottom, truth], ends) => {
      const scores = tensorOf(bottom);
      requireChannelAxis(context, { parameter: "accuracy_param", axis, rank: scores.shape.length });
      const labels = truthOf(context, truth);
      if (labels === undefined) return [];
      const share = accuracy(scores, ends.label(labels, scores), { ...placed(context), topK: top_k });
      ends.metric(share);
      return context.layer.tops.map(() => ({ kind: "scalar", scalar: share }));
    };
  },
});
