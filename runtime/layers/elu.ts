import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import { real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

export interface EluOptions extends LayerOptions {
  /** What y tends to, negated, far below zero. Default 1 (caffe.proto, ELUParameter.alpha). */
  readonly alpha?: number;
}

/** y = x if x > 0, else alpha · (e^x − 1). */
export const eluLayer = defineActivation({
  type: "elu",
  options: { alpha: withDefault(real("a number"), 1) },
  lower: ({ g, inputs }, { alpha }) => g.op("Elu", inputs, { alpha }),
});

/**
 * Exponential linear unit. Any shape in, the same out.
 *
 * @example const y = elu(x);
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  return eluLayer.make([x], options);
}
