import { axisOf, type Operator, type Signature } from "./operator.js";

const signature = {
  inputs: ["x: float"],
  attributes: { axes: { kind: "ints", default: [0, 2, 3] } },
} as const satisfies Signature;

/** What the standard adds to the deviation. */
const least = 1e-9;

export const meanVarianceNormalization: Operator<typeof signature> = {
  signature,
  doc: "y = (x − mean)/(√variance + 1e−9), statistics over the axes (onnx.ai, MeanVarianceNormalization)",
  infer: ({ x }, n) => {
    const axes = n.attributes.axes.map((axis) => axisOf(n, axis, x.shape.length));
    if (axes.length === 0 || new Set(axes).size !== axes.length) n.fail(`its axes [${axes}] are none or repeat`);
    return x;
  },
  decompose: ({ x }, { g, attributes }) => {
    const axes = g.ints(attributes.axes);
    const centered = g.op("Sub", [x, g.op("ReduceMean", [x, axes])]);
    const variance = g.op("ReduceMean", [g.op("Mul", [centered, centered]), axes]);
    return g.op("Div", [centered, g.op("Add", [g.op("Sqrt", [variance]), g.scalar(least)])]);
  },
};
