import type { Value } from "../graph/types.js";
import { sampleAxis } from "./axes.js";
import { defineLayer } from "./define-layer.js";
import { integer, type OptionsOf, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

const table = {
  /** The axis along which they lie; 0 is the batch, −1 the last. Default 1, the first axis of the sample. */
  axis: withDefault(integer(), 1),
};

export type ConcatOptions = OptionsOf<typeof table>;

/** y = the tensors one after the other along an axis. */
export const concatLayer = defineLayer({
  type: "concat",
  inputs: ["...xs: any"],
  options: table,
  lower: (l, { xs }, { axis }) => {
    // A layer has one input at least.
    const [first] = xs as readonly [Value, ...Value[]];
    return l.g.op("Concat", xs, { axis: sampleAxis(l, first, axis) });
  },
});

/**
 * Tensors one after the other along an axis of the sample; their other lengths are equal.
 *
 * @throws CompileError if they do not fit each other
 * @example const both = concat([branch1, branch2]);
 */
export function concat(tensors: readonly Tensor[], options: ConcatOptions = {}): Tensor {
  return concatLayer.make(tensors, options);
}
