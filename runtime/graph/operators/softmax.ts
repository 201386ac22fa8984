import type { Value, ValueType } from "../types.js";
import { axisOf, type Differentiation, type Inference, type Operator, type Signature } from "./operator.js";

const signature = {
  inputs: ["x: float"],
  attributes: { axis: { kind: "int", default: -1 } },
} as const satisfies Signature;

type Along = Operator<typeof signature>;

function same(x: Value, { attributes: { axis }, fail }: Inference<typeof signature>): ValueType {
  axisOf({ fail }, axis, x.shape.length);
  return x;
}

/** The sum of a value of the shape of x along the axis, which stays with length 1. */
function total(value: Value, { g, attributes: { axis }, fail }: Differentiation<typeof signature>): Value {
  return g.op("ReduceSum", [value, g.ints([axisOf({ fail }, axis, value.shape.length)])], { keepdims: 1 });
}

// dx = y·(dy − Σ dy·y)
export const softmax: Along = {
  signature,
  doc: "y = eˣ / Σeˣ along the axis (onnx.ai, Softmax)",
  infer: ({ x }, n) => same(x, n),
  gradient: (_, d) => ({
    x: () => d.g.op("Mul", [d.y, d.g.op("Sub", [d.dy, total(d.g.op("Mul", [d.dy, d.y]), d)])]),
  }),
};

// dx = dy − eʸ·Σdy
export const logSoftmax: Along = {
  signature,
  doc: "y = x − ln Σeˣ along the axis (onnx.ai, LogSoftmax)",
  infer: ({ x }, n) => same(x, n),
  gradient: (_, d) => ({
    x: () => d.g.op("Sub", [d.dy, d.g.op("Mul", [d.g.op("Exp", [d.y]), total(d.dy, d)])]),
  }),
};
