import { conv2d } from "../../../runtime/layers/index.js";
import { ignoreEngine, placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";
import type { CaffeLayer } from "./types.js";
import { readWeights } from "./weights.js";
import { readPair, shortPair, windowFields } from "./windows.js";

/** Cross-correlation with zero padding; output ⌊(i + 2p − (d(k − 1) + 1)) / s⌋ + 1 */
export const convolutionLayer: CaffeLayer = {
  bottoms: [1, 1],
  tops: [1, 1],
  learns: true,
  parameters: ["convolution_param"],
  read: (context) => {
    const settings = context.settings("convolution_param");
    const filters = settings.number("num_output");
    if (filters < 1) {
      const found = settings.has("num_output") ? `its num_output is ${filters}` : "it has no num_output";
      context.problem("CAFFE_FIELD_INVALID", `${found}, expected at least 1`, { at: settings.at("num_output") });
    }
    const group = settings.number("group");
    if (group < 1 || filters % group !== 0) {
      const message = `its group is ${group}, expected a divisor of its num_output ${filters}`;
      context.problem("CAFFE_FIELD_INVALID", message, { at: settings.at("group") });
    }
    const kernel = readPair(context, settings, windowFields.kernel) ?? [1, 1];
    const stride = readPair(context, settings, windowFields.stride) ?? [1, 1];
    const pad = readPair(context, settings, windowFields.pad) ?? [0, 0];
    const dilation = readPair(context, settings, windowFields.dilation) ?? [1, 1];
    requireChannelAxis(context, settings, [4]);
    ignoreEngine(context, settings);
    context.ignore(settings, ["force_nd_im2col"], "it is about how Caffe computes, not what");
    const weights = readWeights(context, settings);
    return ([bottom]) => {
      const options = {
        ...placed(context),
        filters,
        kernel: shortPair(kernel),
        stride: shortPair(stride),
        pad: shortPair(pad),
        dilation: shortPair(dilation),
        groups: group,
        ...weights,
      };
      return [tensorValue(conv2d(tensorOf(bottom), options))];
    };
  },
};
