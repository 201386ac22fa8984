import { sampleAxis } from "./axes.js";
import { defineLayer } from "./define-layer.js";
import { affineOf, normalizationOptions } from "./normalization.js";
import { integer, type NamedOptionsOf, withDefault } from "./options.js";
import { lengthOf } from "./parameters.js";
import type { Tensor } from "./types.js";

const table = {
  /** The first of the axes that are normalized together, all up to the last. Default −1, the last alone. */
  axis: withDefault(integer(), -1),
  ...normalizationOptions,
};

export type LayerNormOptions = NamedOptionsOf<typeof table>;

/** y = (x − μ) / √(σ² + ε) · scale + offset, with the mean and (biased) variance of each place over its last axes. */
export const layerNormLayer = defineLayer({
  type: "layerNorm",
  inputs: ["x: float"],
  options: table,
  needsName: true,
  lower: (l, { x }, { axis: asked, epsilon, ...affine }) => {
    const first = sampleAxis(l, x, asked);
    const shape = x.shape.flatMap((_, axis) => (axis < first ? [] : [lengthOf(l, x, axis, "normalized axis")]));
    const { weight, bias } = affineOf(l, shape, affine);
    return l.g.op("LayerNormalization", [x, weight, bias], { axis: first, epsilon });
  },
});

/**
 * Layer normalization over the last axes (Ba, Kiros and Hinton 2016), alike in training and evaluation. Any shape in, the
 * same out. Variables: `weight` and `bias`, of the normalized axes' shape.
 *
 * @example const y = layerNorm(words, { name: "norm1" });
 */
export function layerNorm(x: Tensor, options: LayerNormOptions): Tensor {
  return layerNormLayer.make([x], options);
}
