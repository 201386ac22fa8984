import { formatShape, sum } from "../dims.js";
import type { Dim, Value } from "../types.js";
import { axisOf, type Differentiation, fixed, inputAt, numberOf, type Operator } from "./operator.js";

/** y = the inputs one after another along an axis */
export const concat: Operator = {
  inputs: [1, Number.POSITIVE_INFINITY],
  attributes: { axis: { kind: "int", required: true } },
  infer: (n) => {
    const first = inputAt(n, 0);
    const axis = axisOf(n, numberOf(n.attributes, "axis"), first.shape.length);
    let total: Dim = 0;
    n.inputs.forEach((_, index) => {
      const value = inputAt(n, index);
      const same =
        value.shape.length === first.shape.length &&
        value.shape.every((dim, i) => i === axis || dim === first.shape[i]);
      if (!same || value.dtype !== first.dtype) {
        n.fail(
          `"${value.name}" is ${value.dtype} ${formatShape(value.shape)}; expected ${first.dtype} ${formatShape(first.shape)} but for axis ${axis}`,
        );
      }
      total =
        sum(total, value.shape[axis] ?? 0) ?? n.fail(`axis ${axis} would hold the batch and a fixed length together`);
    });
    return [{ dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? total : dim)) }];
  },
  contents: (n) => {
    const parts = n.inputs.map((_, index) => n.contents(index));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  },
  gradient: (d) => {
    const axis = axisOf(d, numberOf(d.attributes, "axis"), inputAt(d, 0).shape.length);
    return d.inputs.map((_, index) => () => part(d, index, axis));
  },
};

function part(d: Differentiation, index: number, axis: number): Value {
  const { g, dy } = d;
  const lengths = d.inputs.map((value) => fixed(d, value?.shape[axis], `the length of axis ${axis}`));
  const start = lengths.slice(0, index).reduce((total, length) => total + length, 0);
  const end = start + (lengths[index] ?? 0);
  if (start === 0 && end === dy.shape[axis]) return dy;
  return g.op("Slice", [dy, g.ints([start]), g.ints([end]), g.ints([axis])]);
}
