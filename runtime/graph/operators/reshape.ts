import { formatShape, isStatic, product, quotient } from "../dims.js";
import type { Dim, Value } from "../types.js";
import { axisOf, type GradientRule, type Inference, inputAt, numberOf, type Operator } from "./operator.js";
import { shapeInput } from "./shape.js";

/** All of these only give the same elements another shape. */
const backToInput: GradientRule = (d) => [
  () => reshapeLike(d.g, d.dy, inputAt(d, 0)),
  ...d.inputs.slice(1).map(() => undefined),
];

type Ops = Parameters<GradientRule>[0]["g"];

/** `value` in the shape of `like`: with a constant where one batch axis at most has to be found, else by Shape. */
export function reshapeLike(g: Ops, value: Value, like: Value): Value {
  const unknown = like.shape.filter((dim) => typeof dim !== "number").length;
  const target = unknown <= 1 ? g.ints(like.shape.map((dim) => (typeof dim === "number" ? dim : -1))) : undefined;
  return g.op("Reshape", [value, target ?? g.op("Shape", [like])]);
}

/** y = x in another shape: 0 copies the length of that axis, −1 (once) is what remains. */
export const reshape: Operator = {
  inputs: [2, 2],
  attributes: {},
  infer: (n) => [{ dtype: inputAt(n, 0).dtype, shape: reshaped(n, inputAt(n, 0), shapeInput(n, 1)) }],
  gradient: backToInput,
};

function reshaped(n: Inference, x: Value, target: readonly Dim[]): readonly Dim[] {
  const wanted = formatShape(target);
  if (target.filter((dim) => dim === -1).length > 1) n.fail(`the shape ${wanted} holds -1 more than once`);
  const copied = target.map((dim, axis) =>
    dim === 0 ? (x.shape[axis] ?? n.fail(`the 0 in ${wanted} has no axis in ${formatShape(x.shape)}`)) : dim,
  );
  const total = product(x.shape) ?? n.fail(`${formatShape(x.shape)} holds the batch twice, so its size is not known`);
  const known = product(copied.filter((dim) => dim !== -1));
  const rest = known === undefined ? undefined : quotient(total, known);
  const fits = rest !== undefined && (target.includes(-1) || rest === 1);
  if (!fits) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}, which cannot be reshaped to ${wanted}`);
  return copied.map((dim) => (dim === -1 ? rest : dim));
}

/** y = x as a matrix: the axes before `axis` merged, the others merged. */
export const flatten: Operator = {
  inputs: [1, 1],
  attributes: { axis: { kind: "int", default: 1 } },
  infer: (n) => {
    const { dtype, shape } = inputAt(n, 0);
    const given = numberOf(n.attributes, "axis");
    const axis = given === shape.length ? given : axisOf(n, given, shape.length);
    const merged = [product(shape.slice(0, axis)), product(shape.slice(axis))];
    return [{ dtype, shape: merged.map((dim) => dim ?? n.fail("the batch would be multiplied by itself")) }];
  },
  gradient: backToInput,
};

function axesInput(n: Inference, rank: number): readonly number[] {
  const contents = n.contents(1) ?? n.fail("its axes are computed; expected a constant");
  const axes = contents.map((axis) =>
    typeof axis === "number" ? axisOf(n, axis, rank) : n.fail("an axis is the batch"),
  );
  if (new Set(axes).size !== axes.length) n.fail(`its axes [${axes.join(",")}] repeat`);
  return axes;
}

/** y = x without the given axes of length 1 (without input 1: all of them, which a batch of one row would be too) */
export const squeeze: Operator = {
  inputs: [1, 2],
  attributes: {},
  infer: (n) => {
    const { dtype, shape } = inputAt(n, 0);
    if (!n.inputs[1] && !isStatic(shape)) n.fail(`${formatShape(shape)} holds the batch; expected the axes to squeeze`);
    const ones = shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
    const axes = n.inputs[1] ? axesInput(n, shape.length) : ones;
    const wrong = axes.find((axis) => shape[axis] !== 1);
    if (wrong !== undefined) n.fail(`axis ${wrong} of ${formatShape(shape)} has length ${shape[wrong]}; expected 1`);
    return [{ dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  contents: (n) => n.contents(0),
  gradient: backToInput,
};

/** y = x with axes of length 1 put in, at these places of the result */
export const unsqueeze: Operator = {
  inputs: [2, 2],
  attributes: {},
  infer: (n) => {
    const { dtype, shape } = inputAt(n, 0);
    const rank = shape.length + (inputAt(n, 1).shape[0] === 1 ? 1 : (n.contents(1)?.length ?? 0));
    const axes = axesInput(n, rank);
    const rest = [...shape];
    return [
      { dtype, shape: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1))) },
    ];
  },
  contents: (n) => (inputAt(n, 0).shape.length === 0 ? n.contents(0) : undefined),
  gradient: backToInput,
};
