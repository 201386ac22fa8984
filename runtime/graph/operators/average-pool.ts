import { sizeOf } from "../../shape.js";
import type { ConstantData, Value } from "../types.js";
import { poolAttributes, pooledShape, poolWindow } from "./max-pool.js";
import { type Differentiation, fixed, inputAt, numberOf, type Operator } from "./operator.js";
import { reshapeLike } from "./reshape.js";
import { repeatCells } from "./resize.js";
import { at, extent, spatial, transposedPads, type Window, windowAttributes } from "./window.js";

/**
 * y = the mean of each window. Pads are counted if count_include_pad says so; what ceil_mode lets hang over the padded
 * data is never counted.
 */
export const averagePool: Operator = {
  inputs: [1, 1],
  attributes: { ...poolAttributes, count_include_pad: { kind: "int", default: 0 } },
  infer: (n) => [{ dtype: "float32", shape: pooledShape(n) }],
  gradient: (d) => [() => averagePoolGradient(d)],
};

/** Each cell gets dy / count from every window it is in. */
function averagePoolGradient(d: Differentiation): Value {
  const { g, dy } = d;
  const x = inputAt(d, 0);
  const window = poolWindow(d, x);
  const lengths = spatial(d, x.shape, "x");
  const shares = g.op("Mul", [dy, g.constant(inverseCounts(d, window, lengths))]);
  const tiled = window.kernel.every(
    (length, axis) =>
      length === at(window.strides, axis) &&
      at(window.dilations, axis) === 1 &&
      at(window.padsBefore, axis) === 0 &&
      fixed(d, dy.shape[axis + 2], "an output length") * length <= at(lengths, axis),
  );
  return tiled ? repeat(d, { shares, window, lengths }) : spread(d, { shares, window, lengths });
}

interface Shares {
  /** dy / count */
  readonly shares: Value;
  readonly window: Window;
  readonly lengths: readonly number[];
}

/** 1 / (cells that each window averages), shape [1, 1, …] or a scalar where all are equal. */
function inverseCounts(d: Differentiation, window: Window, lengths: readonly number[]): ConstantData {
  const includePads = numberOf(d.attributes, "count_include_pad") !== 0;
  const outputs = spatial(d, d.dy.shape, "dy");
  const perAxis = outputs.map((count, axis) =>
    Array.from({ length: count }, (_, index) => {
      const start = index * at(window.strides, axis) - at(window.padsBefore, axis);
      const lowest = includePads ? -at(window.padsBefore, axis) : 0;
      const highest = at(lengths, axis) + (includePads ? at(window.padsAfter, axis) : 0);
      const cells = Array.from(
        { length: at(window.kernel, axis) },
        (_, cell) => start + cell * at(window.dilations, axis),
      );
      return cells.filter((cell) => cell >= lowest && cell < highest).length;
    }),
  );
  const counts = perAxis.reduce((outer, axis) => outer.flatMap((a) => axis.map((b) => a * b)), [1]);
  const inverse = Float32Array.from(counts, (count) => 1 / count);
  return inverse.every((value) => value === inverse[0])
    ? { dtype: "float32", shape: [], data: inverse.slice(0, 1) }
    : { dtype: "float32", shape: [1, 1, ...outputs], data: inverse };
}

/** Windows that tile the data: every share is repeated over its window, and what no window reached is 0. */
function repeat(d: Differentiation, { shares, window, lengths }: Shares): Value {
  const { g } = d;
  const covered = spatial(d, d.dy.shape, "dy").map((count, axis) => count * at(window.kernel, axis));
  const tiles = repeatCells(g, shares, window.kernel);
  const missing = lengths.map((length, axis) => length - at(covered, axis));
  if (missing.every((cells) => cells === 0)) return tiles;
  return g.op("Pad", [tiles, g.ints([0, 0, ...lengths.map(() => 0), 0, 0, ...missing])]);
}

/** Overlapping or padded windows: a transposed convolution with ones, all channels as rows. */
function spread(d: Differentiation, { shares, window, lengths }: Shares): Value {
  const { g } = d;
  const outputs = spatial(d, d.dy.shape, "dy");
  const { padsAfter, outputPadding } = transposedPads(window, lengths, outputs);
  const cells = sizeOf(window.kernel);
  const ones = g.constant({ dtype: "float32", shape: [1, 1, ...window.kernel], data: new Float32Array(cells).fill(1) });
  const rows = g.op("Reshape", [shares, g.ints([-1, 1, ...outputs])]);
  const reachable = outputPadding.every(
    (extra, axis) => extra < Math.max(at(window.strides, axis), extent(window, axis)),
  );
  if (!reachable) d.fail("windows leave out more of the data than a stride");
  const result = g.op("ConvTranspose", [rows, ones], {
    ...windowAttributes({ ...window, padsAfter }),
    ...(outputPadding.some((extra) => extra > 0) && { output_padding: outputPadding }),
  });
  return reshapeLike(g, result, inputAt(d, 0));
}
