import * as lengths from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { mask } from "./masks.js";
import { type AnyReduction, anyReduction, kept, type Reduced, type Reduction, reduction, spread } from "./reduce.js";

export const reduceSum: Reduction = reduction({
  doc: "y = Σx over the axes (onnx.ai, ReduceSum)",
  fold: (items) => items.reduce(lengths.add, 0),
  dx: (r) => spread(r, r.dy),
});

export const reduceMean: Reduction = reduction({
  doc: "y = Σx / count over the axes (onnx.ai, ReduceMean)",
  dx: meanGradient,
});

/** The count may hold the batch. */
function meanGradient(r: Reduced): Value {
  const { g, x, axes, dy } = r;
  const count = lengths.product(axes.map((axis) => x.shape[axis] ?? 1));
  if (typeof count === "number") return spread(r, g.op("Mul", [dy, g.scalar(1 / count)]));
  const sizes = g.op("Gather", [g.op("Shape", [x]), g.ints(axes)]);
  const divisor = g.op("ReduceProd", [g.op("Cast", [sizes], { to: "float32" })], { keepdims: 0 });
  return spread(r, g.op("Div", [dy, divisor]));
}

export const reduceMax: AnyReduction = anyReduction({
  doc: "y = the largest x over the axes; equal ones share the gradient, as in PyTorch's amax (onnx.ai, ReduceMax)",
  fold: (items) => extreme(items, lengths.max),
  dx: sharedGradient,
});

export const reduceMin: AnyReduction = anyReduction({
  doc: "y = the smallest x over the axes; equal ones share the gradient, as in PyTorch's amin (onnx.ai, ReduceMin)",
  fold: (items) => extreme(items, lengths.min),
  dx: sharedGradient,
});

function extreme(items: readonly Dim[], pick: (a: Dim, b: Dim) => Dim): Dim | undefined {
  const [first, ...others] = items;
  return first === undefined ? undefined : others.reduce(pick, first);
}

function sharedGradient(r: Reduced): Value {
  const { g, x, y, dy } = r;
  const winners = mask(g, g.op("Equal", [x, kept(r, y)]));
  return g.op("Mul", [winners, g.op("Div", [kept(r, dy), total(r, winners)])]);
}

/** The sum over the reduced axes, which stay with length 1. */
function total({ g, axes }: Reduced, value: Value): Value {
  return axes.length === 0 ? value : g.op("ReduceSum", [value, g.ints(axes)], { keepdims: 1 });
}

export const reduceProd: Reduction = reduction({
  doc: "y = Πx over the axes (onnx.ai, ReduceProd)",
  fold: (items) => items.reduce(lengths.mul, 1),
  dx: productGradient,
});

/**
 * dx = dy·(the product of the others). That is the product p of all that are not 0, over x itself unless it is 0; but 0
 * where another one is 0: where the number of zeros is not that of x itself.
 */
function productGradient(r: Reduced): Value {
  const { g, x, axes, dy } = r;
  const zero = mask(g, g.op("Equal", [x, g.scalar(0)]));
  const nonzero = g.op("Add", [x, zero]);
  const product = axes.length === 0 ? nonzero : g.op("ReduceProd", [nonzero, g.ints(axes)], { keepdims: 1 });
  const alone = mask(g, g.op("Equal", [total(r, zero), zero]));
  return g.op("Mul", [kept(r, dy), g.op("Mul", [g.op("Div", [product, nonzero]), alone])]);
}

export const reduceL1: Reduction = reduction({
  doc: "y = Σ|x| over the axes; the gradient at 0 is 0 (onnx.ai, ReduceL1)",
  dx: (r) => r.g.op("Mul", [kept(r, r.dy), r.g.op("Sign", [r.x])]),
});

export const reduceL2: Reduction = reduction({
  doc: "y = √Σx² over the axes; the gradient is 0 where y is 0, as in PyTorch (onnx.ai, ReduceL2)",
  dx: normGradient,
});

/** dx = dy·x/y, with 1 for a y of 0, where x is 0 too */
function normGradient(r: Reduced): Value {
  const { g, x, y, dy } = r;
  const divisor = g.op("Add", [y, mask(g, g.op("Equal", [y, g.scalar(0)]))]);
  return g.op("Mul", [x, kept(r, g.op("Div", [dy, divisor]))]);
}

export const reduceSumSquare: Reduction = reduction({
  doc: "y = Σx² over the axes (onnx.ai, ReduceSumSquare)",
  dx: (r) => r.g.op("Mul", [r.x, kept(r, r.g.op("Mul", [r.dy, r.g.scalar(2)]))]),
});

export const reduceLogSumExp: Reduction = reduction({
  doc: "y = ln Σeˣ over the axes (onnx.ai, ReduceLogSumExp)",
  dx: (r) => r.g.op("Mul", [kept(r, r.dy), r.g.op("Exp", [r.g.op("Sub", [r.x, kept(r, r.y)])])]),
});
