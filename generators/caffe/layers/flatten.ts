import { flatten } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { integer } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { placed, placeOf, requireChannelAxis, tensorOf, tensorValue } from "./support.js";

/** Each sample as a vector: axes 1 to −1 merged (caffe.proto, FlattenParameter) */
export const flattenLayer = caffeLayer({
  bottoms: [1, 1],
  tops: [1, 1],
  parameters: {
    flatten_param: fieldRules({ message: "FlattenParameter", fields: { axis: integer(), end_axis: integer() } }),
  },
  make:
    ({ flatten_param: { axis, end_axis: end } }, context) =>
    ([bottom]) => {
      const x = tensorOf(bottom);
      const rank = x.shape.length;
      requireChannelAxis(context, { parameter: "flatten_param", axis, rank });
      if (end !== -1 && end !== rank - 1) {
        const message = `its end_axis is ${end}, expected -1 (the last axis); others are not supported yet`;
        context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: placeOf(context, "flatten_param", "end_axis") });
      }
      return [tensorValue(flatten(x, placed(context)))];
    },
});
