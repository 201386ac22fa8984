import onnxProto from "onnx-proto";
import type { TrainingProgram } from "../../runtime/program/types.js";

const { onnx } = onnxProto;
const elementTypes = { float32: 1, int32: 6 } as const;

type Port = readonly [name: string, dtype: keyof typeof elementTypes, dims: readonly (number | string)[]];
type Node = readonly [
  op: string,
  inputs: readonly string[],
  output: string,
  attributes?: Readonly<Record<string, number>>,
];

/** Writes an ONNX model by hand; the int64 constant `axis0` is `[0]`, the float constant `two` is 2. */
export function onnxModel(inputs: readonly Port[], outputs: readonly Port[], nodes: readonly Node[]): Uint8Array {
  const port = ([name, dtype, dims]: Port) => ({
    name,
    type: {
      tensorType: {
        elemType: elementTypes[dtype],
        shape: { dim: dims.map((dim) => (typeof dim === "string" ? { dimParam: dim } : { dimValue: dim })) },
      },
    },
  });
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "tiny",
      input: inputs.map(port),
      output: outputs.map(port),
      initializer: [
        { name: "axis0", dims: [1], dataType: 7, int64Data: [0] },
        { name: "axis1", dims: [1], dataType: 7, int64Data: [1] },
        { name: "two", dims: [], dataType: 1, floatData: [2] },
      ],
      node: nodes.map(([opType, input, output, attributes = {}]) => ({
        opType,
        input: [...input],
        output: [output],
        attribute: Object.entries(attributes).map(([name, i]) => ({ name, type: 2, i })),
      })),
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

const parameterPorts: readonly Port[] = [
  ["w", "float32", [3]],
  ["b", "float32", [1]],
];
const rowPorts: readonly Port[] = [
  ["x", "float32", ["N", 3]],
  ["y", "int32", ["N"]],
];
const keepdims = { keepdims: 0 };

/** Nodes for `diff = Σ(x·w) + b − y`, `loss = mean(diff²)` and `worst = max|diff|`. */
const forward = (x: string): readonly Node[] => [
  ["Mul", [x, "w"], "products"],
  ["ReduceSum", ["products", "axis1"], "sums", keepdims],
  ["Add", ["sums", "b"], "prediction"],
  ["Cast", ["y"], "wanted", { to: 1 }],
  ["Sub", ["prediction", "wanted"], "diff"],
  ["Mul", ["diff", "diff"], "squares"],
  ["ReduceMean", ["squares"], "loss", keepdims],
  ["Abs", ["diff"], "sizes"],
  ["ReduceMax", ["sizes"], "worst", keepdims],
];

/** Least squares with a masked input, a learned `w` at offset 16 and a frozen `b` at offset 0. */
export function leastSquares(): TrainingProgram {
  const scalars: readonly Port[] = [
    ["loss", "float32", []],
    ["worst", "float32", []],
  ];
  const step = onnxModel(
    [...parameterPorts, ...rowPorts, ["m", "float32", ["N", 3]]],
    [["grad:w", "float32", [3]], ...scalars],
    [
      ["Mul", ["x", "m"], "xm"],
      ...forward("xm"),
      ["Unsqueeze", ["diff", "axis1"], "column"],
      ["Mul", ["column", "xm"], "parts"],
      ["ReduceSum", ["parts", "axis0"], "total", keepdims],
      ["Size", ["y"], "count64"],
      ["Cast", ["count64"], "count", { to: 1 }],
      ["Div", ["total", "count"], "mean"],
      ["Mul", ["mean", "two"], "grad:w"],
    ],
  );
  const initializer = { kind: "initializer", type: "constant", options: {} } as const;
  return {
    name: "least-squares",
    step,
    evaluate: onnxModel([...parameterPorts, ...rowPorts], scalars, forward("x")),
    parameters: [
      { name: "b", shape: [1], offset: 0, length: 1, lr: 0, decay: 0, initializer },
      { name: "w", shape: [3], offset: 16, length: 3, lr: 1, decay: 1, initializer },
    ],
    size: 32,
    feeds: [
      { kind: "features", name: "x", shape: [3], dtype: "float32" },
      { kind: "labels", name: "y", shape: [], dtype: "int32", classes: 10 },
      { kind: "mask", name: "m", shape: [3], dtype: "float32", rate: 0.5 },
    ],
    scalars: ["loss", "worst"],
  };
}
