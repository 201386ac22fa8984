import { add, isStatic, mul, sub } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import type { Inference } from "./operator.js";
import { reshapeTo } from "./reshape-to.js";
import type { Cut } from "./slice.js";

interface Rule extends Pick<Inference, "fail"> {
  readonly g: GraphBuilder;
  readonly dy: Value;
}

/** dx = dy put back: cells in reverse order turned round, gaps between and around them filled with zeros. */
export function sliceGradient({ x }: { readonly x: Value }, d: Rule, cuts: readonly Cut[]): Value {
  const forward = cuts.map((cut) =>
    cut.step > 0 ? cut : { ...cut, start: add(cut.start, mul(sub(cut.count, 1), cut.step)), step: -cut.step },
  );
  const reversed = cuts.filter(({ step }) => step < 0).map(({ axis }) => axis);
  const spaced = forward.reduce((value, cut) => spaceOut(d, value, cut), reverse(d.g, d.dy, reversed));
  const cutAt = x.shape.map((_, axis) => forward.find((cut) => cut.axis === axis));
  const before = cutAt.map((cut) => cut?.start ?? 0);
  const after = cutAt.map((cut) => (cut ? sub(cut.length, add(cut.start, mul(cut.count, cut.step))) : 0));
  if (!isStatic(before) || !isStatic(after))
    return d.g.op("Pad", [spaced, computedPads(d, { x, spaced, before, after })]);
  if ([...before, ...after].every((cells) => cells === 0)) return spaced;
  return d.g.op("Pad", [spaced, d.g.ints([...before, ...after])]);
}

function reverse(g: GraphBuilder, value: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return value;
  const all = (item: number) => g.ints(axes.map(() => item));
  return g.op("Slice", [value, all(-1), all(Number.MIN_SAFE_INTEGER), g.ints(axes), all(-1)]);
}

/** step − 1 zeros after each cell of the axis. */
function spaceOut(d: Rule, value: Value, { axis, step }: Cut): Value {
  if (step === 1) return value;
  const gaps = value.shape.length + 1;
  const single = d.g.op("Unsqueeze", [value, d.g.ints([axis + 1])]);
  const pads = Array.from({ length: 2 * gaps }, (_, index) => (index === gaps + axis + 1 ? step - 1 : 0));
  return reshapeTo(
    d,
    d.g.op("Pad", [single, d.g.ints(pads)]),
    value.shape.map((dim, i) => (i === axis ? mul(dim, step) : dim)),
  );
}

interface Gaps {
  readonly x: Value;
  readonly spaced: Value;
  readonly before: readonly Dim[];
  readonly after: readonly Dim[];
}

/** The pads where some are known only when the program runs: of each axis one side, the other is what remains. */
function computedPads({ g, fail }: Rule, { x, spaced, before, after }: Gaps): Value {
  const missing = g.op("Sub", [g.op("Shape", [x]), g.op("Shape", [spaced])]);
  const parts = before.map((cells, axis) => {
    if (typeof cells === "number") return g.ints([cells]);
    const behind = after[axis];
    if (typeof behind !== "number")
      return fail(`it begins at ${cells} and ends ${behind} before the end of axis ${axis}`);
    return g.op("Sub", [g.op("Gather", [missing, g.ints([axis])]), g.ints([behind])]);
  });
  const front = g.op("Concat", parts, { axis: 0 });
  return g.op("Concat", [front, g.op("Sub", [missing, front])], { axis: 0 });
}
