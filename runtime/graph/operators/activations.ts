import type { Value } from "../types.js";
import { type Elementwise, elementwise, ofFloat, ofNumber, type Unary, unary } from "./elementwise.js";
import { mask, masked, positive, scaled } from "./masks.js";
import type { Differentiation, Operator, Signature } from "./operator.js";

export const relu: Operator<typeof ofNumber> = {
  signature: ofNumber,
  doc: "y = max(x, 0); the gradient at 0 is 0 (onnx.ai, Relu)",
  infer: ({ x }, n) => (x.dtype === "int64" ? n.fail("onnxruntime has no kernel for int64", "use Max with 0") : x),
  gradient: (_, { g, y, dy }) => ({ x: () => g.op("Mul", [dy, positive(g, y)]) }),
};

const leak = { alpha: { kind: "float", default: 0.01 } } as const;

export const leakyRelu: Operator<Elementwise<typeof leak>> = elementwise(
  "y = x where x ≥ 0, else alpha·x; the gradient at 0 is alpha, as in PyTorch (onnx.ai, LeakyRelu)",
  leak,
  (x, { g, dy, attributes: { alpha } }) => {
    const slope = g.op("Add", [g.op("Mul", [positive(g, x), g.scalar(1 - alpha)]), g.scalar(alpha)]);
    return g.op("Mul", [dy, slope]);
  },
);

const unitAlpha = { alpha: { kind: "float", default: 1 } } as const;

export const thresholdedRelu: Operator<Elementwise<typeof unitAlpha>> = elementwise(
  "y = x where x > alpha, else 0 (onnx.ai, ThresholdedRelu)",
  unitAlpha,
  (x, { g, dy, attributes: { alpha } }) => masked(g, dy, g.op("Greater", [x, g.scalar(alpha)])),
);

interface Exponential {
  /** y ends at −depth as x goes down. */
  readonly depth: number;
  /** The slope where x > 0. */
  readonly above: number;
  /** The slope elsewhere is (y + depth)·below. */
  readonly below: number;
}

/**
 * dx of a line with an exponential on its left: above·positive + (min(y, bound) + depth)·below·(1 − positive). The bound
 * is the most that y comes to on the left; it keeps ∞·0 out on the right.
 */
function exponential(
  x: Value,
  { g, y, dy }: Pick<Differentiation, "g" | "y" | "dy">,
  { depth, above, below }: Exponential,
): Value {
  const right = positive(g, x);
  const bounded = g.op("Min", [y, g.scalar(Math.max(0, -depth))]);
  const slope = scaled(g, g.op("Add", [bounded, g.scalar(depth)]), below);
  const left = g.op("Mul", [slope, g.op("Sub", [g.scalar(1), right])]);
  return g.op("Mul", [dy, g.op("Add", [scaled(g, right, above), left])]);
}

export const elu: Operator<Elementwise<typeof unitAlpha>> = elementwise(
  "y = x where x > 0, else alpha·(eˣ − 1) (onnx.ai, Elu)",
  unitAlpha,
  (x, d) => exponential(x, d, { depth: d.attributes.alpha, above: 1, below: 1 }),
);

const selfNormal = {
  alpha: { kind: "float", default: 1.6732631921768188 },
  gamma: { kind: "float", default: 1.0507010221481323 },
} as const;

export const selu: Operator<Elementwise<typeof selfNormal>> = elementwise(
  "y = gamma·x where x > 0, else gamma·alpha·(eˣ − 1) (onnx.ai, Selu)",
  selfNormal,
  (x, d) => exponential(x, d, { depth: d.attributes.alpha * d.attributes.gamma, above: d.attributes.gamma, below: 1 }),
);

export const celu: Operator<Elementwise<typeof unitAlpha>> = elementwise(
  "y = x where x > 0, else alpha·(exp(x/alpha) − 1) (onnx.ai, Celu)",
  unitAlpha,
  (x, d) => exponential(x, d, { depth: d.attributes.alpha, above: 1, below: 1 / d.attributes.alpha }),
);

// dx = dy·y·(1 − y)
export const sigmoid: Unary = unary("y = 1/(1 + e⁻ˣ) (onnx.ai, Sigmoid)", (_, { g, y, dy }) =>
  g.op("Mul", [dy, g.op("Mul", [y, g.op("Sub", [g.scalar(1), y])])]),
);

const line = { alpha: { kind: "float", default: 0.2 }, beta: { kind: "float", default: 0.5 } } as const;

export const hardSigmoid: Operator<Elementwise<typeof line>> = elementwise(
  "y = alpha·x + beta within 0 and 1; the gradient on both bounds is 0 (onnx.ai, HardSigmoid)",
  line,
  (_, { g, y, dy, attributes: { alpha } }) => {
    const inside = g.op("And", [g.op("Greater", [y, g.scalar(0)]), g.op("Less", [y, g.scalar(1)])]);
    return g.op("Mul", [dy, g.op("Mul", [mask(g, inside), g.scalar(alpha)])]);
  },
);

// dx = dy·(1 − y²)
export const tanh: Unary = unary("y = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) (onnx.ai, Tanh)", (_, { g, y, dy }) =>
  g.op("Mul", [dy, g.op("Sub", [g.scalar(1), g.op("Mul", [y, y])])]),
);

// dx = dy·sigmoid(x)
export const softplus: Unary = unary("y = ln(1 + eˣ) (onnx.ai, Softplus)", (x, { g, dy }) =>
  g.op("Mul", [dy, g.op("Sigmoid", [x])]),
);

// dx = dy/(1 + |x|)²
export const softsign: Unary = unary("y = x/(1 + |x|) (onnx.ai, Softsign)", (x, { g, dy }) => {
  const divisor = g.op("Add", [g.op("Abs", [x]), g.scalar(1)]);
  return g.op("Div", [dy, g.op("Mul", [divisor, divisor])]);
});

export const hardSwish: Unary = {
  signature: ofFloat,
  doc: "y = x·max(0, min(1, x/6 + 1/2)) (onnx.ai, HardSwish)",
  infer: ({ x }) => x,
  decompose: ({ x }, { g }) => g.op("Mul", [x, g.op("HardSigmoid", [x], { alpha: 1 / 6, beta: 0.5 })]),
};

export const mish: Unary = {
  signature: ofFloat,
  doc: "y = x·tanh(ln(1 + eˣ)) (onnx.ai, Mish)",
  infer: ({ x }) => x,
  decompose: ({ x }, { g }) => g.op("Mul", [x, g.op("Tanh", [g.op("Softplus", [x])])]),
};

const approximated = {
  inputs: ["x: float"],
  attributes: { approximate: { kind: "string", default: "none", choices: ["none", "tanh"] } },
} as const satisfies Signature;

export const gelu: Operator<typeof approximated> = {
  signature: approximated,
  doc: 'y = x/2·(1 + erf(x/√2)); approximate "tanh": x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) (onnx.ai, Gelu)',
  infer: ({ x }) => x,
  decompose: ({ x }, { g, attributes: { approximate } }) => {
    const half = g.op("Mul", [x, g.scalar(0.5)]);
    if (approximate === "none") {
      const share = g.op("Erf", [g.op("Mul", [x, g.scalar(Math.SQRT1_2)])]);
      return g.op("Mul", [half, g.op("Add", [share, g.scalar(1)])]);
    }
    const factor = Math.sqrt(2 / Math.PI);
    const cubic = g.op("Mul", [g.op("Mul", [x, x]), g.scalar(0.044715 * factor)]);
    const share = g.op("Tanh", [g.op("Mul", [x, g.op("Add", [cubic, g.scalar(factor)])])]);
    return g.op("Mul", [half, g.op("Add", [share, g.scalar(1)])]);
  },
};
