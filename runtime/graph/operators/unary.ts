import type { GraphBuilder, Value } from "../types.js";
import { type Differentiation, type GradientRule, inputAt, numberOf, type Operator, requireFloat } from "./operator.js";

type Local = (d: Differentiation, x: Value, y: Value) => Value;

/** An element-wise float operator; `local` gives dx from dy, x and y. */
function unary(local: Local, attributes: Operator["attributes"] = {}): Operator {
  return {
    inputs: [1, 1],
    attributes,
    infer: (n) => {
      const x = inputAt(n, 0);
      requireFloat(n, x);
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    gradient: elementwise(local),
  };
}

function elementwise(local: Local): GradientRule {
  return (d) => [() => local(d, inputAt(d, 0), d.node.outputs[0] ?? d.fail("has no output"))];
}

/** y = −x */
export const neg = unary(({ g, dy }) => g.op("Neg", [dy]));

/** y = |x|; the gradient at 0 is 0. */
export const abs = unary(({ g, dy }, x) => g.op("Mul", [dy, g.op("Sign", [x])]));

/** y = −1, 0 or 1 */
export const sign: Operator = { ...unary(({ dy }) => dy), gradient: "stops" };

/** y = √x; dx = dy / 2y */
export const sqrt = unary(({ g, dy }, _x, y) => g.op("Div", [g.op("Mul", [dy, g.scalar(0.5)]), y]));

/** y = eˣ */
export const exp = unary(({ g, dy }, _x, y) => g.op("Mul", [dy, y]));

/** y = ln x */
export const log = unary(({ g, dy }, x) => g.op("Div", [dy, x]));

/** y = 1/x; dx = −dy·y² */
export const reciprocal = unary(({ g, dy }, _x, y) => g.op("Neg", [g.op("Mul", [dy, g.op("Mul", [y, y])])]));

/** y = erf x; dx = dy·2/√π·exp(−x²) */
export const erf = unary(({ g, dy }, x) => {
  const bell = g.op("Exp", [g.op("Neg", [g.op("Mul", [x, x])])]);
  return g.op("Mul", [dy, g.op("Mul", [bell, g.scalar(2 / Math.sqrt(Math.PI))])]);
});

/** y = max(x, 0); the gradient at 0 is 0. */
export const relu = unary(({ g, dy }, _x, y) => g.op("Mul", [dy, positive(g, y)]));

/** 1 where x > 0, else 0. Multiplying by it takes an eighth of the time of Where. */
function positive(g: GraphBuilder, x: Value): Value {
  return g.op("Cast", [g.op("Greater", [x, g.scalar(0)])], { to: "float32" });
}

/** y = x where x ≥ 0, else alpha·x; the gradient at 0 is alpha, as in PyTorch. */
export const leakyRelu = unary(
  ({ g, dy, attributes }, x) => {
    const alpha = numberOf(attributes, "alpha");
    const slope = g.op("Add", [g.op("Mul", [positive(g, x), g.scalar(1 - alpha)]), g.scalar(alpha)]);
    return g.op("Mul", [dy, slope]);
  },
  { alpha: { kind: "float", default: 0.01 } },
);

/** y = x where x > 0, else alpha·(eˣ − 1); the slope is 1, or y + alpha below: 1·positive + (min(y, 0) + alpha)·(1 − positive) */
export const elu = unary(
  ({ g, dy, attributes }, x, y) => {
    const above = positive(g, x);
    const lower = g.op("Add", [g.op("Min", [y, g.scalar(0)]), g.scalar(numberOf(attributes, "alpha"))]);
    const below = g.op("Mul", [lower, g.op("Sub", [g.scalar(1), above])]);
    return g.op("Mul", [dy, g.op("Add", [above, below])]);
  },
  { alpha: { kind: "float", default: 1 } },
);

/** y = 1/(1 + e⁻ˣ); dx = dy·y·(1 − y) */
export const sigmoid = unary(({ g, dy }, _x, y) => g.op("Mul", [dy, g.op("Mul", [y, g.op("Sub", [g.scalar(1), y])])]));

/** y = tanh x; dx = dy·(1 − y²) */
export const tanh = unary(({ g, dy }, _x, y) => g.op("Mul", [dy, g.op("Sub", [g.scalar(1), g.op("Mul", [y, y])])]));

/** y = ln(1 + eˣ); dx = dy·sigmoid(x) */
export const softplus = unary(({ g, dy }, x) => g.op("Mul", [dy, g.op("Sigmoid", [x])]));

/** y = x, of any type */
export const identity: Operator = {
  inputs: [1, 1],
  attributes: {},
  infer: (n) => {
    const { dtype, shape } = inputAt(n, 0);
    return [{ dtype, shape }];
  },
  contents: (n) => n.contents(0),
  gradient: ({ dy }) => [() => dy],
};
