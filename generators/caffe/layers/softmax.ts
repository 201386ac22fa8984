import { softmax } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { integer } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { engineIsElsewhere, placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";

export const softmaxRules = fieldRules({
  message: "SoftmaxParameter",
  fields: { axis: integer() },
  ignored: { engine: engineIsElsewhere },
});

/** e^x[c] / Σ e^x[k] over the channels */
export const softmaxLayer = caffeLayer({
  bottoms: [1, 1],
  tops: [1, 1],
  inPlace: true,
  parameters: { softmax_param: softmaxRules },
  make:
    ({ softmax_param: { axis } }, context) =>
    ([bottom]) => {
      const x = tensorOf(bottom);
      requireChannelAxis(context, { parameter: "softmax_param", axis, rank: x.shape.length });
      return [tensorValue(softmax(x, placed(context)))];
    },
});
