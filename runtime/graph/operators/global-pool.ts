import { formatShape } from "../lengths.js";
import type { Value, ValueType } from "../types.js";
import type { Inference, Operator, Signature } from "./operator.js";

const signature = { inputs: ["x: float"], attributes: {} } as const satisfies Signature;

export const globalAveragePool: Operator<typeof signature> = {
  signature,
  doc: "y = the mean of each channel, [N, C, 1, …] (onnx.ai, GlobalAveragePool)",
  infer: ({ x }, n) => pooled(n, x),
  decompose: ({ x }, { g }) => g.op("ReduceMean", [x, g.ints(spatialAxes(x))]),
};

export const globalMaxPool: Operator<typeof signature> = {
  signature,
  doc: "y = the largest of each channel, [N, C, 1, …]; equal ones share the gradient (onnx.ai, GlobalMaxPool)",
  infer: ({ x }, n) => pooled(n, x),
  decompose: ({ x }, { g }) => g.op("ReduceMax", [x, g.ints(spatialAxes(x))]),
};

function pooled(n: Pick<Inference, "fail">, x: Value): ValueType {
  if (x.shape.length < 3) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected [N, channels, …]`);
  return { dtype: "float32", shape: x.shape.map((dim, axis) => (axis < 2 ? dim : 1)) };
}

function spatialAxes(x: Value): readonly number[] {
  return x.shape.slice(2).map((_, axis) => axis + 2);
}
