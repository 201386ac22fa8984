import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import type { DataType, Dim, Graph, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { gradientCases } from "./gradient-cases.js";
import { atBatch, type Feed, generator, named, open, sizeOf, uniform } from "./support.js";

/** The graph with every value that a node makes as an output. */
function exposed(g: GraphBuilder): Graph {
  for (const [index, value] of g.nodes.flatMap(({ outputs }) => outputs).entries()) g.output(`value${index}`, value);
  return g.build();
}

const elementTypes: Readonly<Record<DataType, (random: () => number) => number>> = {
  float32: (random) => random() * 2 - 1,
  int32: (random) => Math.floor(random() * 3),
  int64: (random) => Math.floor(random() * 3),
  bool: (random) => Math.round(random()),
};

async function expectShapes(graph: Graph): Promise<void> {
  const runner = await open(graph);
  const random = generator(3);
  try {
    for (const rows of [1, 3]) {
      const feeds = graph.inputs.map(({ name, dtype, shape }): [string, Feed] => {
        const sizes = atBatch(shape, rows);
        const data = Array.from({ length: sizeOf(sizes) }, () => elementTypes[dtype](random));
        return [name, { dtype, shape: sizes, data }];
      });
      const results = await runner.run(Object.fromEntries(feeds));
      const found = graph.outputs.map(({ name, value }) => `${value.name} ${named(results, name).shape.join()}`);
      expect(found).toEqual(graph.outputs.map(({ value }) => `${value.name} ${atBatch(value.shape, rows).join()}`));
    }
  } finally {
    await runner.close();
  }
}

describe("inferred shapes are those that onnxruntime gives, for 1 and 3 rows", () => {
  const cases = Object.values(gradientCases).flat();
  test.each(cases)("in the forward and backward graph of $name", async ({ inputs, build }) => {
    const g = graphBuilder("shapes");
    const x = Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, g.input(name, "float32", shape)]),
    );
    const y = build(g, x);
    const axes = g.ints(y.shape.map((_, axis) => axis));
    differentiate(g, g.op("ReduceSum", [y, axes], { keepdims: 0 }), Object.values(x));
    await expectShapes(exposed(g));
  });

  type Build = (g: GraphBuilder, x: Value) => unknown;
  const forward: readonly (readonly [string, DataType, readonly Dim[], Build])[] = [
    ["ArgMax", "float32", ["N", 3, 4], (g, x) => g.op("ArgMax", [x], { axis: -1 })],
    ["ArgMax without the axis", "float32", ["N", 3, 4], (g, x) => g.op("ArgMax", [x], { axis: 1, keepdims: 0 })],
    [
      "Resize to sizes",
      "float32",
      ["N", 1, 8, 8],
      (g, x) => g.op("Resize", [x, undefined, undefined, g.ints([28, 20])], { mode: "linear", axes: [2, 3] }),
    ],
    [
      "Resize by scales",
      "float32",
      ["N", 1, 8, 6],
      (g, x) =>
        g.op("Resize", [x, undefined, g.constant({ dtype: "float32", shape: [4], data: [1, 1, 1.3, 2] })], {
          mode: "nearest",
        }),
    ],
    [
      "Shape and ConstantOfShape",
      "float32",
      ["N", 3],
      (g, x) => g.op("ConstantOfShape", [g.op("Shape", [x])], { value: { dtype: "int32", shape: [1], data: [2] } }),
    ],
    ["ConstantOfShape of zeros", "float32", ["N", 3], (g, x) => g.op("ConstantOfShape", [g.op("Shape", [x])])],
    [
      "a shape put together",
      "float32",
      ["N", 3, 4],
      (g, x) => {
        const rows = g.op("Gather", [g.op("Shape", [x]), g.ints([0])]);
        return g.op("Reshape", [x, g.op("Concat", [rows, g.ints([12])], { axis: 0 })]);
      },
    ],
    [
      "Expand to a shape cut from another",
      "float32",
      ["N", 3, 4],
      (g, x) => g.op("Expand", [g.scalar(1), g.op("Slice", [g.op("Shape", [x]), g.ints([0]), g.ints([2])])]),
    ],
    [
      "comparisons",
      "float32",
      ["N", 3],
      (g, x) => {
        const low = g.op("Less", [x, g.scalar(0)]);
        const both = g.op("And", [
          low,
          g.op("LessOrEqual", [x, g.constant({ dtype: "float32", shape: [2, 1, 1], data: [0, 1] })]),
        ]);
        const some = g.op("Or", [both, g.op("IsNaN", [x])]);
        return g.op("Not", [g.op("Xor", [some, g.op("Equal", [x, x])])]);
      },
    ],
    [
      "roundings",
      "float32",
      ["N", 3],
      (g, x) => {
        g.op("Floor", [x]);
        g.op("Ceil", [x]);
        g.op("Round", [x]);
        return g.op("Sign", [x]);
      },
    ],
    [
      "remainders",
      "int64",
      ["N", 3],
      (g, x) => g.op("Mod", [x, g.constant({ dtype: "int64", shape: [2, 1, 1], data: [2, -3] })]),
    ],
    [
      "Range, with lengths",
      "float32",
      ["N", 3],
      (g, x) => {
        const rows = g.op("Squeeze", [g.op("Shape", [x], { end: 1 })]);
        g.op("Range", [g.scalar(0, "int64"), rows, g.scalar(2, "int64")]);
        g.op("Range", [g.op("Size", [x]), g.op("Neg", [rows]), g.scalar(-3, "int64")]);
        return g.op("Range", [g.scalar(0), g.scalar(1), g.scalar(0.1)]);
      },
    ],
    [
      "OneHot whose depth is the batch",
      "float32",
      ["N", 3],
      (g, x) => g.op("OneHot", [g.op("ArgMax", [x], { axis: 1 }), g.op("Shape", [x], { end: 1 }), g.ints([0, 1])]),
    ],
    ["Cast", "bool", ["N", 3], (g, x) => g.op("Cast", [g.op("Cast", [x], { to: "int64" })], { to: "int32" })],
    ["ReduceProd", "float32", ["N", 3], (g, x) => g.op("ReduceProd", [x, g.ints([1])], { keepdims: 0 })],
    ["a matrix product of rows by rows", "float32", ["N", 3], (g, x) => g.op("MatMul", [x, g.op("Transpose", [x])])],
    [
      "joined batches",
      "float32",
      ["N", 3],
      (g, x) => g.op("Reshape", [g.op("Concat", [x, x], { axis: 0 }), g.ints([-1])]),
    ],
  ];
  test.each(forward)("of %s", async (_name, dtype, shape, build) => {
    const g = graphBuilder("shapes");
    build(g, g.input("x", dtype, shape));
    await expectShapes(exposed(g));
  });

  const types: readonly (readonly [DataType, DataType, DataType])[] = [
    ["int64", "int64", "int64"],
    ["int64", "int64", "float32"],
    ["int64", "float32", "int32"],
    ["int32", "int32", "float32"],
    ["int32", "float32", "float32"],
  ];
  test.each(types)("of OneHot with indices %s, depth %s and values %s", async (indices, depth, values) => {
    const g = graphBuilder("shapes");
    const x = g.input("x", indices, ["N", 2]);
    const offOn = g.constant({ dtype: values, shape: [2], data: [0, 1] });
    g.op("OneHot", [x, g.constant({ dtype: depth, shape: [], data: [5] }), offOn]);
    g.op("OneHot", [x, g.constant({ dtype: depth, shape: [1], data: [3] }), offOn], { axis: 1 });
    await expectShapes(exposed(g));
  });

  test("of MaxPool with ceil_mode at every length, kernel, stride and pad", async () => {
    const wrong: string[] = [];
    for (const length of [4, 5, 6, 7]) {
      for (const kernel of [1, 2, 3]) {
        for (const stride of [1, 2, 3]) {
          for (const pads of [
            [0, 0],
            [1, 0],
            [0, 1],
            [1, 1],
          ]) {
            if (Math.max(...pads) >= kernel) continue;
            const g = graphBuilder("ceil");
            const x = g.input("x", "float32", ["N", 1, length]);
            const attributes = { kernel_shape: [kernel], strides: [stride], pads, ceil_mode: 1 } as const;
            g.output("max", g.op("MaxPool", [x], attributes));
            g.output("mean", g.op("AveragePool", [x], attributes));
            const graph = g.build();
            const runner = await open(graph);
            const result = await runner.run({
              x: { dtype: "float32", shape: [1, 1, length], data: uniform([length], generator(1)) },
            });
            await runner.close();
            for (const { name, value } of graph.outputs) {
              if (named(result, name).shape[2] !== value.shape[2]) {
                wrong.push(
                  `${name} ${JSON.stringify({ length, ...attributes })}: ${named(result, name).shape[2]}, inferred ${value.shape[2]}`,
                );
              }
            }
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});
