import { sampleAxis } from "./axes.js";
import { defineLayer } from "./define-layer.js";
import { integer, type OptionsOf, optional, shape, whole, withDefault } from "./options.js";
import { lengthOf } from "./parameters.js";
import type { Lowering, Tensor } from "./types.js";

const table = {
  /** How many parts of equal length. */
  parts: optional(whole(1)),
  /** The length of each part, instead of `parts`. */
  sizes: optional(shape(1)),
  /** The axis that is cut; 0 is the batch, −1 the last. Default 1, the first axis of the sample. */
  axis: withDefault(integer(), 1),
};

export type SplitOptions = OptionsOf<typeof table>;

function equalParts(l: Lowering, length: number, parts: number): readonly number[] {
  const message = `its ${parts} parts do not divide the length ${length} of its axis, expected a divisor`;
  if (length % parts !== 0) l.fail("LAYER_SHAPE_MISMATCH", message);
  return new Array<number>(parts).fill(length / parts);
}

/** y₁, y₂, … = x cut along an axis. */
export const splitLayer = defineLayer({
  type: "split",
  inputs: ["x: any"],
  options: table,
  givesList: true,
  lower: (l, { x }, { parts, sizes, axis: asked }) => {
    const axis = sampleAxis(l, x, asked);
    if ((parts === undefined) === (sizes === undefined)) {
      l.fail("LAYER_OPTION_INVALID", 'it has to be told either "parts" or "sizes"');
    }
    const lengths = sizes ?? equalParts(l, lengthOf(l, x, axis, "length to cut"), parts ?? 1);
    return l.g.ops("Split", [x, l.g.ints(lengths)], { axis }, lengths.length);
  },
});

/**
 * A sample cut along one of its axes.
 *
 * @throws CompileError if the parts do not add up to the length of the axis
 * @example const [values, gates] = split(x, { parts: 2 });
 */
export function split(x: Tensor, options: SplitOptions): readonly Tensor[] {
  return splitLayer.makeAll([x], options);
}
