import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import { real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

export interface LeakyReluOptions extends LayerOptions {
  /** Slope below zero. Default 0.01 (ONNX, LeakyRelu.alpha). Caffe's is ReLUParameter.negative_slope. */
  readonly slope?: number;
}

/** y = x if x > 0, else slope · x. */
export const leakyReluLayer = defineActivation({
  type: "leakyRelu",
  options: { slope: withDefault(real("a number"), 0.01) },
  lower: ({ g, inputs }, { slope }) => g.op("LeakyRelu", inputs, { alpha: slope }),
});

/**
 * Rectified linear unit with a slope below zero. Any shape in, the same out.
 *
 * @example const y = leakyRelu(x, { slope: 0.1 });
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  return leakyReluLayer.make([x], options);
}
