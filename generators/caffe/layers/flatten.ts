import { flatten } from "../../../runtime/layers/index.js";
import { placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";
import type { CaffeLayer } from "./types.js";

/** Each sample as a vector: axes 1 to −1 merged (caffe.proto, FlattenParameter) */
export const flattenLayer: CaffeLayer = {
  bottoms: [1, 1],
  tops: [1, 1],
  parameters: ["flatten_param"],
  read: (context) => {
    const settings = context.settings("flatten_param");
    return ([bottom]) => {
      const x = tensorOf(bottom);
      requireChannelAxis(context, settings, [x.shape.length]);
      const end = settings.number("end_axis");
      if (end !== -1 && end !== x.shape.length - 1) {
        const message = `its end_axis is ${end}, expected -1 (the last axis); others are not supported yet`;
        context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at("end_axis") });
      }
      return [tensorValue(flatten(x, placed(context)))];
    };
  },
};
