import { add, mul, sub } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import type { ConvSpec } from "./conv-spec.js";
import { fixed } from "./operator.js";
import { at, type Window } from "./window.js";

/** [N, C, …] as [C, N, …] */
export function channelsToFront(g: GraphBuilder, value: Value): Value {
  return g.op("Transpose", [value], { perm: [1, 0, ...value.shape.slice(2).map((_, axis) => axis + 2)] });
}

/** x with its pads as zeros. */
export function padSpatially(g: GraphBuilder, x: Value, { padsBefore, padsAfter }: Window): Value {
  if ([...padsBefore, ...padsAfter].every((pad) => pad === 0)) return x;
  return g.op("Pad", [x, g.ints([0, 0, ...padsBefore, 0, 0, ...padsAfter])]);
}

/** Offsets of the kernel's cells in the data, row-major. */
export function kernelCells({ kernel, dilations }: Window): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (cells, length, axis) =>
      cells.flatMap((cell) => Array.from({ length }, (_, index) => [...cell, index * at(dilations, axis)])),
    [[]],
  );
}

/** The cells of x that the kernel's cell `offset` meets as the window moves; spatial axes start at `firstAxis`. */
export function strided(
  { d, window: { strides }, counts }: ConvSpec,
  x: Value,
  { offset, firstAxis = 2 }: { readonly offset: readonly number[]; readonly firstAxis?: number },
): Value {
  const { g } = d;
  const axes = counts.map((_, axis) => axis + firstAxis);
  const ends = counts.map((count, axis) => add(mul(sub(count, 1), at(strides, axis)), at(offset, axis) + 1));
  const whole = axes.every((axis, i) => offset[i] === 0 && strides[i] === 1 && ends[i] === x.shape[axis]);
  if (whole) return x;
  const written = axes.map((axis, i) => endOf(d, ends[i], x.shape[axis]));
  return g.op("Slice", [x, g.ints(offset), g.ints(written), g.ints(axes), g.ints(strides)]);
}

/** An end as Slice takes it: counted from the end of the axis where that is what is known. */
function endOf(d: ConvSpec["d"], end: Dim = 0, length: Dim = 0): number {
  if (typeof end === "number") return end;
  const beyond = fixed(d, sub(end, length), `the distance from ${end} to the end of an axis of length ${length}`);
  return beyond < 0 ? beyond : Number.MAX_SAFE_INTEGER;
}

/** The first cells of each spatial axis. */
export function crop({ g, fail }: ConvSpec["d"], value: Value, to: readonly Dim[]): Value {
  const axes = to.flatMap((length, axis) => (length === value.shape[axis + 2] ? [] : [axis]));
  if (axes.length === 0) return value;
  const ends = axes.map((axis) => fixed({ fail }, to[axis], `spatial axis ${axis}`));
  return g.op("Slice", [value, g.ints(axes.map(() => 0)), g.ints(ends), g.ints(axes.map((axis) => axis + 2))]);
}

/** The parts one after another. */
export function joined(g: GraphBuilder, parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  return first && parts.length === 1 ? first : g.op("Concat", parts, { axis });
}
