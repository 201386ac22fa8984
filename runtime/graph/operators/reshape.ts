import { formatShape, isStatic, product, quotient } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import { axesOf, axisOf, type Inference, type Operator, requireRank, type Signature } from "./operator.js";
import { shapeInput } from "./shape.js";

/**
 * `value` in the shape of `like`: with a constant where one length at most has to be found, else by Shape. With all these
 * operators the gradient of the input is that of the result, in the input's shape.
 */
export function reshapeLike(g: GraphBuilder, value: Value, like: Value): Value {
  const unknown = like.shape.filter((dim) => typeof dim !== "number").length;
  // A 0 would copy a length of `value`, and leaves nothing for −1 to be.
  if (like.shape.includes(0)) {
    return g.op("Reshape", [value, isStatic(like.shape) ? g.ints(like.shape) : g.op("Shape", [like])], {
      allowzero: 1,
    });
  }
  const target = unknown <= 1 ? g.ints(like.shape.map((dim) => (typeof dim === "number" ? dim : -1))) : undefined;
  return g.op("Reshape", [value, target ?? g.op("Shape", [like])]);
}

const reshapeSignature = {
  inputs: ["x: any", "shape: int64"],
  attributes: { allowzero: { kind: "int", default: 0, choices: [0, 1] } },
} as const satisfies Signature;

export const reshape: Operator<typeof reshapeSignature> = {
  signature: reshapeSignature,
  doc: "y = x in another shape: −1 (once) is what remains, 0 copies the length of that axis unless allowzero is 1 (onnx.ai, Reshape)",
  infer: ({ x, shape }, n) => ({ dtype: x.dtype, shape: reshaped(n, x, shapeInput(n, shape)) }),
  contents: ({ x }, n) => n.contents(x),
  gradient: ({ x }, { g, dy }) => ({ x: () => reshapeLike(g, dy, x) }),
};

function reshaped(n: Inference<typeof reshapeSignature>, x: Value, target: readonly Dim[]): readonly Dim[] {
  const misfit = () =>
    n.fail(`"${x.name}" has shape ${formatShape(x.shape)}, which cannot be reshaped to ${formatShape(target)}`);
  const copied = copiedLengths(n, x, target);
  const total = product(x.shape);
  if (!target.includes(-1)) return product(copied) === total ? copied : misfit();
  const rest = quotient(total, product(copied.filter((dim) => dim !== -1))) ?? misfit();
  return copied.map((dim) => (dim === -1 ? rest : dim));
}

/** The target with the lengths of x for 0, checked but for its size. */
function copiedLengths(n: Inference<typeof reshapeSignature>, x: Value, target: readonly Dim[]): readonly Dim[] {
  const wanted = formatShape(target);
  const zeros = n.attributes.allowzero === 1;
  if (target.some((dim) => typeof dim === "number" && dim < -1)) n.fail(`the shape ${wanted} holds a negative length`);
  if (target.filter((dim) => dim === -1).length > 1) n.fail(`the shape ${wanted} holds -1 more than once`);
  if (zeros && target.includes(0) && target.includes(-1)) n.fail(`the shape ${wanted} holds 0, so -1 is not known`);
  if (zeros) return target;
  return target.map((dim, axis) =>
    dim === 0 ? (x.shape[axis] ?? n.fail(`the 0 in ${wanted} has no axis in ${formatShape(x.shape)}`)) : dim,
  );
}

const flattenSignature = {
  inputs: ["x: any"],
  attributes: { axis: { kind: "int", default: 1 } },
} as const satisfies Signature;

export const flatten: Operator<typeof flattenSignature> = {
  signature: flattenSignature,
  doc: "y = x as a matrix: the axes before `axis` merged, the others merged (onnx.ai, Flatten)",
  infer: ({ x: { dtype, shape } }, n) => {
    const { axis: given } = n.attributes;
    const axis = given === shape.length ? given : axisOf(n, given, shape.length);
    return { dtype, shape: [product(shape.slice(0, axis)), product(shape.slice(axis))] };
  },
  gradient: ({ x }, { g, dy }) => ({ x: () => reshapeLike(g, dy, x) }),
};

const squeezeSignature = { inputs: ["x: any", "axes?: int64"], attributes: {} } as const satisfies Signature;

export const squeeze: Operator<typeof squeezeSignature> = {
  signature: squeezeSignature,
  doc: "y = x without the given axes of length 1, without or with empty axes all of them (onnx.ai, Squeeze)",
  infer: ({ x: { dtype, shape }, axes }, n) => {
    if (axes) requireRank(n, axes, 1);
    const given = axes ? axesOf(n, axes, shape.length) : [];
    const gone = given.length > 0 ? given : onesOf(n, shape);
    const wrong = gone.find((axis) => shape[axis] !== 1);
    if (wrong !== undefined) n.fail(`axis ${wrong} of ${formatShape(shape)} has length ${shape[wrong]}; expected 1`);
    return { dtype, shape: shape.filter((_, axis) => !gone.includes(axis)) };
  },
  contents: ({ x }, n) => n.contents(x),
  gradient: ({ x }, { g, dy }) => ({ x: () => reshapeLike(g, dy, x) }),
};

/** All axes of length 1, which a batch of one row would be too. */
function onesOf(n: Pick<Inference, "fail">, shape: readonly Dim[]): readonly number[] {
  if (!isStatic(shape)) n.fail(`${formatShape(shape)} holds lengths that may be 1; expected the axes to squeeze`);
  return shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
}

const unsqueezeSignature = { inputs: ["x: any", "axes: int64"], attributes: {} } as const satisfies Signature;

export const unsqueeze: Operator<typeof unsqueezeSignature> = {
  signature: unsqueezeSignature,
  doc: "y = x with axes of length 1 put in, at these places of the result (onnx.ai, Unsqueeze)",
  infer: ({ x: { dtype, shape }, axes }, n) => {
    const rank = shape.length + (n.contents(axes)?.length ?? 0);
    const added = axesOf(n, axes, rank);
    const rest = [...shape];
    return {
      dtype,
      shape: Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : (rest.shift() ?? 1))),
    };
  },
  contents: ({ x }, n) => n.contents(x),
  gradient: ({ x }, { g, dy }) => ({ x: () => reshapeLike(g, dy, x) }),
};
