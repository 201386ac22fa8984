import { defineLayer } from "./define-layer.js";
import { affineOf, normalizationOptions } from "./normalization.js";
import { type NamedOptionsOf, required, whole } from "./options.js";
import { lengthOf } from "./parameters.js";
import type { Tensor } from "./types.js";

const table = {
  /** Channels are split into this many groups. */
  groups: required(whole(1)),
  ...normalizationOptions,
};

export type GroupNormOptions = NamedOptionsOf<typeof table>;

/** y = (x − μ) / √(σ² + ε) · scale[c] + offset[c], with the mean and (biased) variance of each group of a sample. */
export const groupNormLayer = defineLayer({
  type: "groupNorm",
  inputs: ["x: float"],
  options: table,
  needsName: true,
  lower: (l, { x }, { groups, epsilon, ...affine }) => {
    const { weight, bias } = affineOf(l, [lengthOf(l, x, 1, "number of channels")], affine);
    return l.g.op("GroupNormalization", [x, weight, bias], { num_groups: groups, epsilon });
  },
});

/**
 * Group normalization of channels, the first axis of the sample (Wu and He 2018), alike in training and evaluation. Any
 * shape in, the same out. Variables: `weight` and `bias` `[channels]`.
 *
 * @throws CompileError if the groups do not divide the channels
 * @example const y = groupNorm(conv1, { name: "norm1", groups: 8 });
 */
export function groupNorm(x: Tensor, options: GroupNormOptions): Tensor {
  return groupNormLayer.make([x], options);
}

export type InstanceNormOptions = NamedOptionsOf<typeof normalizationOptions>;

/** y = (x − μ) / √(σ² + ε) · scale[c] + offset[c], with the mean and (biased) variance of each channel of a sample. */
export const instanceNormLayer = defineLayer({
  type: "instanceNorm",
  inputs: ["x: float"],
  options: normalizationOptions,
  needsName: true,
  lower: (l, { x }, { epsilon, ...affine }) => {
    const { weight, bias } = affineOf(l, [lengthOf(l, x, 1, "number of channels")], affine);
    return l.g.op("InstanceNormalization", [x, weight, bias], { epsilon });
  },
});

/**
 * Instance normalization: each channel of each sample by itself (Ulyanov, Vedaldi and Lempitsky 2016), alike in training
 * and evaluation. `[channels, …]` in, the same out. Variables: `weight` and `bias` `[channels]`.
 *
 * @example const y = instanceNorm(conv1, { name: "norm1" });
 */
export function instanceNorm(x: Tensor, options: InstanceNormOptions): Tensor {
  return instanceNormLayer.make([x], options);
}
