import { lengths, type PerAxis, perAxis } from "./axis-options.js";
import { convolutionAttributes, filtersOf, windowOptions } from "./convolution.js";
import { defineLayer } from "./define-layer.js";
import { type NamedOptionsOf, withDefault } from "./options.js";
import { weightOptions } from "./parameters.js";
import type { Lowering, Tensor } from "./types.js";
import { imageOf, type SpatialRank } from "./windows.js";

const transposedOptions = <Rank extends SpatialRank>() => ({
  ...windowOptions<Rank>(),
  /** Pixels added at the end of each axis, less than the stride or the dilation. Default 0. */
  outputPadding: withDefault<PerAxis<Rank>>(lengths<Rank>(0), 0),
  ...weightOptions,
});

type Attributes = ReturnType<typeof convolutionAttributes>;

/** What is added at the end has to be reachable from the image: PyTorch's rule, which ONNX leaves open. */
function checkOutputPadding(l: Lowering, added: readonly number[], { strides, dilations }: Attributes): void {
  for (const [axis, length] of added.entries()) {
    const most = Math.max(strides?.[axis] ?? 1, dilations?.[axis] ?? 1) - 1;
    const message = `its outputPadding is ${length}, expected at most ${most}, less than the stride or the dilation`;
    l.check(length <= most, "LAYER_OPTION_INVALID", message);
  }
}

function defineTransposed<Rank extends SpatialRank>(rank: Rank) {
  return defineLayer({
    type: `convTranspose${rank}d`,
    inputs: ["image: float"],
    samples: { image: imageOf(rank) },
    options: transposedOptions<Rank>(),
    needsName: true,
    lower: (l, { image }, options) => {
      const { weight, bias } = filtersOf(l, image, options, rank, true);
      const attributes = convolutionAttributes(l, options, rank);
      const added = perAxis(l, "outputPadding", options.outputPadding, rank);
      checkOutputPadding(l, added, attributes);
      return l.g.op("ConvTranspose", [image, weight, bias], {
        ...attributes,
        output_padding: added.some((length) => length !== 0) ? added : undefined,
      });
    },
  });
}

/** y[f, s·q + d·i − p] = b[f] + Σ w[c, f, i] · x[c, q] over c, q, i: the gradient of a convolution for its image. */
export const convTranspose1dLayer = defineTransposed(1);

/** y[f, s·r + d·i − p, s·q + d·j − p] = b[f] + Σ w[c, f, i, j] · x[c, r, q]: the gradient of a convolution for its image. */
export const convTranspose2dLayer = defineTransposed(2);

/** The gradient of a convolution of a volume for its image. */
export const convTranspose3dLayer = defineTransposed(3);

export type ConvTranspose1dOptions = NamedOptionsOf<ReturnType<typeof transposedOptions<1>>>;
export type ConvTranspose2dOptions = NamedOptionsOf<ReturnType<typeof transposedOptions<2>>>;
export type ConvTranspose3dOptions = NamedOptionsOf<ReturnType<typeof transposedOptions<3>>>;

/**
 * Transposed convolution of a sequence `[channels, length]` to `[filters, l]` with
 * l = (length − 1)·stride + dilation·(kernel − 1) + 1 − before − after + outputPadding.
 * Variables: `weight` `[channels, filters / groups, kernel]` and `bias` `[filters]`.
 *
 * @throws CompileError if groups do not divide channels and filters, or padding leaves nothing
 * @example const up1 = convTranspose1d(steps, { name: "up1", filters: 16, kernel: 2, stride: 2 });
 */
export function convTranspose1d(sequence: Tensor, options: ConvTranspose1dOptions): Tensor {
  return convTranspose1dLayer.make([sequence], options);
}

/**
 * Transposed convolution of an image `[channels, height, width]` to `[filters, h, w]` with
 * h = (height − 1)·stride + dilation·(kernel − 1) + 1 − top − bottom + outputPadding, and w likewise.
 * Variables: `weight` `[channels, filters / groups, kernel height, kernel width]` and `bias` `[filters]`.
 *
 * @throws CompileError if groups do not divide channels and filters, or padding leaves nothing
 * @example const up1 = convTranspose2d(features, { name: "up1", filters: 16, kernel: 2, stride: 2 });
 */
export function convTranspose2d(image: Tensor, options: ConvTranspose2dOptions): Tensor {
  return convTranspose2dLayer.make([image], options);
}

/**
 * Transposed convolution of a volume `[channels, depth, height, width]`, lengths as of {@link convTranspose2d}.
 * Variables: `weight` `[channels, filters / groups, kernel depth, kernel height, kernel width]` and `bias` `[filters]`.
 *
 * @throws CompileError if groups do not divide channels and filters, or padding leaves nothing
 * @example const up1 = convTranspose3d(features, { name: "up1", filters: 16, kernel: 2, stride: 2 });
 */
export function convTranspose3d(volume: Tensor, options: ConvTranspose3dOptions): Tensor {
  return convTranspose3dLayer.make([volume], options);
}
