import type { Value } from "../graph/types.js";
import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import { choice, withDefault } from "./options.js";
import type { Lowering, Tensor } from "./types.js";

export interface GeluOptions extends LayerOptions {
  /** Default "none", the exact form; "tanh" is the approximation of Hendrycks and Gimpel 2016 (ONNX, Gelu.approximate). */
  readonly approximate?: "none" | "tanh";
}

/** erf(x / √2), or tanh(√(2/π) · (x + 0.044715 x³)). */
function gate({ g }: Lowering, x: Value, approximate: "none" | "tanh"): Value {
  if (approximate === "none") return g.op("Erf", [g.op("Mul", [x, g.scalar(Math.SQRT1_2)])]);
  const square = g.op("Mul", [x, x]);
  const factor = g.op("Add", [g.op("Mul", [square, g.scalar(0.044715)]), g.scalar(1)]);
  return g.op("Tanh", [g.op("Mul", [g.op("Mul", [x, factor]), g.scalar(Math.sqrt(2 / Math.PI))])]);
}

/** y = x · Φ(x) = ½ x (1 + erf(x / √2)), Φ the normal distribution function. */
export const geluLayer = defineActivation({
  type: "gelu",
  options: { approximate: withDefault<"none" | "tanh">(choice(["none", "tanh"]), "none") },
  lower: (lowering, { approximate }) => {
    const { g, inputs } = lowering;
    const [x] = inputs as [Value];
    const both = g.op("Add", [gate(lowering, x, approximate), g.scalar(1)]);
    return g.op("Mul", [g.op("Mul", [x, g.scalar(0.5)]), both]);
  },
});

/**
 * Gaussian error linear unit. Any shape in, the same out.
 *
 * @example const y = gelu(x);
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  return geluLayer.make([x], options);
}
