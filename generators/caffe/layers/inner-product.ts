import { dense } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { count, integer } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";
import { weightFields, weightOptions } from "./weights.js";

/** W · x + b for each sample, flattened in (C, H, W) order */
export const innerProductLayer = caffeLayer({
  bottoms: [1, 1],
  tops: [1, 1],
  learns: true,
  parameters: {
    inner_product_param: fieldRules({
      message: "InnerProductParameter",
      fields: { num_output: count(1), axis: integer(), ...weightFields },
      refused: { transpose: { when: (value) => value === true, because: "weights are stored as [outputs, inputs]" } },
    }),
  },
  make: ({ inner_product_param: settings }, context) => {
    const weights = weightOptions(context, settings);
    return ([bottom]) => {
      const x = tensorOf(bottom);
      requireChannelAxis(context, { parameter: "inner_product_param", axis: settings.axis, rank: x.shape.length });
      return [tensorValue(dense(x, { ...placed(context), units: settings.num_output, ...weights }))];
    };
  },
});
