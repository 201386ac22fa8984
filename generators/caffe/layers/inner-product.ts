import { dense } from "../../../runtime/layers/index.js";
import { placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";
import type { CaffeLayer } from "./types.js";
import { readWeights } from "./weights.js";

/** W · x + b for each sample, flattened in (C, H, W) order */
export const innerProductLayer: CaffeLayer = {
  bottoms: [1, 1],
  tops: [1, 1],
  learns: true,
  parameters: ["inner_product_param"],
  read: (context) => {
    const settings = context.settings("inner_product_param");
    const units = settings.number("num_output");
    if (units < 1) {
      const found = settings.has("num_output") ? `its num_output is ${units}` : "it has no num_output";
      context.problem("CAFFE_FIELD_INVALID", `${found}, expected at least 1`, { at: settings.at("num_output") });
    }
    if (settings.boolean("transpose")) {
      const message = "its transpose is true: weights stored as [inputs, outputs] are not supported yet";
      context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("transpose") });
    }
    const weights = readWeights(context, settings);
    return ([bottom]) => {
      const x = tensorOf(bottom);
      requireChannelAxis(context, settings, [x.shape.length]);
      return [tensorValue(dense(x, { ...placed(context), units, ...weights }))];
    };
  },
};
