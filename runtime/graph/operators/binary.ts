import * as lengths from "../lengths.js";
import type { Dim } from "../types.js";
import { broadcastInputs } from "./broadcast.js";
import { zipped } from "./contents.js";
import type { Operator, Signature } from "./operator.js";

const pair = { inputs: ["a: number", "b: number"], attributes: {} } as const satisfies Signature;
const remainder = {
  inputs: ["a: number", "b: number"],
  attributes: { fmod: { kind: "int", default: 0, choices: [0, 1] } },
} as const satisfies Signature;

type Pair = Operator<typeof pair>;

export const add: Pair = {
  signature: pair,
  doc: "y = a + b (onnx.ai, Add)",
  infer: ({ a, b }, n) => broadcastInputs(n, [a, b]),
  contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), lengths.add),
  gradient: (_, { dy }) => ({ a: () => dy, b: () => dy }),
};

export const sub: Pair = {
  signature: pair,
  doc: "y = a − b (onnx.ai, Sub)",
  infer: ({ a, b }, n) => broadcastInputs(n, [a, b]),
  contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), lengths.sub),
  gradient: (_, { g, dy }) => ({ a: () => dy, b: () => g.op("Neg", [dy]) }),
};

export const mul: Pair = {
  signature: pair,
  doc: "y = a·b (onnx.ai, Mul)",
  infer: ({ a, b }, n) => broadcastInputs(n, [a, b]),
  contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), lengths.mul),
  gradient: ({ a, b }, { g, dy }) => ({ a: () => g.op("Mul", [dy, b]), b: () => g.op("Mul", [dy, a]) }),
};

// db = −dy·y/b
export const div: Pair = {
  signature: pair,
  doc: "y = a/b, of integers towards zero (onnx.ai, Div)",
  infer: ({ a, b }, n) => broadcastInputs(n, [a, b]),
  contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), towardsZero),
  gradient: ({ b }, { g, y, dy }) => ({
    a: () => g.op("Div", [dy, b]),
    b: () => g.op("Neg", [g.op("Div", [g.op("Mul", [dy, y]), b])]),
  }),
};

/** a / b rounded towards zero, where that is known. */
function towardsZero(a: Dim, b: Dim): Dim | undefined {
  if (b === 0) return undefined;
  if (typeof a === "number" && typeof b === "number") return Math.trunc(a / b) + 0;
  if (lengths.isAtLeast(a, 0) && lengths.isAtLeast(b, 1)) return lengths.floorDiv(a, b);
  return lengths.quotient(a, b);
}

// y = a − b·⌊a/b⌋ with constant ⌊a/b⌋, so db = −dy·(a − y)/b
export const mod: Operator<typeof remainder> = {
  signature: remainder,
  doc: "y = the rest of a/b, with the sign of b, or with that of a for fmod 1, which floats need (onnx.ai, Mod)",
  infer: ({ a, b }, n) => {
    const type = broadcastInputs(n, [a, b]);
    if (type.dtype === "float32" && n.attributes.fmod === 0)
      n.fail("its inputs are float32; expected fmod 1 for these");
    return type;
  },
  contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), n.attributes.fmod === 1 ? signedRest : rest),
  gradient: ({ a, b }, { g, y, dy }) => ({
    a: () => dy,
    b: () => g.op("Neg", [g.op("Mul", [dy, g.op("Div", [g.op("Sub", [a, y]), b])])]),
  }),
};

/** a − b·⌊a/b⌋ */
function rest(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return b === 0 ? undefined : a - b * Math.floor(a / b);
  return lengths.isAtLeast(b, 1) ? lengths.mod(a, b) : undefined;
}

/** The rest with the sign of a. */
function signedRest(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return b === 0 ? undefined : (a % b) + 0;
  return lengths.isAtLeast(a, 0) ? rest(a, b) : undefined;
}
