import { toOnnx } from "../graph/onnx.js";
import { lowerOperators } from "../graph/passes/by-row.js";
import { simplify } from "../graph/passes/index.js";
import { rewrite } from "../graph/passes/rewrite.js";
import type { Target } from "./target.js";

/** ONNX models (operator set 20, IR 9) for onnxruntime, with what its rows say in the place of operators. */
export const onnxruntime: Target = {
  name: "onnxruntime",
  lower: (graph) => {
    const lowered = rewrite(graph, lowerOperators);
    return lowered === graph ? graph : simplify(lowered);
  },
  serialize: (graph) => toOnnx(graph, { opset: 20, irVersion: 9 }),
};
