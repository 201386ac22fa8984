import type { Value } from "../types.js";
import { axisOf, type Differentiation, inputAt, numberOf, type Operator, requireFloat } from "./operator.js";

function along(gradient: (d: Differentiation, y: Value, axis: Value) => Value): Operator {
  return {
    inputs: [1, 1],
    attributes: { axis: { kind: "int", default: -1 } },
    infer: (n) => {
      const x = inputAt(n, 0);
      requireFloat(n, x);
      axisOf(n, numberOf(n.attributes, "axis"), x.shape.length);
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    gradient: (d) => [
      () => {
        const axis = axisOf(d, numberOf(d.attributes, "axis"), inputAt(d, 0).shape.length);
        return gradient(d, d.node.outputs[0] ?? d.fail("has no output"), d.g.ints([axis]));
      },
    ],
  };
}

/** y = eˣ / Σeˣ along the axis; dx = y·(dy − Σ dy·y) */
export const softmax = along(({ g, dy }, y, axis) => {
  const total = g.op("ReduceSum", [g.op("Mul", [dy, y]), axis], { keepdims: 1 });
  return g.op("Mul", [y, g.op("Sub", [dy, total])]);
});

/** y = x − ln Σeˣ along the axis; dx = dy − eʸ·Σdy */
export const logSoftmax = along(({ g, dy }, y, axis) => {
  const total = g.op("ReduceSum", [dy, axis], { keepdims: 1 });
  return g.op("Sub", [dy, g.op("Mul", [g.op("Exp", [y]), total])]);
});
