import { formatShape } from "../lengths.js";
import type { Value } from "../types.js";
import { type Decomposition, fixed, type Inputs, type Operator, type Signature } from "./operator.js";

const signature = {
  inputs: ["x: float"],
  attributes: {
    size: { kind: "int", required: true },
    alpha: { kind: "float", default: 0.0001 },
    beta: { kind: "float", default: 0.75 },
    bias: { kind: "float", default: 1 },
  },
} as const satisfies Signature;

/**
 * The window of channel c is c − ⌊(size − 1)/2⌋ … c + ⌈(size − 1)/2⌉, cut off at the ends. Always written in other operators:
 * onnxruntime's kernel takes rank 4 and odd sizes only, and 48 ms where these take 10 ([64,32,28,28], size 5, one thread).
 */
export const lrn: Operator<typeof signature> = {
  signature,
  doc: "y = x/(bias + alpha/size·Σx²)^beta, summed over a window of neighbouring channels (onnx.ai, LRN)",
  infer: ({ x }, n) => {
    if (x.shape.length < 2) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected rank 2 or more`);
    fixed(n, x.shape[1], "the number of channels");
    if (n.attributes.size < 1) n.fail(`attribute "size" is ${n.attributes.size}; expected 1 or more`);
    return x;
  },
  decompose: normalized,
  lower: normalized,
};

/** The sum is a convolution of squares along the channels: one image of [C, …] in and out a sample. */
function normalized({ x }: Inputs<typeof signature>, d: Decomposition<typeof signature>): Value {
  const { g, attributes } = d;
  const { size, alpha, beta, bias } = attributes;
  const channels = fixed(d, x.shape[1], "the number of channels");
  const squares = g.op("Reshape", [g.op("Mul", [x, x]), g.ints([0, 1, channels, -1])]);
  const window = new Float32Array(size).fill(alpha / size);
  const weights = g.constant({ dtype: "float32", shape: [1, 1, size, 1], data: window });
  const level = g.constant({ dtype: "float32", shape: [1], data: new Float32Array([bias]) });
  const before = Math.floor((size - 1) / 2);
  const pads = [before, 0, size - 1 - before, 0];
  const base = g.op("Reshape", [g.op("Conv", [squares, weights, level], { pads }), g.op("Shape", [x])]);
  return g.op("Mul", [x, g.op("Exp", [g.op("Mul", [g.op("Log", [base]), g.scalar(-beta)])])]);
}
