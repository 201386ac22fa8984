import onnxProto from "onnx-proto";
import type { Executable, Feed, TrainingProgram, VariableLayout } from "../../runtime/program/types.js";

const { onnx } = onnxProto;
const elementTypes = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

type Port = readonly [name: string, dtype: keyof typeof elementTypes, dims: readonly (number | string)[]];
type Node = readonly [
  op: string,
  inputs: readonly string[],
  output: string,
  attributes?: Readonly<Record<string, number>>,
];

/** Writes an ONNX model by hand; the int64 constants `axis0` and `axis1` are `[0]` and `[1]`, the float `two` is 2. */
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

const keepdims = { keepdims: 0 };
const toFloat = { to: 1 };

// The graphs name their inputs otherwise than the program its variables and feeds.
const w: Port = ["in w", "float32", [3]];
const b: Port = ["in b", "float32", [1]];
const seen: Port = ["in seen", "float32", [1]];
const x: Port = ["in x", "float32", ["N", 3]];
const y: Port = ["in y", "int32", ["N"]];
const m: Port = ["in m", "float32", ["N", 3]];

/** Nodes for `diff = Σ(x·w) + b − y`, a loss `mean(diff²)` and a metric `mean|diff|`. */
const forward = (from: string): readonly Node[] => [
  ["Mul", [from, "in w"], "products"],
  ["ReduceSum", ["products", "axis1"], "sums", keepdims],
  ["Add", ["sums", "in b"], "prediction"],
  ["Cast", ["in y"], "wanted", toFloat],
  ["Sub", ["prediction", "wanted"], "diff"],
  ["Mul", ["diff", "diff"], "squares"],
  ["ReduceSum", ["squares"], "squared", keepdims],
  ["Abs", ["diff"], "sizes"],
  ["ReduceSum", ["sizes"], "sized", keepdims],
  ["Size", ["in y"], "count64"],
  ["Cast", ["count64"], "count", toFloat],
  ["Identity", ["count"], "counted"],
];

const scalars: readonly Port[] = [
  ["squared", "float32", []],
  ["count", "float32", []],
  ["sized", "float32", []],
  ["counted", "float32", []],
];

const scalarBindings: Executable["outputs"] = [
  { role: "sum", output: "squared", scalar: "loss" },
  { role: "weight", output: "count", scalar: "loss" },
  { role: "sum", output: "sized", scalar: "size" },
  { role: "weight", output: "counted", scalar: "size" },
];

const rowInputs: Executable["inputs"] = [
  { role: "variable", input: "in w", variable: "w" },
  { role: "variable", input: "in b", variable: "b" },
  { role: "feed", input: "in x", feed: "x" },
  { role: "feed", input: "in y", feed: "y" },
];

/** Least squares: a learned `w` with its gradient, `seen` that counts rows, and a frozen `b`. */
function stepOf(): Executable {
  const nodes: readonly Node[] = [
    ["Mul", ["in x", "in m"], "xm"],
    ...forward("xm"),
    ["Unsqueeze", ["diff", "axis1"], "column"],
    ["Mul", ["column", "xm"], "parts"],
    ["ReduceSum", ["parts", "axis0"], "total", keepdims],
    ["Div", ["total", "count"], "mean"],
    ["Mul", ["mean", "two"], "out w"],
    ["Add", ["in seen", "count"], "out seen"],
  ];
  const outputs: readonly Port[] = [["out w", "float32", [3]], ["out seen", "float32", [1]], ...scalars];
  return {
    bytes: onnxModel([w, b, x, y, m, seen], outputs, nodes),
    inputs: [
      ...rowInputs,
      { role: "feed", input: "in m", feed: "m" },
      { role: "variable", input: "in seen", variable: "seen" },
    ],
    outputs: [
      ...scalarBindings,
      { role: "gradient", output: "out w", variable: "w" },
      { role: "state", output: "out seen", variable: "seen" },
    ],
  };
}

const common = { initializer: { kind: "initializer", type: "constant", options: {} }, lr: 0, decay: 0 } as const;

const variables: readonly VariableLayout[] = [
  { ...common, name: "w", shape: [3], role: "trained", offset: 0, length: 3, lr: 1, decay: 1 },
  { ...common, name: "seen", shape: [1], role: "state", offset: 16, length: 1 },
  { ...common, name: "b", shape: [1], role: "frozen", offset: 32, length: 1 },
];

/** Least squares with a masked input, with `w` at 0, `seen` at 16 and `b` at 32. */
export function leastSquares(): TrainingProgram {
  return {
    name: "least-squares",
    target: "onnxruntime",
    step: stepOf(),
    evaluate: {
      bytes: onnxModel([w, b, x, y], scalars, forward("in x")),
      inputs: rowInputs,
      outputs: scalarBindings,
    },
    variables,
    trained: 16,
    pushed: 32,
    size: 48,
    feeds: [
      { kind: "features", name: "x", shape: [3], dtype: "float32" },
      { kind: "labels", name: "y", shape: [], dtype: "int32", classes: 10 },
      { kind: "mask", name: "m", shape: [3], dtype: "float32", rate: 0.5 },
    ],
    scalars: [
      { name: "loss", role: "loss", factor: 1, weights: "rows" },
      { name: "size", role: "metric", factor: 0, weights: "rows" },
    ],
  };
}

/**
 * Numbers of every type, of any length T: Σ n·scale·b over rows `[N, T]` of int64 `n` and bool `b`, with a float `scale`
 * fed as a normalizer. A row weighs the places where `b` is true.
 */
export function typedFeeds(): TrainingProgram {
  const n: Port = ["n", "int64", ["N", "T"]];
  const flags: Port = ["b", "bool", ["N", "T"]];
  const scale: Port = ["scale", "float32", []];
  const v: Port = ["v", "float32", [1]];
  const weigh: readonly Node[] = [
    ["Cast", ["b"], "kept", toFloat],
    ["ReduceSum", ["kept", "axis1"], "rows", keepdims],
  ];
  const sums: readonly Node[] = [
    ...weigh,
    ["Cast", ["n"], "numbers", toFloat],
    ["Mul", ["numbers", "kept"], "chosen"],
    ["ReduceSum", ["chosen"], "chosen sum", keepdims],
    ["ReduceSum", ["rows"], "weight", keepdims],
  ];
  const columns: Executable["inputs"] = [
    { role: "feed", input: "n", feed: "n" },
    { role: "feed", input: "b", feed: "b" },
  ];
  const outputs: Executable["outputs"] = [
    { role: "sum", output: "sum", scalar: "loss" },
    { role: "weight", output: "weight", scalar: "loss" },
  ];
  const ports: readonly Port[] = [
    ["sum", "float32", []],
    ["weight", "float32", []],
  ];
  const feeds: readonly Feed[] = [
    { kind: "features", name: "n", shape: ["T"], dtype: "int64" },
    { kind: "features", name: "b", shape: ["T"], dtype: "bool" },
    { kind: "normalizer", name: "scale", shape: [], dtype: "float32", loss: "loss" },
  ];
  return {
    name: "typed",
    target: "onnxruntime",
    step: {
      bytes: onnxModel(
        [n, flags, scale, v],
        [...ports, ["out v", "float32", [1]]],
        [...sums, ["Mul", ["chosen sum", "scale"], "sum"], ["Mul", ["v", "sum"], "out v"]],
      ),
      inputs: [
        ...columns,
        { role: "feed", input: "scale", feed: "scale" },
        { role: "variable", input: "v", variable: "v" },
      ],
      outputs: [...outputs, { role: "gradient", output: "out v", variable: "v" }],
    },
    evaluate: {
      bytes: onnxModel([n, flags], ports, [...sums, ["Identity", ["chosen sum"], "sum"]]),
      inputs: columns,
      outputs,
    },
    weigh: {
      bytes: onnxModel([flags], [["rows", "float32", ["N"]]], weigh),
      inputs: columns.slice(1),
      outputs: [{ role: "rowWeights", output: "rows", scalar: "loss" }],
    },
    variables: [{ ...common, name: "v", shape: [1], role: "trained", offset: 0, length: 1, lr: 1 }],
    trained: 16,
    pushed: 16,
    size: 16,
    feeds,
    scalars: [{ name: "loss", role: "loss", factor: 1, weights: "data" }],
  };
}
