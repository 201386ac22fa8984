import { conv2d } from "../../../runtime/layers/index.js";
import { fieldRules } from "../../source/fields/field.js";
import { count, integer } from "../../source/fields/kinds.js";
import { caffeLayer } from "./row.js";
import { engineIsElsewhere, placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";
import { weightFields, weightOptions } from "./weights.js";
import { shortPair, windowField, windowFields } from "./windows.js";

const rules = fieldRules({
  message: "ConvolutionParameter",
  fields: {
    num_output: count(1),
    group: count(1),
    kernel: windowField(windowFields.kernel),
    stride: windowField(windowFields.stride),
    pad: windowField(windowFields.pad),
    dilation: windowField(windowFields.dilation),
    axis: integer(),
    ...weightFields,
  },
  ignored: { engine: engineIsElsewhere, force_nd_im2col: "it is about how Caffe computes, not what" },
  checks: [
    {
      of: ["group", "num_output"],
      check: ({ group, num_output }, { problem }) => {
        if (num_output % group === 0) return;
        problem("invalid", `its group is ${group}, expected a divisor of its num_output ${num_output}`, "group");
      },
    },
  ],
});

/** Cross-correlation with zero padding; output ⌊(i + 2p − (d(k − 1) + 1)) / s⌋ + 1 */
export const convolutionLayer = caffeLayer({
  bottoms: [1, 1],
  tops: [1, 1],
  learns: true,
  parameters: { convolution_param: rules },
  make: ({ convolution_param: settings }, context) => {
    requireChannelAxis(context, { parameter: "convolution_param", axis: settings.axis, rank: 4 });
    const weights = weightOptions(context, settings);
    return ([bottom]) => {
      const options = {
        ...placed(context),
        filters: settings.num_output,
        kernel: shortPair(settings.kernel),
        stride: shortPair(settings.stride),
        pad: shortPair(settings.pad),
        dilation: shortPair(settings.dilation),
        groups: settings.group,
        ...weights,
      };
      return [tensorValue(conv2d(tensorOf(bottom), options))];
    };
  },
});
