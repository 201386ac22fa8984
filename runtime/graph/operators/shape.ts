import { product } from "../lengths.js";
import type { Contents, Dim, Value } from "../types.js";
import { mostElements } from "./contents.js";
import { type Inference, listOf, type Operator, requireRank, type Signature } from "./operator.js";

const shapeSignature = {
  inputs: ["x: any"],
  attributes: { start: { kind: "int", default: 0 }, end: { kind: "int" } },
} as const satisfies Signature;

export const shape: Operator<typeof shapeSignature> = {
  signature: shapeSignature,
  doc: "y = the lengths of x from axis `start` to before `end`, int64 (onnx.ai, Shape)",
  infer: ({ x }, { attributes }) => ({ dtype: "int64", shape: [lengthsOf(x, attributes).length] }),
  contents: ({ x }, { attributes }) => lengthsOf(x, attributes),
  gradient: "stops",
};

/** Axes count from the end where they are negative; what lies outside is cut off. That is what slice does. */
function lengthsOf(x: Value, { start, end }: Inference<typeof shapeSignature>["attributes"]): readonly Dim[] {
  return x.shape.slice(start, end);
}

const sizeSignature = { inputs: ["x: any"], attributes: {} } as const satisfies Signature;

export const size: Operator<typeof sizeSignature> = {
  signature: sizeSignature,
  doc: "y = the number of elements of x, int64 [] (onnx.ai, Size)",
  infer: () => ({ dtype: "int64", shape: [] }),
  contents: ({ x }) => [product(x.shape)],
  gradient: "stops",
};

/** A shape given as an int64 vector whose elements are known, the batch among them. */
export function shapeInput(n: Pick<Inference, "contents" | "constant" | "fail">, value: Value): readonly Dim[] {
  requireRank(n, value, 1);
  return listOf(n, value, "lengths");
}

const fillSignature = {
  inputs: ["shape: int64"],
  attributes: { value: { kind: "tensor", default: { dtype: "float32", shape: [1], data: [0] } } },
} as const satisfies Signature;

export const constantOfShape: Operator<typeof fillSignature> = {
  signature: fillSignature,
  doc: "y = a tensor of this shape, filled with the one element of `value`, by default float32 0 (onnx.ai, ConstantOfShape)",
  infer: ({ shape: lengths }, n) => {
    const { dtype, data } = n.attributes.value;
    if (data.length !== 1) n.fail(`attribute "value" holds ${data.length} elements; expected 1`);
    return { dtype, shape: shapeInput(n, lengths) };
  },
  contents: ({ shape: lengths }, n) => repeated(n.attributes.value.data[0], shapeInput(n, lengths)),
  gradient: "stops",
};

/** One element in a shape of rank 0 or 1. */
export function repeated(item: Dim | undefined, lengths: readonly Dim[]): Contents | undefined {
  const count = lengths.length === 0 ? 1 : lengths[0];
  if (typeof count !== "number" || count > mostElements || lengths.length > 1) return undefined;
  return Array.from({ length: count }, () => item);
}
