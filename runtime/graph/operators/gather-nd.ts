import { formatShape, product, sameShape } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { type Differentiation, fixed, type Inference, type Operator, type Signature } from "./operator.js";
import { reshapeLike } from "./reshape.js";
import { reshapeTo } from "./reshape-to.js";
import { zerosLike } from "./zeros.js";

const signature = {
  inputs: ["x: any", "indices: int64"],
  attributes: { batch_dims: { kind: "int", default: 0 } },
} as const satisfies Signature;

export const gatherNd: Operator<typeof signature> = {
  signature,
  doc: "y[i] = x[indices[i]]: the last axis of the indices holds one for each axis of x after batch_dims common ones (onnx.ai, GatherND)",
  infer: ({ x, indices }, n) => {
    const { common, places, depth } = partsOf(x, indices, n);
    return { dtype: x.dtype, shape: [...common, ...places, ...x.shape.slice(common.length + depth)] };
  },
  gradient: ({ x, indices }, d) => ({ x: () => gatherNdGradient(x, indices, d) }),
};

/** The common axes, the others of the indices, and how many axes of x an index goes through. */
function partsOf(x: Value, indices: Value, n: Pick<Inference<typeof signature>, "attributes" | "fail">) {
  const { batch_dims: batches } = n.attributes;
  const depth = fixed(n, indices.shape.at(-1), "the length of an index");
  const common = x.shape.slice(0, batches);
  if (!sameShape(common, indices.shape.slice(0, batches)) || batches < 0 || batches >= indices.shape.length) {
    n.fail(`${formatShape(x.shape)} and ${formatShape(indices.shape)} do not have ${batches} axes in common`);
  }
  if (depth < 1 || depth > x.shape.length - batches) {
    n.fail(`an index has ${depth} places; expected 1 to ${x.shape.length - batches} for ${formatShape(x.shape)}`);
  }
  return { common, places: indices.shape.slice(batches, -1), depth };
}

/**
 * x as [B, D, R], its common axes, those that the indices go through and the rest merged: dx = zeros with dy added at flat
 * indices. ScatterND with reduction would lose adds at equal indices when it runs on more than one thread.
 */
function gatherNdGradient(x: Value, indices: Value, d: Differentiation<typeof signature>): Value {
  const { g } = d;
  const { common, places, depth } = partsOf(x, indices, d);
  const split = common.length + depth;
  const [batches, rest] = [product(common), product(x.shape.slice(split))];
  const updates = reshapeTo(d, d.dy, [batches, product(places), rest]);
  const flat = reshapeTo(d, flatIndices(x, indices, d), [batches, product(places), 1]);
  const zeros = zerosLike(g, x);
  const columns = reshapeTo(d, zeros, [batches, product(x.shape.slice(common.length, split)), rest]);
  const added = g.op("ScatterElements", [columns, g.op("Expand", [flat, g.op("Shape", [updates])]), updates], {
    axis: 1,
    reduction: "add",
  });
  return reshapeLike(g, added, x);
}

/** Each index as one number, in a last axis of length 1. */
function flatIndices(x: Value, indices: Value, d: Differentiation<typeof signature>): Value {
  const { g } = d;
  const { common, depth } = partsOf(x, indices, d);
  const lengths = g.op("Shape", [x], { start: common.length, end: common.length + depth });
  const negative = g.op("Less", [indices, g.scalar(0, "int64")]);
  const fromFront = g.op("Where", [negative, g.op("Add", [indices, lengths]), indices]);
  const inner: readonly Dim[] = x.shape.slice(common.length, common.length + depth);
  const strides = inner.map((_, axis) => fixed(d, product(inner.slice(axis + 1)), "the stride of an index"));
  return g.op("ReduceSum", [g.op("Mul", [fromFront, g.ints(strides)]), g.ints([-1])], { keepdims: 1 });
}
