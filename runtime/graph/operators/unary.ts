import { neg as negative } from "../lengths.js";
import { mapped } from "./contents.js";
import { ofFloat, ofNumber, stepwise, type Unary, unary } from "./elementwise.js";
import type { Operator, Signature } from "./operator.js";

const ofAny = { inputs: ["x: any"], attributes: {} } as const satisfies Signature;

export const neg: Operator<typeof ofNumber> = {
  signature: ofNumber,
  doc: "y = −x (onnx.ai, Neg)",
  infer: ({ x }) => x,
  contents: ({ x }, n) => mapped(n.contents(x), negative),
  gradient: (_, { g, dy }) => ({ x: () => g.op("Neg", [dy]) }),
};

export const abs: Operator<typeof ofNumber> = {
  signature: ofNumber,
  doc: "y = |x|; the gradient at 0 is 0 (onnx.ai, Abs)",
  infer: ({ x }) => x,
  gradient: ({ x }, { g, dy }) => ({ x: () => g.op("Mul", [dy, g.op("Sign", [x])]) }),
};

export const sign: Operator<typeof ofNumber> = {
  signature: ofNumber,
  doc: "y = −1, 0 or 1 (onnx.ai, Sign)",
  infer: ({ x }) => x,
  gradient: "stops",
};

// dx = dy / 2y
export const sqrt: Unary = unary("y = √x (onnx.ai, Sqrt)", (_, { g, y, dy }) =>
  g.op("Div", [g.op("Mul", [dy, g.scalar(0.5)]), y]),
);

export const exp: Unary = unary("y = eˣ (onnx.ai, Exp)", (_, { g, y, dy }) => g.op("Mul", [dy, y]));

export const log: Unary = unary("y = ln x (onnx.ai, Log)", (x, { g, dy }) => g.op("Div", [dy, x]));

// dx = −dy·y²
export const reciprocal: Unary = unary("y = 1/x (onnx.ai, Reciprocal)", (_, { g, y, dy }) =>
  g.op("Neg", [g.op("Mul", [dy, g.op("Mul", [y, y])])]),
);

// dx = dy·2/√π·exp(−x²)
export const erf: Unary = unary("y = 2/√π·∫ exp(−t²) dt from 0 to x (onnx.ai, Erf)", (x, { g, dy }) => {
  const bell = g.op("Exp", [g.op("Neg", [g.op("Mul", [x, x])])]);
  return g.op("Mul", [dy, g.op("Mul", [bell, g.scalar(2 / Math.sqrt(Math.PI))])]);
});

export const sin: Unary = unary("y = sin x, x in radians (onnx.ai, Sin)", (x, { g, dy }) =>
  g.op("Mul", [dy, g.op("Cos", [x])]),
);

export const cos: Unary = unary("y = cos x, x in radians (onnx.ai, Cos)", (x, { g, dy }) =>
  g.op("Neg", [g.op("Mul", [dy, g.op("Sin", [x])])]),
);

export const floor: Unary = stepwise("y = the largest whole number ≤ x (onnx.ai, Floor)");

export const ceil: Unary = stepwise("y = the smallest whole number ≥ x (onnx.ai, Ceil)");

export const round: Unary = stepwise("y = the nearest whole number, halves to the even one (onnx.ai, Round)");

export const isNan: Operator<typeof ofFloat> = {
  signature: ofFloat,
  doc: "y = whether x is not a number (onnx.ai, IsNaN)",
  infer: ({ x }) => ({ dtype: "bool", shape: x.shape }),
  gradient: "stops",
};

export const identity: Operator<typeof ofAny> = {
  signature: ofAny,
  doc: "y = x, of any type (onnx.ai, Identity)",
  infer: ({ x }) => x,
  contents: ({ x }, n) => n.contents(x),
  gradient: (_, { dy }) => ({ x: () => dy }),
};
