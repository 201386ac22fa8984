import { defineLayer } from "./define-layer.js";
import { flag, type OptionsOf, withDefault } from "./options.js";
import { type CeilAxis, poolOptions, poolWindow } from "./pooling.js";
import type { Tensor } from "./types.js";
import { imageOf, type SpatialRank, windowAttributes } from "./windows.js";

const averagePoolOptions = <Rank extends SpatialRank>() => ({
  ...poolOptions<Rank>(),
  /**
   * Whether `pad` counts as zeros in the mean. Default true, as in Caffe and PyTorch. What a "ceil" window covers beyond
   * the padded image never counts.
   */
  countPadding: withDefault(flag(), true),
});

/** kernel ÷ pixels that count, padding among them, for each window of an axis. */
function corrections({ size, kernel, stride, before, after, output }: CeilAxis): readonly number[] {
  return Array.from({ length: output }, (_, index) => {
    const start = index * stride - before;
    return kernel / (Math.min(start + kernel, size + after) - start);
  });
}

/** kernel size ÷ pixels that count, for each window; nothing if it is 1 for all. */
function correction(axes: readonly CeilAxis[]) {
  const perAxis = axes.map(corrections);
  const factors = perAxis.reduce((outer, axis) => outer.flatMap((a) => axis.map((b) => a * b)), [1]);
  if (factors.every((factor) => factor === 1)) return undefined;
  const shape = [1, 1, ...perAxis.map((axis) => axis.length)];
  return { dtype: "float32", shape, data: Float32Array.from(factors) } as const;
}

function defineAveragePool<Rank extends SpatialRank>(rank: Rank) {
  return defineLayer({
    type: `averagePool${rank}d`,
    inputs: ["image: float"],
    samples: { image: imageOf(rank) },
    options: averagePoolOptions<Rank>(),
    lower: (l, { image }, { countPadding, ...options }) => {
      const { kernel, strides, pads, axes } = poolWindow(l, image, options, rank);
      const mean = l.g.op("AveragePool", [image], {
        kernel_shape: kernel,
        ...windowAttributes({ strides, pads }),
        count_include_pad: countPadding ? 1 : 0,
      });
      // Among the pads that the operator counts are those that make the last windows whole.
      const factors = countPadding ? correction(axes) : undefined;
      return factors === undefined ? mean : l.g.op("Mul", [mean, l.g.constant(factors)]);
    },
  });
}

/** y = Σ x over each window ÷ the number of pixels in it that count. */
export const averagePool1dLayer = defineAveragePool(1);

/** y = Σ x over each window ÷ the number of pixels in it that count. */
export const averagePool2dLayer = defineAveragePool(2);

/** y = Σ x over each window ÷ the number of pixels in it that count. */
export const averagePool3dLayer = defineAveragePool(3);

export type AveragePool1dOptions = OptionsOf<ReturnType<typeof averagePoolOptions<1>>>;
export type AveragePool2dOptions = OptionsOf<ReturnType<typeof averagePoolOptions<2>>>;
export type AveragePool3dOptions = OptionsOf<ReturnType<typeof averagePoolOptions<3>>>;

/**
 * Mean over windows of a sequence `[channels, length]`.
 *
 * @throws CompileError if the kernel does not fit into the padded sequence, or a window would lie in the padding alone
 * @example const smooth = averagePool1d(steps, { kernel: 5, pad: 2 });
 */
export function averagePool1d(sequence: Tensor, options: AveragePool1dOptions): Tensor {
  return averagePool1dLayer.make([sequence], options);
}

/**
 * Mean over windows of an image `[channels, height, width]`.
 *
 * @throws CompileError if the kernel does not fit into the padded image, or a window would lie in the padding alone
 * @example const pooled = averagePool2d(conv3, { global: true });
 */
export function averagePool2d(image: Tensor, options: AveragePool2dOptions): Tensor {
  return averagePool2dLayer.make([image], options);
}

/**
 * Mean over windows of a volume `[channels, depth, height, width]`.
 *
 * @throws CompileError if the kernel does not fit into the padded volume, or a window would lie in the padding alone
 * @example const pooled = averagePool3d(conv1, { kernel: 2, stride: 2 });
 */
export function averagePool3d(volume: Tensor, options: AveragePool3dOptions): Tensor {
  return averagePool3dLayer.make([volume], options);
}
