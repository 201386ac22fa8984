import { defineLayer } from "./define-layer.js";
import { type OptionsOf, real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

const table = {
  /** Share of numbers that become 0 in training, in [0, 1). Default 0.5 (caffe.proto, DropoutParameter.dropout_ratio). */
  rate: withDefault(
    real("a number ≥ 0 and < 1", (rate) => rate >= 0 && rate < 1),
    0.5,
  ),
};

export type DropoutOptions = OptionsOf<typeof table>;

/** y = x · m in training, m = 0 with probability rate, else 1/(1 − rate); y = x in evaluation. */
export const dropoutLayer = defineLayer({
  type: "dropout",
  inputs: ["x: float"],
  options: table,
  lower: (l, { x }, { rate }) => (l.training && rate > 0 ? l.g.op("Mul", [x, l.mask(rate, x)]) : x),
});

/**
 * Inverted dropout: the expectation of each number stays as it is. Any shape in, the same out.
 *
 * @example const y = dropout(x, { rate: 0.4 });
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropoutLayer.make([x], options);
}
