import { defineLayer } from "./define-layer.js";
import { constant } from "./initializers.js";
import { flag, type NamedOptionsOf, withDefault } from "./options.js";
import { lengthOf, multiplierOptions, parametersOf, type Start, start } from "./parameters.js";
import type { Tensor } from "./types.js";

const table = {
  /** How the slopes start, or a tensor in their place. Default `constant(0.25)` (PyTorch's PReLU, Caffe's filler). */
  slopes: withDefault<Start>(start(), constant(0.25)),
  /** One slope for all channels (caffe.proto, PReLUParameter.channel_shared). Default false. */
  shared: withDefault(flag(), false),
  ...multiplierOptions,
};

export type PreluOptions = NamedOptionsOf<typeof table>;

/** y = max(x, 0) − w[c] · max(−x, 0). */
export const preluLayer = defineLayer({
  type: "prelu",
  inputs: ["x: float"],
  options: table,
  needsName: true,
  lower: (l, { x }, { slopes, shared, ...multipliers }) => {
    const channels = shared ? 1 : lengthOf(l, x, 1, "number of channels");
    const { weight } = parametersOf(l, multipliers, { weight: { shape: [channels], start: slopes } });
    const places = x.shape.slice(2).map(() => 1);
    const slope = shared || places.length === 0 ? weight : l.g.op("Reshape", [weight, l.g.ints([channels, ...places])]);
    return l.g.op("Sub", [l.g.op("Relu", [x]), l.g.op("Mul", [slope, l.g.op("Relu", [l.g.op("Neg", [x])])])]);
  },
});

/**
 * Rectified linear unit with a learned slope below zero, one for each channel, which is the first axis of the sample. Any
 * shape in, the same out. Variable: `weight` `[channels]` or `[1]`.
 *
 * @example const y = prelu(conv1, { name: "prelu1" });
 */
export function prelu(x: Tensor, options: PreluOptions): Tensor {
  return preluLayer.make([x], options);
}
