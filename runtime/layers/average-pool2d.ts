import { defineLayer } from "./define-layer.js";
import { flag, withDefault } from "./options.js";
import { inferPool, type PoolAttributes, type PoolOptions, poolInput, poolOptions } from "./pooling.js";
import type { Tensor } from "./types.js";
import { windowAttributes } from "./windows.js";

export interface AveragePool2dOptions extends PoolOptions {
  /**
   * Whether `pad` counts as zeros in the mean. Default true, as in Caffe and PyTorch. What a "ceil" window covers beyond
   * the padded image never counts.
   */
  readonly countPadding?: boolean;
}

interface Attributes extends PoolAttributes {
  readonly countPadding: boolean;
}

/** How many pixels of each window count, along one axis (0 height, 1 width). */
function counted(attributes: Attributes, axis: 0 | 1): readonly number[] {
  const { kernel, stride, pad, countPadding, input, output } = attributes;
  const before = pad[axis];
  const size = input[axis + 1] ?? 0;
  const first = countPadding ? -before : 0;
  const end = countPadding ? size + pad[axis === 0 ? 2 : 3] : size;
  return Array.from({ length: output[axis + 1] ?? 0 }, (_, index) => {
    const start = index * stride[axis] - before;
    return Math.min(start + kernel[axis], end) - Math.max(start, first);
  });
}

/** kernel size ÷ pixels that count, for each window; nothing if it is 1 for all. */
function correction(attributes: Attributes): Float32Array | undefined {
  const { kernel } = attributes;
  const rows = counted(attributes, 0);
  const columns = counted(attributes, 1);
  if (rows.every((count) => count === kernel[0]) && columns.every((count) => count === kernel[1])) return undefined;
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => (kernel[0] * kernel[1]) / (row * column))));
}

/** y = Σ x over each window ÷ the number of pixels in it that count. */
export const averagePool2dLayer = defineLayer({
  type: "averagePool2d",
  inputs: [poolInput],
  options: { ...poolOptions, countPadding: withDefault(flag(), true) },
  infer: (inference): { shape: readonly number[]; attributes: Attributes } => {
    const { shape, attributes } = inferPool(inference);
    return { shape, attributes: { ...attributes, countPadding: inference.options.countPadding } };
  },
  lower: ({ g, inputs }, attributes) => {
    const { kernel, stride, pads, output } = attributes;
    const mean = g.op("AveragePool", inputs, {
      kernel_shape: kernel,
      ...windowAttributes({ stride, pads }),
      count_include_pad: 1,
    });
    const data = correction(attributes);
    if (data === undefined) return mean;
    const shape = [1, 1, output[1] ?? 0, output[2] ?? 0];
    return g.op("Mul", [mean, g.constant({ dtype: "float32", shape, data })]);
  },
});

/**
 * Mean over windows of an image `[channels, height, width]`.
 *
 * @throws CompileError if the kernel does not fit into the padded image, or a window would lie in the padding alone
 * @example const pooled = averagePool2d(conv3, { global: true });
 */
export function averagePool2d(image: Tensor, options: AveragePool2dOptions): Tensor {
  return averagePool2dLayer.make([image], options);
}
