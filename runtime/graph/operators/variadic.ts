import * as lengths from "../lengths.js";
import type { Contents, Dim, Value } from "../types.js";
import { broadcastInputs } from "./broadcast.js";
import { zipped } from "./contents.js";
import { masked } from "./masks.js";
import type { Differentiation, Inference, Operator, Signature } from "./operator.js";

const floats = { inputs: ["...xs: float"], attributes: {} } as const satisfies Signature;
const numbers = { inputs: ["...xs: number"], attributes: {} } as const satisfies Signature;

export const sum: Operator<typeof floats> = {
  signature: floats,
  doc: "y = the sum of any number of inputs (onnx.ai, Sum)",
  infer: ({ xs }, n) => broadcastInputs(n, xs),
  gradient: (_, { dy }) => ({ xs: () => dy }),
};

export const min: Operator<typeof numbers> = {
  signature: numbers,
  doc: "y = the smallest of any number of inputs; the first of equal ones takes the gradient (onnx.ai, Min)",
  infer: ({ xs }, n) => broadcastInputs(n, xs),
  contents: ({ xs }, n) => foldedContents(n, xs, lengths.min),
  gradient: ({ xs }, d) => ({ xs: (index) => extremumGradient(xs, index, d) }),
};

export const max: Operator<typeof numbers> = {
  signature: numbers,
  doc: "y = the largest of any number of inputs; the first of equal ones takes the gradient (onnx.ai, Max)",
  infer: ({ xs }, n) => broadcastInputs(n, xs),
  contents: ({ xs }, n) => foldedContents(n, xs, lengths.max),
  gradient: ({ xs }, d) => ({ xs: (index) => extremumGradient(xs, index, d) }),
};

function foldedContents(
  n: Pick<Inference, "contents">,
  values: readonly Value[],
  fold: (a: Dim, b: Dim) => Dim,
): Contents | undefined {
  return values.map((value) => n.contents(value)).reduce((a, b) => zipped(a, b, fold));
}

/** dy where this input is the extremum and none before it is. */
function extremumGradient(xs: readonly Value[], index: number, { g, y, dy, fail }: Differentiation): Value {
  const own = xs[index] ?? fail(`has no input ${index}`);
  const wins = xs
    .slice(0, index)
    .map((earlier) => g.op("Not", [g.op("Equal", [earlier, y])]))
    .reduce((all, loses) => g.op("And", [all, loses]), g.op("Equal", [own, y]));
  return masked(g, dy, wins);
}
