import { add, ceilDiv, formatShape, highest, isAtLeast, max, min, sub } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { axisOf, fixed, type Inference, type Inputs, listOf, type Operator, type Signature } from "./operator.js";
import { sliceGradient } from "./slice-gradient.js";

const signature = {
  inputs: ["x: any", "starts: index", "ends: index", "axes?: index", "steps?: index"],
  attributes: {},
} as const satisfies Signature;

export const slice: Operator<typeof signature> = {
  signature,
  doc: "y = the cells from starts to before ends of the axes (default: the first), steps (default 1) apart (onnx.ai, Slice)",
  infer: (inputs, n) => {
    const { dtype, shape } = inputs.x;
    const cuts = cutsOf(inputs, n);
    return { dtype, shape: shape.map((dim, axis) => cuts.find((cut) => cut.axis === axis)?.count ?? dim) };
  },
  contents: (inputs, n) => {
    const known = n.contents(inputs.x);
    const [cut] = cutsOf(inputs, n);
    if (!known || !cut) return known;
    const { start, count, step } = cut;
    if (typeof start !== "number" || typeof count !== "number") return undefined;
    return Array.from({ length: count }, (_, index) => known[start + index * step]);
  },
  gradient: (inputs, d) => ({ x: () => sliceGradient(inputs, d, cutsOf(inputs, d)) }),
};

/** What a Slice takes of one axis: `count` cells from `start`, `step` apart. */
export interface Cut {
  readonly axis: number;
  readonly start: Dim;
  readonly step: number;
  readonly count: Dim;
  readonly length: Dim;
}

/** An end at least this large means the whole axis: ONNX's way to say "to the end". */
const wholeAxis = 2 ** 31 - 1;

/** The cuts of a node, an axis each. */
function cutsOf(
  { x, starts: from, ends: to, axes: over, steps: by }: Inputs<typeof signature>,
  n: Pick<Inference, "contents" | "constant" | "fail">,
): readonly Cut[] {
  const [starts, ends] = [listOf(n, from, "starts"), listOf(n, to, "ends")];
  const axes = over ? listOf(n, over, "axes") : starts.map((_, axis) => axis);
  const steps = by ? listOf(n, by, "steps") : starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    n.fail(`it has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`);
  }
  const cuts = axes.map((given, index) => {
    const axis = axisOf(n, fixed(n, given, "an axis"), x.shape.length);
    const [start = 0, end = 0, step = 1] = [starts[index], ends[index], steps[index]];
    return cutOf(n, x, { axis, start, end, step: fixed(n, step, "a step") });
  });
  if (new Set(cuts.map(({ axis }) => axis)).size < cuts.length) n.fail(`its axes [${axes.join(",")}] repeat`);
  return cuts;
}

interface Given {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: number;
}

/** ONNX Slice-13: negative places count from the end, then both are clamped to the axis. */
function cutOf(n: Pick<Inference, "fail">, x: Value, { axis, start: from, end: to, step }: Given): Cut {
  const length = x.shape[axis] ?? 0;
  if (step === 0) n.fail(`the step of axis ${axis} is 0`);
  const fromFront = (place: Dim): Dim => {
    if (isAtLeast(place, wholeAxis)) return length;
    if (isAtLeast(-wholeAxis, place)) return -1;
    if (isAtLeast(place, 0)) return place;
    if (highest(place) < 0) return add(place, length);
    return n.fail(
      `${place} may be negative or not, so what is cut from axis ${axis} of ${formatShape(x.shape)} varies`,
    );
  };
  const [begin, end] = [max(fromFront(from), 0), fromFront(to)];
  // A start behind the axis needs no clamp: nothing lies between it and the end.
  if (step > 0) return { axis, length, step, start: begin, count: cellsIn(sub(min(end, length), begin), step) };
  const start = min(begin, sub(length, 1));
  return { axis, length, step, start, count: cellsIn(sub(start, max(end, -1)), -step) };
}

function cellsIn(span: Dim, step: number): Dim {
  return max(ceilDiv(span, step), 0);
}
