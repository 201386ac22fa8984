import type { Dim } from "../types.js";
import { axisOf, type Operator, type Signature } from "./operator.js";

/** Types of indices, depth and values that onnxruntime has kernels for (onehot.cc). */
const oneHotKernels: readonly string[] = [
  "int64, int64, int64",
  "int64, int64, float32",
  "int64, float32, int32",
  "int32, int32, float32",
  "int32, float32, float32",
];

const oneHotSignature = {
  inputs: ["indices: index", "depth: number", "values: number"],
  attributes: { axis: { kind: "int", default: -1 } },
} as const satisfies Signature;

export const oneHot: Operator<typeof oneHotSignature> = {
  signature: oneHotSignature,
  doc: "y = a new axis of length `depth`, values[1] at the index, values[0] elsewhere (onnx.ai, OneHot)",
  infer: ({ indices, depth, values }, n) => {
    const types = [indices, depth, values].map(({ dtype }) => dtype).join(", ");
    if (!oneHotKernels.includes(types)) {
      n.fail(`indices, depth and values are ${types}; expected one of: ${oneHotKernels.join("; ")}`);
    }
    if (values.shape.length !== 1 || values.shape[0] !== 2) n.fail(`"${values.name}" has to hold [off, on]`);
    const length = n.contents(depth)?.[0] ?? n.constant(depth)?.data[0] ?? n.fail("the depth is not known beforehand");
    const axis = axisOf(n, n.attributes.axis, indices.shape.length + 1);
    return { dtype: values.dtype, shape: indices.shape.toSpliced(axis, 0, length) };
  },
  gradient: "missing",
};

const argMaxSignature = {
  inputs: ["x: number"],
  attributes: {
    axis: { kind: "int", default: 0 },
    keepdims: { kind: "int", default: 1, choices: [0, 1] },
    select_last_index: { kind: "int", default: 0, choices: [0, 1] },
  },
} as const satisfies Signature;

export const argMax: Operator<typeof argMaxSignature> = {
  signature: argMaxSignature,
  doc: "y = the place of the largest along an axis, int64; of equal ones the first, or the last by attribute (onnx.ai, ArgMax)",
  infer: ({ x: { shape } }, n) => {
    const axis = axisOf(n, n.attributes.axis, shape.length);
    const kept: readonly Dim[] = n.attributes.keepdims === 1 ? [1] : [];
    return { dtype: "int64", shape: shape.flatMap((dim, index) => (index === axis ? kept : [dim])) };
  },
  gradient: "stops",
};
