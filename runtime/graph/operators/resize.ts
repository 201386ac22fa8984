import type { GraphBuilder, Value } from "../types.js";
import { axisOf, fixed, type Inference, inputAt, listOf, type Operator, requireFloat } from "./operator.js";

/** y = x resized along `axes` (default: all) to sizes (input 3) or by scales (input 2). Used for images before training. */
export const resize: Operator = {
  inputs: [1, 4],
  attributes: {
    mode: { kind: "string", default: "nearest" },
    coordinate_transformation_mode: { kind: "string", default: "half_pixel" },
    nearest_mode: { kind: "string", default: "round_prefer_floor" },
    cubic_coeff_a: { kind: "float", default: -0.75 },
    exclude_outside: { kind: "int", default: 0 },
    antialias: { kind: "int", default: 0 },
    axes: { kind: "ints" },
  },
  infer: (n) => {
    const x = inputAt(n, 0);
    requireFloat(n, x);
    const axes = (listOf(n.attributes, "axes") ?? x.shape.map((_, axis) => axis)).map((axis) =>
      axisOf(n, axis, x.shape.length),
    );
    const lengths = resizedLengths(n, axes);
    return [{ dtype: "float32", shape: x.shape.map((dim, axis) => lengths.get(axis) ?? dim) }];
  },
  gradient: "missing",
};

/** The new length of each axis that changes: the size, or ⌊length·scale⌋. */
function resizedLengths(n: Inference, axes: readonly number[]): ReadonlyMap<number, number> {
  const shape = inputAt(n, 0).shape;
  const sizes = n.inputs[3] ? n.contents(3) : undefined;
  const scales = n.inputs[2] ? n.constant(2)?.data : undefined;
  const given = sizes ?? scales ?? n.fail("its sizes and scales are computed or missing; expected a constant");
  if (given.length !== axes.length) n.fail(`it has ${given.length} sizes or scales; expected ${axes.length}`);
  const lengths = new Map<number, number>();
  axes.forEach((axis, index) => {
    const [size, length] = [given[index], shape[axis]];
    if (sizes && size === length) return;
    if (scales && size === 1) return;
    const fixedLength = fixed(n, length, `axis ${axis}`);
    lengths.set(axis, sizes ? fixed(n, size, "a size") : Math.floor(fixedLength * fixed(n, size, "a scale")));
  });
  return lengths;
}

/** Every cell of [N, C, …] repeated `counts` times along each spatial axis. Resize copies rows; Expand is 40 × slower. */
export function repeatCells(g: GraphBuilder, value: Value, counts: readonly number[]): Value {
  const scales = g.constant({
    dtype: "float32",
    shape: [counts.length + 2],
    data: Float32Array.from([1, 1, ...counts]),
  });
  return g.op("Resize", [value, undefined, scales], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
}
