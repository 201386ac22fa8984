import type { Value } from "../graph/types.js";
import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import { real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

export interface SwishOptions extends LayerOptions {
  /** Steepness of the gate. Default 1, which is SiLU (caffe.proto, SwishParameter.beta). */
  readonly beta?: number;
}

/** y = x / (1 + e^(−beta·x)). */
export const swishLayer = defineActivation({
  type: "swish",
  options: { beta: withDefault(real("a number"), 1) },
  lower: ({ g, inputs }, { beta }) => {
    const [x] = inputs as [Value];
    const gate = g.op("Sigmoid", [beta === 1 ? x : g.op("Mul", [x, g.scalar(beta)])]);
    return g.op("Mul", [x, gate]);
  },
});

/**
 * x · sigmoid(beta · x). Any shape in, the same out.
 *
 * @example const y = swish(x);
 */
export function swish(x: Tensor, options: SwishOptions = {}): Tensor {
  return swishLayer.make([x], options);
}
