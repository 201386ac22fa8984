import { accuracy } from "../../../runtime/layers/index.js";
import { placed, requireChannelAxis, tensorOf, truthOf } from "./support.js";
import type { CaffeLayer } from "./types.js";

/** Share of rows whose label has one of the top_k best scores; a tie at the boundary is wrong */
export const accuracyLayer: CaffeLayer = {
  bottoms: [2, 2],
  tops: [1, 2],
  truths: [1],
  parameters: ["accuracy_param"],
  read: (context) => {
    const settings = context.settings("accuracy_param");
    if (settings.has("ignore_label")) {
      const message = `its ignore_label is ${settings.number("ignore_label")}, which is not supported yet: every row counts`;
      context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("ignore_label") });
    }
    const topK = settings.number("top_k");
    const perClass = context.layer.tops[1];
    if (perClass !== undefined) {
      const message = `its second top "${perClass.name}", the accuracy of each class, is left out: metrics are one number`;
      context.note(message, { at: perClass.at });
    }
    return ([bottom, truth], ends) => {
      const scores = tensorOf(bottom);
      requireChannelAxis(context, settings, [scores.shape.length]);
      const labels = truthOf(context, truth);
      if (labels === undefined) return [];
      const share = accuracy(scores, ends.label(labels, scores), { ...placed(context), topK });
      ends.metric(share);
      return context.layer.tops.map(() => ({ kind: "scalar", scalar: share }));
    };
  },
};
