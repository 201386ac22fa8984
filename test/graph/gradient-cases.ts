import type { Attributes, Dim, GraphBuilder, Value } from "../../runtime/graph/types.js";
import type { GradientCase } from "./support.js";

type X = Readonly<Record<string, Value>>;
type Cases = Readonly<Record<string, readonly GradientCase[]>>;

const matrix: readonly Dim[] = ["N", 4];

function unary(op: string, values?: GradientCase["values"], attributes: Attributes = {}): readonly GradientCase[] {
  return [
    {
      name: `${op} ${JSON.stringify(attributes)}`,
      inputs: { x: ["N", 3, 4] },
      ...(values && { values }),
      build: (g, { x }) => g.op(op, [x], attributes),
    },
  ];
}

function pair(op: string, values?: GradientCase["values"]): readonly GradientCase[] {
  const shapes: readonly (readonly [string, readonly Dim[], readonly Dim[]])[] = [
    ["equal shapes", matrix, matrix],
    ["a row", matrix, [4]],
    ["a column", ["N", 3, 4], ["N", 1, 4]],
    ["scalars", [], matrix],
    ["both ways", ["N", 1, 4], [3, 1]],
    ["per channel", ["N", 3, 2, 2], [1, 3, 1, 1]],
  ];
  return shapes.map(([name, a, b]) => ({
    name: `${op} of ${name}`,
    inputs: { a, b },
    ...(values && { values }),
    build: (g, x) => g.op(op, [x.a, x.b]),
  }));
}

function one(
  name: string,
  inputs: GradientCase["inputs"],
  build: (g: GraphBuilder, x: X) => Value,
  values?: GradientCase["values"],
): GradientCase {
  return { name, inputs, build, ...(values && { values }) };
}

const images: readonly Dim[] = ["N", 3, 6, 5];

function pool(op: string, attributes: Attributes, shape: readonly Dim[] = ["N", 2, 6, 7]): GradientCase {
  return one(
    `${op} ${JSON.stringify(attributes)} of ${shape}`,
    { x: shape },
    (g, { x }) => g.op(op, [x], attributes),
    op === "MaxPool" ? "apart" : undefined,
  );
}

function indices(g: GraphBuilder, shape: readonly number[], data: readonly number[]): Value {
  return g.constant({ dtype: "int64", shape, data });
}

/** Cases by operator; conv.test.ts and pool.test.ts have the grids of windows. */
export const gradientCases: Cases = {
  Abs: unary("Abs", "apart"),
  Add: pair("Add"),
  AveragePool: [
    pool("AveragePool", { kernel_shape: [2, 2], strides: [2, 2] }),
    pool("AveragePool", { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }),
    pool("AveragePool", { kernel_shape: [3], strides: [2], ceil_mode: 1 }, ["N", 2, 8]),
  ],
  Cast: [one("Cast to float32", { x: matrix }, (g, { x }) => g.op("Cast", [x], { to: "float32" }))],
  Clip: [
    one("Clip on both sides", { x: matrix }, (g, { x }) => g.op("Clip", [x, g.scalar(-0.45), g.scalar(0.3)]), "apart"),
    one("Clip from above", { x: matrix }, (g, { x }) => g.op("Clip", [x, undefined, g.scalar(0.3)]), "apart"),
    one("Clip from below", { x: matrix }, (g, { x }) => g.op("Clip", [x, g.scalar(-0.3)]), "apart"),
    one("Clip without bounds", { x: matrix }, (g, { x }) => g.op("Clip", [x])),
  ],
  Concat: [
    one("Concat of three", { a: matrix, b: ["N", 2], c: ["N", 1] }, (g, { a, b, c }) =>
      g.op("Concat", [a, b, c, a], { axis: -1 }),
    ),
    one("Concat of channels", { a: images, b: ["N", 1, 6, 5] }, (g, { a, b }) => g.op("Concat", [a, b], { axis: 1 })),
  ],
  Conv: [
    one("Conv", { x: images, w: [2, 3, 3, 2], b: [2] }, (g, { x, w, b }) =>
      g.op("Conv", [x, w, b], { strides: [2, 1], pads: [1, 0, 0, 1] }),
    ),
    one("Conv over one axis", { x: ["N", 2, 9], w: [3, 2, 3] }, (g, { x, w }) =>
      g.op("Conv", [x, w], { dilations: [2] }),
    ),
    one("Conv over three axes", { x: ["N", 2, 4, 5, 3], w: [2, 2, 2, 3, 2] }, (g, { x, w }) =>
      g.op("Conv", [x, w], { pads: [1, 1, 0, 0, 1, 1] }),
    ),
  ],
  ConvTranspose: [
    one("ConvTranspose", { x: ["N", 2, 3, 4], w: [2, 3, 3, 2], b: [3] }, (g, { x, w, b }) =>
      g.op("ConvTranspose", [x, w, b]),
    ),
    one("ConvTranspose with strides and output padding", { x: ["N", 2, 3, 4], w: [2, 3, 3, 2] }, (g, { x, w }) =>
      g.op("ConvTranspose", [x, w], { strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 2] }),
    ),
    one("ConvTranspose in groups", { x: ["N", 4, 3, 3], w: [4, 2, 2, 2] }, (g, { x, w }) =>
      g.op("ConvTranspose", [x, w], { group: 2, strides: [2, 2] }),
    ),
    one("ConvTranspose in groups, dilated", { x: ["N", 4, 4, 3], w: [4, 1, 2, 2] }, (g, { x, w }) =>
      g.op("ConvTranspose", [x, w], { group: 4, dilations: [2, 1] }),
    ),
  ],
  Div: pair("Div", [0.6, 1.6]),
  Elu: [...unary("Elu", "apart"), ...unary("Elu", "apart", { alpha: 0.4 })],
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Expand: [
    one("Expand of a column", { x: ["N", 1, 4] }, (g, { x }) => g.op("Expand", [x, g.ints([3, 1])])),
    one("Expand to a shape with the batch", { x: [4], y: matrix }, (g, { x, y }) =>
      g.op("Mul", [g.op("Expand", [x, g.op("Shape", [y])]), y]),
    ),
  ],
  Flatten: [
    one("Flatten", { x: images }, (g, { x }) => g.op("Flatten", [x])),
    one("Flatten at axis 2", { x: images }, (g, { x }) => g.op("Flatten", [x], { axis: 2 })),
  ],
  Gather: [
    one("Gather rows, one twice", { x: [5, 3] }, (g, { x }) => g.op("Gather", [x, indices(g, [4], [4, 0, 4, -2])])),
    one("Gather by a matrix of indices", { x: ["N", 5, 3] }, (g, { x }) =>
      g.op("Gather", [x, indices(g, [2, 2], [1, 0, 1, 3])], { axis: 1 }),
    ),
    one("Gather one column", { x: matrix }, (g, { x }) => g.op("Gather", [x, indices(g, [], [2])], { axis: 1 })),
  ],
  GatherElements: [
    one("GatherElements, one twice", { x: [3, 4] }, (g, { x }) =>
      g.op("GatherElements", [x, indices(g, [3, 2], [0, 0, 3, 1, 2, -1])], { axis: 1 }),
    ),
  ],
  Gemm: [0, 1].flatMap((transA) =>
    [0, 1].map((transB) =>
      one(
        `Gemm ${transA}${transB}`,
        { a: transA ? [3, "N"] : ["N", 3], b: transB ? [4, 3] : [3, 4], c: transA ? [1, 4] : [4] },
        (g, { a, b, c }) => g.op("Gemm", [a, b, c], { transA, transB, alpha: 0.7, beta: 1.3 }),
      ),
    ),
  ),
  Identity: unary("Identity"),
  LeakyRelu: [...unary("LeakyRelu", "apart"), ...unary("LeakyRelu", "apart", { alpha: 0.2 })],
  Log: unary("Log", [0.6, 2]),
  LogSoftmax: [...unary("LogSoftmax"), ...unary("LogSoftmax", undefined, { axis: 1 })],
  MatMul: [
    one("MatMul of matrices", { a: matrix, b: [4, 3] }, (g, { a, b }) => g.op("MatMul", [a, b])),
    one("MatMul of a batch and a matrix", { a: ["N", 3, 4], b: [4, 2] }, (g, { a, b }) => g.op("MatMul", [a, b])),
    one("MatMul of batches", { a: ["N", 3, 4], b: ["N", 4, 2] }, (g, { a, b }) => g.op("MatMul", [a, b])),
    one("MatMul with a broadcast batch", { a: ["N", 1, 3, 4], b: [2, 4, 2] }, (g, { a, b }) => g.op("MatMul", [a, b])),
  ],
  Max: pair("Max", "apart").slice(0, 2),
  MaxPool: [
    pool("MaxPool", { kernel_shape: [2, 2], strides: [2, 2] }),
    pool("MaxPool", { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }),
    pool("MaxPool", { kernel_shape: [3], strides: [2], ceil_mode: 1 }, ["N", 2, 8]),
  ],
  MaxUnpool: [
    one(
      "MaxUnpool",
      { x: ["N", 2, 4, 4], y: ["N", 2, 2, 2] },
      (g, { x, y }) => {
        const [, places] = g.ops("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] }, 2);
        return g.op("MaxUnpool", [y, places, g.op("Shape", [x])], { kernel_shape: [2, 2], strides: [2, 2] });
      },
      "apart",
    ),
  ],
  Min: pair("Min", "apart").slice(0, 2),
  Mul: pair("Mul"),
  Neg: unary("Neg"),
  Pad: [
    one("Pad", { x: images }, (g, { x }) => g.op("Pad", [x, g.ints([0, 1, 2, 0, 0, 0, 1, 3]), g.scalar(0.5)])),
    one("Pad that crops", { x: images }, (g, { x }) => g.op("Pad", [x, g.ints([0, 0, -2, 1, 0, 0, -1, -1])])),
  ],
  Pow: [
    ...pair("Pow", [0.5, 1.8]),
    one("Pow with a constant 2", { x: matrix }, (g, { x }) => g.op("Pow", [x, g.scalar(2)])),
    one("Pow with a constant 3", { x: matrix }, (g, { x }) => g.op("Pow", [x, g.scalar(3)])),
    one("Pow with a constant 0", { x: matrix }, (g, { x }) => g.op("Pow", [x, g.scalar(0)])),
  ],
  Reciprocal: unary("Reciprocal", [0.6, 1.6]),
  ReduceMax: [
    one("ReduceMax", { x: ["N", 3, 4] }, (g, { x }) => g.op("ReduceMax", [x, g.ints([1])], { keepdims: 0 }), "apart"),
    one("ReduceMax of all", { x: ["N", 3, 4] }, (g, { x }) => g.op("ReduceMax", [x]), "apart"),
  ],
  ReduceMean: [
    one("ReduceMean", { x: images }, (g, { x }) => g.op("ReduceMean", [x, g.ints([2, 3])], { keepdims: 0 })),
    one("ReduceMean over the batch", { x: ["N", 3, 4] }, (g, { x }) => g.op("ReduceMean", [x, g.ints([0, -1])])),
    one("ReduceMean of all", { x: ["N", 3, 4] }, (g, { x }) =>
      g.op("ReduceMean", [x, g.ints([0, 1, 2])], { keepdims: 0 }),
    ),
  ],
  ReduceSum: [
    one("ReduceSum", { x: images }, (g, { x }) => g.op("ReduceSum", [x, g.ints([1, 3])], { keepdims: 0 })),
    one("ReduceSum of all", { x: images }, (g, { x }) => g.op("ReduceSum", [x])),
    one("ReduceSum over the batch", { x: matrix }, (g, { x }) => g.op("ReduceSum", [x, g.ints([0])])),
  ],
  Relu: unary("Relu", "apart"),
  Reshape: [
    one("Reshape with 0 and -1", { x: images }, (g, { x }) => g.op("Reshape", [x, g.ints([0, -1, 5])])),
    one("Reshape that merges the batch", { x: images }, (g, { x }) => g.op("Reshape", [x, g.ints([-1, 5])])),
  ],
  ScatterElements: [
    one("ScatterElements", { x: [3, 4], u: [3, 2] }, (g, { x, u }) =>
      g.op("ScatterElements", [x, indices(g, [3, 2], [0, 1, 3, 1, 2, 0]), u], { axis: 1 }),
    ),
    one("ScatterElements that adds", { x: [3, 4], u: [3, 2] }, (g, { x, u }) =>
      g.op("ScatterElements", [x, indices(g, [3, 2], [0, 0, 3, 1, 2, 2]), u], { axis: 1, reduction: "add" }),
    ),
  ].map((test) => ({
    ...test,
    inputs: { x: [3, 4], w: [3, 2] },
    build: (g: GraphBuilder, { x, w }: X) => test.build(g, { x: x as Value, u: w as Value }),
  })),
  Sigmoid: unary("Sigmoid"),
  Slice: [
    one("Slice", { x: images }, (g, { x }) => g.op("Slice", [x, g.ints([1, -4]), g.ints([3, 4]), g.ints([1, 2])])),
    one("Slice with steps", { x: ["N", 7, 8] }, (g, { x }) =>
      g.op("Slice", [x, g.ints([1, 0]), g.ints([7, 8]), g.ints([1, 2]), g.ints([2, 3])]),
    ),
    one("Slice backwards", { x: ["N", 7, 8] }, (g, { x }) =>
      g.op("Slice", [x, g.ints([-1, 6]), g.ints([-99, 1]), g.ints([1, 2]), g.ints([-1, -2])]),
    ),
    one("Slice of the whole batch", { x: matrix }, (g, { x }) =>
      g.op("Slice", [x, g.ints([0, 1]), g.ints([2 ** 31 - 1, 3])]),
    ),
  ],
  Softmax: [...unary("Softmax"), ...unary("Softmax", undefined, { axis: 1 })],
  Softplus: unary("Softplus"),
  Sqrt: unary("Sqrt", [0.6, 2]),
  Squeeze: [
    one("Squeeze", { x: ["N", 1, 4, 1] }, (g, { x }) => g.op("Squeeze", [x, g.ints([1, -1])])),
    one("Squeeze of all", { x: [2, 1, 4, 1] }, (g, { x }) => g.op("Squeeze", [x])),
  ],
  Sub: pair("Sub"),
  Sum: [one("Sum of three", { a: matrix, b: [4], c: ["N", 1] }, (g, { a, b, c }) => g.op("Sum", [a, b, c, b]))],
  Tanh: unary("Tanh"),
  Transpose: [
    one("Transpose", { x: images }, (g, { x }) => g.op("Transpose", [x], { perm: [2, 0, 3, 1] })),
    one("Transpose reversed", { x: images }, (g, { x }) => g.op("Transpose", [x])),
  ],
  Unsqueeze: [
    one("Unsqueeze", { x: matrix }, (g, { x }) => g.op("Unsqueeze", [x, g.ints([0, -1])])),
    one("Unsqueeze in the middle", { x: matrix }, (g, { x }) => g.op("Unsqueeze", [x, g.ints([1])])),
  ],
  Where: [
    one(
      "Where",
      { a: matrix, b: [4] },
      (g, { a, b }) => g.op("Where", [g.op("Greater", [a, g.scalar(0)]), a, b]),
      "apart",
    ),
    one(
      "Where with a broadcast condition",
      { a: matrix, b: matrix, c: [4] },
      (g, { a, b, c }) => g.op("Where", [g.op("Less", [c, g.scalar(0)]), a, b]),
      "apart",
    ),
  ],
};
