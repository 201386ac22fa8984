import { product } from "../dims.js";
import type { Dim, Value } from "../types.js";
import { axisOf, type Differentiation, type Inference, inputAt, numberOf, type Operator } from "./operator.js";

interface Reduction {
  readonly x: Value;
  readonly axes: readonly number[];
  readonly keep: boolean;
}

/** The axes come as input 1; without it all are reduced. They have to be known beforehand. */
function reductionOf(
  n: Pick<Inference, "inputs" | "attributes" | "fail">,
  given: readonly unknown[] | undefined,
): Reduction {
  const x = inputAt(n, 0);
  const rank = x.shape.length;
  if (n.inputs[1] && !given) n.fail("its axes are computed; expected a constant");
  const axes = (given ?? x.shape.map((_, axis) => axis)).map((axis) =>
    typeof axis === "number" ? axisOf(n, axis, rank) : n.fail("its axes are computed; expected a constant"),
  );
  const unique = [...new Set(axes)].sort((a, b) => a - b);
  if (unique.length !== axes.length) n.fail(`its axes [${axes.join(",")}] repeat`);
  return { x, axes: unique, keep: numberOf(n.attributes, "keepdims") !== 0 };
}

function reduction(gradient: (d: Differentiation, r: Reduction) => Value): Operator {
  return {
    inputs: [1, 2],
    attributes: { keepdims: { kind: "int", default: 1 } },
    infer: (n) => {
      const { x, axes, keep } = reductionOf(n, n.contents(1));
      if (x.dtype === "bool") n.fail(`"${x.name}" is bool; expected numbers`);
      const shape = x.shape.flatMap((dim, axis): Dim[] => (axes.includes(axis) ? (keep ? [1] : []) : [dim]));
      return [{ dtype: x.dtype, shape }];
    },
    gradient: (d) => [() => gradient(d, reductionOf(d, constantList(d, d.inputs[1]))), undefined],
  };
}

function constantList(d: Differentiation, value: Value | undefined): readonly number[] | undefined {
  const data = d.constant(value);
  return data && Array.from(data.data);
}

/** A gradient or result of a reduction with the reduced axes back as length 1. */
function kept({ g }: Differentiation, { axes, keep, x }: Reduction, value: Value): Value {
  if (keep || axes.length === 0 || x.shape.length === 0) return value;
  return g.op("Unsqueeze", [value, g.ints(axes)]);
}

function spread(d: Differentiation, r: Reduction, value: Value): Value {
  return d.g.op("Expand", [kept(d, r, value), d.g.op("Shape", [r.x])]);
}

/** y = Σx over the axes */
export const reduceSum = reduction((d, r) => spread(d, r, d.dy));

/** y = Σx / count over the axes; the count may hold the batch */
export const reduceMean = reduction((d, r) => {
  const { g, dy } = d;
  const count = product(r.axes.map((axis) => r.x.shape[axis] ?? 1));
  if (typeof count === "number") return spread(d, r, g.op("Mul", [dy, g.scalar(1 / count)]));
  const lengths = g.op("Gather", [g.op("Shape", [r.x]), g.ints(r.axes)]);
  const divisor = g.op("ReduceProd", [g.op("Cast", [lengths], { to: "float32" })], { keepdims: 0 });
  return spread(d, r, g.op("Div", [dy, divisor]));
});

/** y = largest x over the axes; equal maxima share the gradient, as in PyTorch's amax and tfjs. */
export const reduceMax = reduction((d, r) => {
  const { g, dy, node } = d;
  const mask = g.op("Cast", [g.op("Equal", [r.x, kept(d, r, node.outputs[0] ?? d.fail("has no output"))])], {
    to: "float32",
  });
  const winners = g.op("ReduceSum", [mask, g.ints(r.axes)], { keepdims: 1 });
  return g.op("Mul", [mask, g.op("Div", [kept(d, r, dy), winners])]);
});

/** y = Πx over the axes: used for counts. */
export const reduceProd: Operator = { ...reduceSum, gradient: "missing" };
