import type { Value } from "../graph/types.js";
import { defineActivation } from "./activation.js";
import type { LayerOptions } from "./call.js";
import { real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

export interface DropoutOptions extends LayerOptions {
  /** Share of numbers that become 0 in training, in [0, 1). Default 0.5 (caffe.proto, DropoutParameter.dropout_ratio). */
  readonly rate?: number;
}

/** y = x · m in training, m = 0 with probability rate, else 1/(1 − rate); y = x in evaluation. */
export const dropoutLayer = defineActivation({
  type: "dropout",
  options: {
    rate: withDefault(
      real("a number ≥ 0 and < 1", (rate) => rate >= 0 && rate < 1),
      0.5,
    ),
  },
  lower: ({ g, inputs, training, mask, node }, { rate }) => {
    const [x] = inputs as [Value];
    return training && rate > 0 ? g.op("Mul", [x, mask(rate, node.shape)]) : x;
  },
});

/**
 * Inverted dropout: the expectation of each number stays as it is. Any shape in, the same out.
 *
 * @example const y = dropout(x, { rate: 0.4 });
 */
export function dropout(x: Tensor, options: DropoutOptions = {}): Tensor {
  return dropoutLayer.make([x], options);
}
