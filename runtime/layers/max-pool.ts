import { lengths, type PerAxis } from "./axis-options.js";
import { defineLayer } from "./define-layer.js";
import { type OptionsOf, withDefault } from "./options.js";
import { poolOptions, poolWindow } from "./pooling.js";
import type { Tensor } from "./types.js";
import { imageOf, type SpatialRank, windowAttributes } from "./windows.js";

const maxPoolOptions = <Rank extends SpatialRank>() => ({
  ...poolOptions<Rank>(),
  /** Pixels from window entry to window entry. Default 1. */
  dilation: withDefault<PerAxis<Rank>>(lengths<Rank>(1), 1),
});

function defineMaxPool<Rank extends SpatialRank>(rank: Rank) {
  return defineLayer({
    type: `maxPool${rank}d`,
    inputs: ["image: float"],
    samples: { image: imageOf(rank) },
    options: maxPoolOptions<Rank>(),
    lower: (l, { image }, options) => {
      const { kernel, ...window } = poolWindow(l, image, options, rank);
      return l.g.op("MaxPool", [image], { kernel_shape: kernel, ...windowAttributes(window) });
    },
  });
}

/** y = max x over each window; the first maximum takes the gradient. */
export const maxPool1dLayer = defineMaxPool(1);

/** y = max x over each window; the first maximum in row-major order takes the gradient. */
export const maxPool2dLayer = defineMaxPool(2);

/** y = max x over each window; the first maximum in row-major order takes the gradient. */
export const maxPool3dLayer = defineMaxPool(3);

export type MaxPool1dOptions = OptionsOf<ReturnType<typeof maxPoolOptions<1>>>;
export type MaxPool2dOptions = OptionsOf<ReturnType<typeof maxPoolOptions<2>>>;
export type MaxPool3dOptions = OptionsOf<ReturnType<typeof maxPoolOptions<3>>>;

/**
 * Maximum over windows of a sequence `[channels, length]`; padding never wins.
 *
 * @throws CompileError if the kernel does not fit into the padded sequence, or a window would lie in the padding alone
 * @example const pool1 = maxPool1d(conv1, { kernel: 2, stride: 2 });
 */
export function maxPool1d(sequence: Tensor, options: MaxPool1dOptions): Tensor {
  return maxPool1dLayer.make([sequence], options);
}

/**
 * Maximum over windows of an image `[channels, height, width]`; padding never wins.
 *
 * @throws CompileError if the kernel does not fit into the padded image, or a window would lie in the padding alone
 * @example const pool1 = maxPool2d(conv1, { kernel: 2, stride: 2 });
 */
export function maxPool2d(image: Tensor, options: MaxPool2dOptions): Tensor {
  return maxPool2dLayer.make([image], options);
}

/**
 * Maximum over windows of a volume `[channels, depth, height, width]`; padding never wins.
 *
 * @throws CompileError if the kernel does not fit into the padded volume, or a window would lie in the padding alone
 * @example const pool1 = maxPool3d(conv1, { kernel: 2, stride: 2 });
 */
export function maxPool3d(volume: Tensor, options: MaxPool3dOptions): Tensor {
  return maxPool3dLayer.make([volume], options);
}
