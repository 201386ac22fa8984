import { product } from "../lengths.js";
import type { Value } from "../types.js";
import { axisOf, type Differentiation, type Operator, type Signature } from "./operator.js";
import { reshapeTo } from "./reshape-to.js";
import { zerosLike } from "./zeros.js";

const signature = {
  inputs: ["x: any", "indices: index"],
  attributes: { axis: { kind: "int", default: 0 } },
} as const satisfies Signature;

export const gather: Operator<typeof signature> = {
  signature,
  doc: "y = x at the indices (any shape, negative ones from the end) of one axis (onnx.ai, Gather)",
  infer: ({ x, indices }, n) => {
    const axis = axisOf(n, n.attributes.axis, x.shape.length);
    return { dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] };
  },
  contents: ({ x, indices }, n) => {
    const [known, picks] = [n.contents(x), n.contents(indices)];
    return known && picks?.map((index) => (typeof index === "number" ? known.at(index) : undefined));
  },
  gradient: ({ x, indices }, d) => ({ x: () => gatherGradient(d, x, indices) }),
};

/** dx = zeros with dy added at the indices. ScatterElements wants indices of the updates' shape: [1, …, I, …, 1] expanded. */
function gatherGradient(d: Differentiation<typeof signature>, x: Value, indices: Value): Value {
  const { g } = d;
  const axis = axisOf(d, d.attributes.axis, x.shape.length);
  const updates = mergedUpdates(d, x, { indices, axis });
  const column = x.shape.map((_, i) => (i === axis ? -1 : 1));
  const spread = g.op("Expand", [g.op("Reshape", [indices, g.ints(column)]), g.op("Shape", [updates])]);
  const zeros = zerosLike(g, x);
  return g.op("ScatterElements", [zeros, spread, updates], { axis, reduction: "add" });
}

/** dy with the axes of the indices merged into one. */
function mergedUpdates(
  d: Pick<Differentiation, "g" | "dy" | "fail">,
  x: Value,
  { indices, axis }: { readonly indices: Value; readonly axis: number },
): Value {
  if (indices.shape.length === 0) return d.g.op("Unsqueeze", [d.dy, d.g.ints([axis])]);
  if (indices.shape.length === 1) return d.dy;
  return reshapeTo(d, d.dy, [...x.shape.slice(0, axis), product(indices.shape), ...x.shape.slice(axis + 1)], x);
}
