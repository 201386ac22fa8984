import { mul } from "../lengths.js";
import type { Value } from "../types.js";
import { type Differentiation, fixed, listOf, type Operator, type Signature } from "./operator.js";
import { reshapeTo } from "./reshape-to.js";

const signature = { inputs: ["x: any", "repeats: int64"], attributes: {} } as const satisfies Signature;

export const tile: Operator<typeof signature> = {
  signature,
  doc: "y = x repeated along each axis (onnx.ai, Tile)",
  infer: ({ x, repeats }, n) => {
    const counts = listOf(n, repeats, "repeats");
    if (counts.length !== x.shape.length) n.fail(`it has ${counts.length} repeats; expected ${x.shape.length}`);
    return { dtype: x.dtype, shape: x.shape.map((dim, axis) => mul(dim, counts[axis] ?? 1)) };
  },
  gradient: ({ x, repeats }, d) => ({ x: () => tileGradient(x, repeats, d) }),
};

/** Each repeated axis as two, how often and how long, of which the first is summed. */
function tileGradient(x: Value, repeats: Value, d: Differentiation<typeof signature>): Value {
  const counts = listOf(d, repeats, "repeats").map((count) => fixed(d, count, "a number of repeats"));
  const repeated = counts.flatMap((count, axis) => (count === 1 ? [] : [axis]));
  if (repeated.length === 0) return d.dy;
  const parts = x.shape.flatMap((dim, axis) => (repeated.includes(axis) ? [counts[axis] ?? 1, dim] : [dim]));
  const summed = d.g.ints(repeated.map((axis, before) => axis + before));
  return d.g.op("ReduceSum", [reshapeTo(d, d.dy, parts, x), summed], { keepdims: 0 });
}
