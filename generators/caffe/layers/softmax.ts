import { softmax } from "../../../runtime/layers/index.js";
import { ignoreEngine, placed, requireChannelAxis, tensorOf, tensorValue } from "./support.js";
import type { CaffeLayer } from "./types.js";

/** e^x[c] / Σ e^x[k] over the channels */
export const softmaxLayer: CaffeLayer = {
  bottoms: [1, 1],
  tops: [1, 1],
  inPlace: true,
  parameters: ["softmax_param"],
  read: (context) => {
    const settings = context.settings("softmax_param");
    ignoreEngine(context, settings);
    return ([bottom]) => {
      const x = tensorOf(bottom);
      requireChannelAxis(context, settings, [x.shape.length]);
      return [tensorValue(softmax(x, placed(context)))];
    };
  },
};
