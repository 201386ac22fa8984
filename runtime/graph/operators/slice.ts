import { formatShape } from "../dims.js";
import type { Dim, Value } from "../types.js";
import {
  axisOf,
  type Contents,
  type Differentiation,
  fixed,
  type Inference,
  inputAt,
  type Operator,
} from "./operator.js";

/** What a Slice takes of one axis: `count` cells from `start`, `step` apart. */
interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
  readonly length: number;
}

type Lists = (input: number) => readonly (Dim | undefined)[] | undefined;
type Node = Pick<Inference, "inputs" | "fail">;

function listAt(n: Node, lists: Lists, input: number, what: string): readonly number[] {
  const list = lists(input) ?? n.fail(`its ${what} are computed; expected a constant`);
  return list.map((item) => fixed(n, item, `one of its ${what}`));
}

/** The cuts of a node; an axis that holds the batch can only be taken whole, and is left out. */
function cutsOf(n: Node, lists: Lists): readonly Cut[] {
  const x = inputAt(n, 0);
  const starts = listAt(n, lists, 1, "starts");
  const ends = listAt(n, lists, 2, "ends");
  const axes = n.inputs[3] ? listAt(n, lists, 3, "axes") : starts.map((_, axis) => axis);
  const steps = n.inputs[4] ? listAt(n, lists, 4, "steps") : starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    n.fail(`it has ${starts.length} starts, ${ends.length} ends, ${axes.length} axes and ${steps.length} steps`);
  }
  return axes.flatMap((given, index) => {
    const axis = axisOf(n, given, x.shape.length);
    const [start = 0, end = 0, step = 1] = [starts[index], ends[index], steps[index]];
    const length = x.shape[axis];
    if (step === 0) n.fail(`the step of axis ${axis} is 0`);
    if (typeof length !== "number") {
      if (start === 0 && step === 1 && end >= wholeAxis) return [];
      return n.fail(`axis ${axis} of "${x.name}" ${formatShape(x.shape)} holds the batch, which cannot be cut`);
    }
    return [{ axis, length, step, ...bounds({ start, end, step, length }) }];
  });
}

/** An end at least this large means the whole axis: ONNX's way to say "to the end". */
const wholeAxis = 2 ** 31 - 1;

/** ONNX Slice-13: negative places count from the end, then both are clamped to the axis. */
function bounds({ start, end, step, length }: { start: number; end: number; step: number; length: number }) {
  const fromFront = (place: number) => (place < 0 ? place + length : place);
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (place: number, lowest: number) => Math.min(Math.max(fromFront(place), lowest), high);
  const first = clamp(start, step > 0 ? low : 0);
  const count = Math.max(0, Math.ceil((clamp(end, low) - first) / step));
  return { start: first, count };
}

/** y = the cells from starts (input 1) to ends (2) of the axes (3), steps (4) apart; all constants */
export const slice: Operator = {
  inputs: [3, 5],
  attributes: {},
  infer: (n) => {
    const { dtype, shape } = inputAt(n, 0);
    const cuts = cutsOf(n, n.contents);
    return [{ dtype, shape: shape.map((dim, axis) => cuts.find((cut) => cut.axis === axis)?.count ?? dim) }];
  },
  contents: (n): Contents | undefined => {
    const known = n.contents(0);
    const [cut] = cutsOf(n, n.contents);
    if (!known || !cut) return known;
    return Array.from({ length: cut.count }, (_, index) => known[cut.start + index * cut.step]);
  },
  gradient: (d) => [() => sliceGradient(d), ...d.inputs.slice(1).map(() => undefined)],
};

/** dx = dy put back: cells in reverse order turned round, gaps between and around them filled with zeros. */
function sliceGradient(d: Differentiation): Value {
  const lists: Lists = (input) => {
    const data = d.constant(d.inputs[input]);
    return data && Array.from(data.data);
  };
  const cuts = cutsOf(d, lists);
  const forward = cuts.map((cut) =>
    cut.step > 0 ? cut : { ...cut, start: cut.start + (cut.count - 1) * cut.step, step: -cut.step },
  );
  const reversed = cuts.filter(({ step }) => step < 0).map(({ axis }) => axis);
  const spaced = forward.reduce((value, cut) => spaceOut(d, value, cut), reverse(d, d.dy, reversed));
  const before = d.dy.shape.map((_, axis) => forward.find((cut) => cut.axis === axis)?.start ?? 0);
  const after = d.dy.shape.map((_, axis) => {
    const cut = forward.find((one) => one.axis === axis);
    return cut ? cut.length - cut.start - cut.count * cut.step : 0;
  });
  if ([...before, ...after].every((cells) => cells === 0)) return spaced;
  return d.g.op("Pad", [spaced, d.g.ints([...before, ...after])]);
}

function reverse({ g }: Differentiation, value: Value, axes: readonly number[]): Value {
  if (axes.length === 0) return value;
  const all = (item: number) => g.ints(axes.map(() => item));
  return g.op("Slice", [value, all(-1), all(-wholeAxis), g.ints(axes), all(-1)]);
}

/** step − 1 zeros after each cell of the axis. */
function spaceOut({ g, fail }: Differentiation, value: Value, { axis, step }: Cut): Value {
  if (step === 1) return value;
  const own = value.shape;
  const unknown = own.filter((dim) => typeof dim !== "number").length;
  if (unknown > 1) fail(`${formatShape(own)} has more than one length that is not known beforehand`);
  const lengths = own.map((dim) => (typeof dim === "number" ? dim : -1));
  const [front, back] = [lengths.slice(0, axis + 1), lengths.slice(axis + 1)];
  const single = g.op("Reshape", [value, g.ints([...front, 1, ...back])]);
  const pads = (cells: number) => [...front.map(() => 0), cells, ...back.map(() => 0)];
  const gapped = g.op("Pad", [single, g.ints([...pads(0), ...pads(step - 1)])]);
  const longer = (lengths[axis] ?? 0) * step;
  return g.op("Reshape", [gapped, g.ints([...lengths.slice(0, axis), longer, ...back])]);
}
