import { defineLayer } from "./define-layer.js";
import { inferPool, type PoolOptions, poolInput, poolOptions } from "./pooling.js";
import type { Tensor } from "./types.js";
import { windowAttributes } from "./windows.js";

export type MaxPool2dOptions = PoolOptions;

/** y = max x over each window; the first maximum in row-major order takes the gradient. */
export const maxPool2dLayer = defineLayer({
  type: "maxPool2d",
  inputs: [poolInput],
  options: poolOptions,
  infer: inferPool,
  lower: ({ g, inputs }, { kernel, stride, pads }) =>
    g.op("MaxPool", inputs, { kernel_shape: kernel, ...windowAttributes({ stride, pads }) }),
});

/**
 * Maximum over windows of an image `[channels, height, width]`; padding never wins.
 *
 * @throws CompileError if the kernel does not fit into the padded image, or a window would lie in the padding alone
 * @example const pool1 = maxPool2d(conv1, { kernel: 2, stride: 2 });
 */
export function maxPool2d(image: Tensor, options: MaxPool2dOptions): Tensor {
  return maxPool2dLayer.make([image], options);
}
