import type { Dim } from "../types.js";
import { axisOf, fixed, inputAt, numberOf, type Operator } from "./operator.js";

/** Types of indices, depth and values that onnxruntime has kernels for (onehot.cc). */
const oneHotKernels: readonly string[] = [
  "int64, int64, int64",
  "int64, int64, float32",
  "int64, float32, int32",
  "int32, int32, float32",
  "int32, float32, float32",
];

/** y = a new axis of length `depth` (input 1, a constant), on (values[1]) at the index, off (values[0]) elsewhere */
export const oneHot: Operator = {
  inputs: [3, 3],
  attributes: { axis: { kind: "int", default: -1 } },
  infer: (n) => {
    const [indices, depthValue, values] = [inputAt(n, 0), inputAt(n, 1), inputAt(n, 2)];
    const types = [indices, depthValue, values].map(({ dtype }) => dtype).join(", ");
    if (!oneHotKernels.includes(types)) {
      n.fail(`indices, depth and values are ${types}; expected one of: ${oneHotKernels.join("; ")}`);
    }
    if (values.shape.length !== 1 || values.shape[0] !== 2) n.fail(`"${values.name}" has to hold [off, on]`);
    const depth = fixed(n, n.constant(1)?.data[0], "the depth");
    const axis = axisOf(n, numberOf(n.attributes, "axis"), indices.shape.length + 1);
    const shape: Dim[] = [...indices.shape];
    shape.splice(axis, 0, depth);
    return [{ dtype: values.dtype, shape }];
  },
  gradient: "missing",
};

/** y = the place of the largest along an axis, int64; the first of equal ones */
export const argMax: Operator = {
  inputs: [1, 1],
  attributes: {
    axis: { kind: "int", default: 0 },
    keepdims: { kind: "int", default: 1 },
    select_last_index: { kind: "int", default: 0 },
  },
  infer: (n) => {
    const { shape, dtype, name } = inputAt(n, 0);
    if (dtype === "bool") n.fail(`"${name}" is bool; expected numbers`);
    const axis = axisOf(n, numberOf(n.attributes, "axis"), shape.length);
    const keep = numberOf(n.attributes, "keepdims") !== 0;
    return [{ dtype: "int64", shape: shape.flatMap((dim, i): Dim[] => (i === axis ? (keep ? [1] : []) : [dim])) }];
  },
  gradient: "stops",
};
