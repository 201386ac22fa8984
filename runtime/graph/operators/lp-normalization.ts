import { axisOf, type Operator, type Signature } from "./operator.js";

const signature = {
  inputs: ["x: float"],
  attributes: {
    axis: { kind: "int", default: -1 },
    p: { kind: "int", default: 2, choices: [1, 2] },
  },
} as const satisfies Signature;

/** Where all along the axis is 0, y is 0, and the gradient is that of the numerator. */
export const lpNormalization: Operator<typeof signature> = {
  signature,
  doc: "y = x/‖x‖, the 1- or 2-norm along the axis (onnx.ai, LpNormalization)",
  infer: ({ x }, n) => {
    axisOf(n, n.attributes.axis, x.shape.length);
    return x;
  },
  decompose: ({ x }, { g, attributes }) => {
    const { axis, p } = attributes;
    const sizes = p === 1 ? g.op("Abs", [x]) : g.op("Mul", [x, x]);
    const total = g.op("ReduceSum", [sizes, g.ints([axis])]);
    const safe = g.op("Where", [g.op("Equal", [total, g.scalar(0)]), g.scalar(1), total]);
    return g.op("Div", [x, p === 1 ? safe : g.op("Sqrt", [safe])]);
  },
};
