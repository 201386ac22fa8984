import type { GraphBuilder, Value } from "../types.js";
import { fixed, type Inference } from "./operator.js";
import type { Pads } from "./pad.js";

interface Rule extends Pick<Inference, "fail"> {
  readonly g: GraphBuilder;
  readonly dy: Value;
  readonly mode: "reflect" | "edge" | "wrap";
}

/** dx of a Pad whose pads repeat cells of x: what each pad received is added to the cells that it repeats. */
export function foldedBack(d: Rule, x: Value, pads: Pads): Value {
  // Of negative pads the engines crop first, so that what is repeated depends on the order.
  return [...pads].reduce((gradient, [axis, sides]) => {
    const [before, after] = sides.map((cells) => fixed(d, cells, `a pad of axis ${axis}`));
    if (before === undefined || after === undefined) return gradient;
    if (before < 0 || after < 0) d.fail(`a pad of axis ${axis} is negative in mode "${d.mode}"`);
    if (before === 0 && after === 0) return gradient;
    const length = fixed(d, x.shape[axis], `the length of axis ${axis}, padded in mode "${d.mode}",`);
    return foldedAxis(d, gradient, { axis, before, after, length });
  }, d.dy);
}

interface Axis {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  readonly length: number;
}

function foldedAxis({ g, mode }: Rule, dy: Value, { axis, before, after, length }: Axis): Value {
  const cut = (start: number, end: number) => g.op("Slice", [dy, g.ints([start]), g.ints([end]), g.ints([axis])]);
  const put = (value: Value, start: number) => {
    const rest = length - start - Number(value.shape[axis]);
    return g.op("Pad", [value, g.ints([start, rest]), undefined, g.ints([axis])]);
  };
  const turned = (value: Value) =>
    g.op("Slice", [value, g.ints([-1]), g.ints([Number.MIN_SAFE_INTEGER]), g.ints([axis]), g.ints([-1])]);
  const summed = (value: Value) => g.op("ReduceSum", [value, g.ints([axis])]);
  /** How the cells of a pad become cells of x, and where the first of these stands, before and after. */
  const fold = {
    edge: { of: summed, front: 0, back: length - 1 },
    reflect: { of: turned, front: 1, back: length - 1 - after },
    wrap: { of: (value: Value) => value, front: length - before, back: 0 },
  }[mode];
  const parts = [cut(before, before + length)];
  if (before > 0) parts.push(put(fold.of(cut(0, before)), fold.front));
  if (after > 0) parts.push(put(fold.of(cut(before + length, before + length + after)), fold.back));
  return g.op("Sum", parts);
}
