import type { Value } from "../graph/types.js";
import { lengths, type PerAxis, type PerSide, padding, perAxis, perSide } from "./axis-options.js";
import { defineLayer } from "./define-layer.js";
import { type NamedOptionsOf, type Resolved, required, whole, withDefault } from "./options.js";
import { lengthOf, parametersOf, weightOptions } from "./parameters.js";
import type { Lowering, Tensor } from "./types.js";
import { imageOf, type SpatialRank, windowAttributes } from "./windows.js";

/** The options of convolutions and transposed ones, but for their weights. */
export const windowOptions = <Rank extends SpatialRank>() => ({
  /** Number of output channels. */
  filters: required(whole(1)),
  /** Pixels: one number for all axes, or one for each: `[height, width]`. */
  kernel: required(lengths<Rank>(1)),
  /** Pixels from window to window. Default 1. */
  stride: withDefault<PerAxis<Rank>>(lengths<Rank>(1), 1),
  /** Zeros around the image: one number, one for each axis, or one for each side: `[top, left, bottom, right]`. Default 0. */
  pad: withDefault<PerSide<Rank>>(padding<Rank>(), 0),
  /** Pixels from kernel entry to kernel entry. Default 1. */
  dilation: withDefault<PerAxis<Rank>>(lengths<Rank>(1), 1),
  /** Channels are split into this many groups, each with its own filters. Default 1; as many as channels is depthwise. */
  groups: withDefault(whole(1), 1),
});

const convolutionOptions = <Rank extends SpatialRank>() => ({ ...windowOptions<Rank>(), ...weightOptions });

interface Window {
  readonly stride: PerAxis;
  readonly pad: PerSide;
  readonly dilation: PerAxis;
  readonly groups: number;
}

interface Filters extends Resolved<typeof weightOptions> {
  readonly filters: number;
  readonly groups: number;
  readonly kernel: PerAxis;
}

/** The attributes that Conv and ConvTranspose share. */
export function convolutionAttributes(l: Lowering, { stride, pad, dilation, groups }: Window, rank: SpatialRank) {
  return {
    ...windowAttributes({
      strides: perAxis(l, "stride", stride, rank),
      pads: perSide(l, "pad", pad, rank),
      dilations: perAxis(l, "dilation", dilation, rank),
    }),
    group: groups === 1 ? undefined : groups,
  };
}

/** Notes groups that do not divide the channels on both sides. */
function checkGroups(l: Lowering, groups: number, channels: number, filters: number): void {
  const divides = channels % groups === 0 && filters % groups === 0;
  const found = `its ${groups} groups do not divide its ${channels} input channels and ${filters} filters`;
  l.check(divides, "LAYER_SHAPE_MISMATCH", `${found}, expected a divisor of both`);
}

/** The variables of a convolution; a transposed one has channels and filters change places. */
export function filtersOf(l: Lowering, image: Value, options: Filters, rank: SpatialRank, transposed = false) {
  const { filters, groups, kernel, weights, bias } = options;
  const channels = lengthOf(l, image, 1, "number of channels");
  checkGroups(l, groups, channels, filters);
  const [first, second] = transposed ? [channels, filters] : [filters, channels];
  return parametersOf(l, options, {
    weight: { shape: [first, second / groups, ...perAxis(l, "kernel", kernel, rank)], start: weights },
    bias: { shape: [filters], start: bias },
  });
}

function defineConvolution<Rank extends SpatialRank>(rank: Rank) {
  return defineLayer({
    type: `conv${rank}d`,
    inputs: ["image: float"],
    samples: { image: imageOf(rank) },
    options: convolutionOptions<Rank>(),
    needsName: true,
    lower: (l, { image }, options) => {
      const { weight, bias } = filtersOf(l, image, options, rank);
      return l.g.op("Conv", [image, weight, bias], convolutionAttributes(l, options, rank));
    },
  });
}

/** y[f] = b[f] + Σ w[f, c, i] · x[c, s·q + d·i − p] over c, i: a cross-correlation. */
export const conv1dLayer = defineConvolution(1);

/** y[f] = b[f] + Σ w[f, c, i, j] · x[c, s·r + d·i − p, s·q + d·j − p] over c, i, j: a cross-correlation. */
export const conv2dLayer = defineConvolution(2);

/** y[f] = b[f] + Σ w[f, c, h, i, j] · x[c, …] over c, h, i, j: a cross-correlation. */
export const conv3dLayer = defineConvolution(3);

export type Conv1dOptions = NamedOptionsOf<ReturnType<typeof convolutionOptions<1>>>;
export type Conv2dOptions = NamedOptionsOf<ReturnType<typeof convolutionOptions<2>>>;
export type Conv3dOptions = NamedOptionsOf<ReturnType<typeof convolutionOptions<3>>>;

/**
 * Convolution of a sequence `[channels, length]` to `[filters, l]` with
 * l = ⌊(length + before + after − (dilation·(kernel − 1) + 1)) / stride⌋ + 1.
 * Variables: `weight` `[filters, channels / groups, kernel]` and `bias` `[filters]`.
 *
 * @throws CompileError if the kernel does not fit into the padded sequence, or groups do not divide channels and filters
 * @example const conv1 = conv1d(steps, { name: "conv1", filters: 32, kernel: 3, pad: 1 });
 */
export function conv1d(sequence: Tensor, options: Conv1dOptions): Tensor {
  return conv1dLayer.make([sequence], options);
}

/**
 * Convolution of an image `[channels, height, width]` to `[filters, h, w]` with
 * h = ⌊(height + top + bottom − (dilation·(kernel − 1) + 1)) / stride⌋ + 1, and w likewise.
 * Variables: `weight` `[filters, channels / groups, kernel height, kernel width]` and `bias` `[filters]`.
 *
 * @throws CompileError if the kernel does not fit into the padded image, or groups do not divide channels and filters
 * @example const conv1 = conv2d(data, { name: "conv1", filters: 20, kernel: 5, lr: [1, 2] });
 */
export function conv2d(image: Tensor, options: Conv2dOptions): Tensor {
  return conv2dLayer.make([image], options);
}

/**
 * Convolution of a volume `[channels, depth, height, width]` to `[filters, d, h, w]`, lengths as of {@link conv2d}.
 * Variables: `weight` `[filters, channels / groups, kernel depth, kernel height, kernel width]` and `bias` `[filters]`.
 *
 * @throws CompileError if the kernel does not fit into the padded volume, or groups do not divide channels and filters
 * @example const conv1 = conv3d(scan, { name: "conv1", filters: 8, kernel: 3, pad: 1 });
 */
export function conv3d(volume: Tensor, options: Conv3dOptions): Tensor {
  return conv3dLayer.make([volume], options);
}
