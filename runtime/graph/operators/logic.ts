import type { Dim } from "../types.js";
import { broadcastInputs } from "./broadcast.js";
import { equals, isLess, mapped, zipped } from "./contents.js";
import type { Operator, Signature } from "./operator.js";

const ofAny = { inputs: ["a: any", "b: any"], attributes: {} } as const satisfies Signature;
const ofNumbers = { inputs: ["a: number", "b: number"], attributes: {} } as const satisfies Signature;
const ofFlags = { inputs: ["a: bool", "b: bool"], attributes: {} } as const satisfies Signature;
const ofFlag = { inputs: ["x: bool"], attributes: {} } as const satisfies Signature;

/** A flag as it is known: 0, 1 or undefined. */
type Known = (a: Dim, b: Dim) => Dim | undefined;

export const equal: Operator<typeof ofAny> = {
  signature: ofAny,
  doc: "y = whether a = b, of any type (onnx.ai, Equal)",
  infer: ({ a, b }, n) => ({ dtype: "bool", shape: broadcastInputs(n, [a, b]).shape }),
  contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), equals),
  gradient: "stops",
};

function ordered(doc: string, known: Known): Operator<typeof ofNumbers> {
  return {
    signature: ofNumbers,
    doc,
    infer: ({ a, b }, n) => ({ dtype: "bool", shape: broadcastInputs(n, [a, b]).shape }),
    contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), known),
    gradient: "stops",
  };
}

type Ordered = Operator<typeof ofNumbers>;

export const less: Ordered = ordered("y = whether a < b (onnx.ai, Less)", isLess);
export const greater: Ordered = ordered("y = whether a > b (onnx.ai, Greater)", (a, b) => isLess(b, a));
export const lessOrEqual: Ordered = ordered("y = whether a ≤ b (onnx.ai, LessOrEqual)", (a, b) =>
  opposite(isLess(b, a)),
);
export const greaterOrEqual: Ordered = ordered("y = whether a ≥ b (onnx.ai, GreaterOrEqual)", (a, b) =>
  opposite(isLess(a, b)),
);

function opposite(flag: Dim | undefined): 0 | 1 | undefined {
  if (flag === undefined) return undefined;
  return flag === 0 ? 1 : 0;
}

function logical(doc: string, known: Known): Operator<typeof ofFlags> {
  return {
    signature: ofFlags,
    doc,
    infer: ({ a, b }, n) => broadcastInputs(n, [a, b]),
    contents: ({ a, b }, n) => zipped(n.contents(a), n.contents(b), known),
    gradient: "stops",
  };
}

type Logical = Operator<typeof ofFlags>;

export const and: Logical = logical("y = a ∧ b (onnx.ai, And)", (a, b) => (a === 0 ? 0 : b));
export const or: Logical = logical("y = a ∨ b (onnx.ai, Or)", (a, b) => (a === 0 ? b : 1));
export const xor: Logical = logical("y = whether one of a and b holds (onnx.ai, Xor)", (a, b) => (a === b ? 0 : 1));

export const not: Operator<typeof ofFlag> = {
  signature: ofFlag,
  doc: "y = ¬x (onnx.ai, Not)",
  infer: ({ x }) => x,
  contents: ({ x }, n) => mapped(n.contents(x), opposite),
  gradient: "stops",
};
