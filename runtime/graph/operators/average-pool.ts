import { sizeOf } from "../../shape.js";
import { add, formatShape, isAtLeast, isStatic, mul, product, sub } from "../lengths.js";
import type { ConstantData, Dim, Value } from "../types.js";
import { type Differentiation, fixed, type Operator, type Signature } from "./operator.js";
import { pooledShape, poolRows, poolWindow, statedPool } from "./pool-window.js";
import { reshapeLike } from "./reshape.js";
import { reshapeTo } from "./reshape-to.js";
import { repeatCells } from "./resize.js";
import { at, extent, spatial, transposedAttributes, type Window } from "./window.js";

const signature = {
  inputs: ["x: float"],
  attributes: { ...poolRows, count_include_pad: { kind: "int", default: 0, choices: [0, 1] } },
} as const satisfies Signature;

type Rule = Differentiation<typeof signature>;

export const averagePool: Operator<typeof signature> = {
  signature,
  doc: "y = the mean of each window; pads count with count_include_pad, what ceil_mode lets hang over never (onnx.ai, AveragePool)",
  infer: ({ x }, n) => ({ dtype: "float32", shape: pooledShape(n, x) }),
  lower: ({ x }, d) => {
    const attributes = statedPool(d, x);
    return attributes && d.g.op("AveragePool", [x], attributes);
  },
  gradient: ({ x }, d) => ({ x: () => averagePoolGradient(x, d) }),
};

/** A pool and its data, all lengths read once. */
interface Spec {
  readonly d: Rule;
  readonly x: Value;
  readonly window: Window;
  /** Spatial lengths of x, of y. */
  readonly lengths: readonly Dim[];
  readonly counts: readonly Dim[];
}

/** Each cell gets dy / count from every window it is in. */
function averagePoolGradient(x: Value, d: Rule): Value {
  const { g, dy } = d;
  const spec: Spec = { d, x, window: poolWindow(d, x), lengths: spatial(x), counts: spatial(dy) };
  const shares = g.op("Mul", [dy, g.constant(inverseCounts(spec))]);
  return tiles(spec) ? repeat(spec, shares) : spread(spec, shares);
}

/** True where the windows lie side by side from the first cell on. */
function tiles({ window, lengths, counts }: Spec): boolean {
  return window.kernel.every(
    (length, axis) =>
      length === at(window.strides, axis) &&
      at(window.dilations, axis) === 1 &&
      at(window.padsBefore, axis) === 0 &&
      isAtLeast(lengths[axis] ?? 0, mul(counts[axis] ?? 0, length)),
  );
}

/** 1 / (cells that each window averages), shape [1, 1, …] or a scalar where all are equal. */
function inverseCounts({ d, window, lengths, counts }: Spec): ConstantData {
  const pads = d.attributes.count_include_pad === 1 ? window : undefined;
  if (!isStatic(lengths) || !isStatic(counts)) {
    const whole = counts.every((count, axis) => {
      const reached = add(mul(sub(count, 1), at(window.strides, axis)), extent(window, axis));
      const [before, after] = [at(window.padsBefore, axis), pads ? at(pads.padsAfter, axis) : 0];
      return (pads || before === 0) && isAtLeast(add(lengths[axis] ?? 0, before + after), reached);
    });
    const found = formatShape(lengths);
    if (!whole) d.fail(`windows reach over the data's lengths ${found}; expected lengths known beforehand`);
    return { dtype: "float32", shape: [], data: Float32Array.of(1 / sizeOf(window.kernel)) };
  }
  const perAxis = counts.map((count, axis) => {
    const lowest = pads ? -at(pads.padsBefore, axis) : 0;
    const highest = at(lengths, axis) + (pads ? at(pads.padsAfter, axis) : 0);
    return Array.from({ length: count }, (_, index) => {
      const start = index * at(window.strides, axis) - at(window.padsBefore, axis);
      const cells = Array.from(
        { length: at(window.kernel, axis) },
        (_, cell) => start + cell * at(window.dilations, axis),
      );
      return cells.filter((cell) => cell >= lowest && cell < highest).length;
    });
  });
  const cells = perAxis.reduce((outer, axis) => outer.flatMap((a) => axis.map((b) => a * b)), [1]);
  const inverse = Float32Array.from(cells, (count) => (count === 0 ? 0 : 1 / count));
  return inverse.every((value) => value === inverse[0])
    ? { dtype: "float32", shape: [], data: inverse.slice(0, 1) }
    : { dtype: "float32", shape: [1, 1, ...counts], data: inverse };
}

/** Windows that tile the data: every share is repeated over its window, and what no window reached is 0. */
function repeat({ d, window, lengths, counts }: Spec, shares: Value): Value {
  const { g } = d;
  const tiled = repeatCells(g, shares, window.kernel);
  const missing = lengths.map((length, axis) => {
    const covered = mul(counts[axis] ?? 0, at(window.kernel, axis));
    return fixed(d, sub(length, covered), `what windows leave out of spatial axis ${axis} of length ${length}`);
  });
  if (missing.every((cells) => cells === 0)) return tiled;
  return g.op("Pad", [tiled, g.ints([0, 0, ...lengths.map(() => 0), 0, 0, ...missing])]);
}

/** Overlapping or padded windows: a transposed convolution with ones, all channels as rows. */
function spread({ d, x, window, lengths, counts }: Spec, shares: Value): Value {
  const { g } = d;
  const cells = sizeOf(window.kernel);
  const ones = g.constant({ dtype: "float32", shape: [1, 1, ...window.kernel], data: new Float32Array(cells).fill(1) });
  const rows = reshapeTo(d, shares, [product(shares.shape.slice(0, 2)), 1, ...counts]);
  const attributes = transposedAttributes(d, window, lengths, counts);
  const reachable = attributes.output_padding?.every(
    (extra, axis) => extra < Math.max(at(window.strides, axis), extent(window, axis)),
  );
  if (reachable === false) d.fail("windows leave out more of the data than a stride");
  return reshapeLike(g, g.op("ConvTranspose", [rows, ones], attributes), x);
}
