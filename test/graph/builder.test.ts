import { describe, expect, test } from "vitest";
import type { CompileError } from "../../runtime/errors.js";
import { extendGraph, graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import type { Attributes, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { named, runOnce } from "./support.js";

const place = { file: "net.prototxt", line: 7, column: 3 };

function fault(body: () => unknown): CompileError {
  try {
    body();
  } catch (error) {
    return error as CompileError;
  }
  throw new Error("nothing was thrown");
}

/** Adds a node that the types of `op` would refuse. */
function node(
  g: GraphBuilder,
  op: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes = {},
  outputs = 1,
): Value | undefined {
  return g.node({ op, inputs, attributes, outputs })[0];
}

/** The message of misusing one operator in layer "layer1". */
function misuse(build: (g: GraphBuilder, x: Value, image: Value) => unknown): string {
  const g = graphBuilder("misuse");
  const x = g.input("x", "float32", ["N", 4]);
  const image = g.input("image", "float32", ["N", 3, 8, 8]);
  return fault(() => g.within("layer1", place, () => build(g, x, image))).message;
}

describe("builder misuse names the node and its layer", () => {
  const cases: readonly (readonly [string, (g: GraphBuilder, x: Value, image: Value) => unknown, RegExp])[] = [
    [
      "an unknown operator",
      (g, x) => node(g, "Convolve", [x]),
      /GRAPH_OPERATOR_UNKNOWN: Convolve "layer1\/Convolve": "Convolve" is not in the operator table/,
    ],
    ["an operator named as a property of objects", (g, x) => node(g, "toString", [x]), /GRAPH_OPERATOR_UNKNOWN/],
    ["too many inputs", (g, x) => node(g, "Relu", [x, x]), /Relu "layer1\/Relu": has 2 inputs; expected 1/],
    [
      "a required input left out",
      (g, x) => node(g, "Add", [x, undefined]),
      /Add "layer1\/Add": has 1 inputs; expected 2/,
    ],
    ["too many outputs", (g, x) => node(g, "Relu", [x], {}, 2), /has 2 outputs; expected 1/],
    ["an unknown attribute", (g, x) => node(g, "Softmax", [x], { axes: [1] }), /attribute "axes" is unknown/],
    [
      "an attribute of the wrong kind",
      (g, x) => node(g, "Softmax", [x], { axis: 0.5 }),
      /attribute "axis" is 0.5; expected an integer/,
    ],
    ["a missing attribute", (g, x) => node(g, "Concat", [x, x]), /attribute "axis" is missing/],
    [
      "an unknown type",
      (g, x) => node(g, "Cast", [x], { to: "float16" }),
      /"to" is "float16"; expected one of float32, int32, int64, bool/,
    ],
    [
      "types that differ",
      (g, x) => node(g, "Add", [x, g.ints([1])]),
      /"x" is float32 and "constant" is int64; expected one type/,
    ],
    [
      "shapes that do not broadcast",
      (g, x) => node(g, "Add", [x, g.constant({ dtype: "float32", shape: [3], data: [1, 2, 3] })]),
      /has shape \[3\], which does not broadcast with \[N,4\]/,
    ],
    ["a batch against a fixed length", (g, x) => node(g, "Add", [x, g.op("Transpose", [x])]), /does not broadcast/],
    ["a wrong rank", (g, x) => node(g, "Gemm", [x, g.scalar(1)]), /has rank 0 \(shape \[\]\); expected rank 2/],
    ["inner lengths that differ", (g, x) => node(g, "MatMul", [x, x]), /differ in the inner length: 4 and N/],
    [
      "an axis out of range",
      (g, x) => node(g, "Softmax", [x], { axis: 2 }),
      /axis 2 is outside a tensor of rank 2; expected -2 to 1/,
    ],
    [
      "wrong channels",
      (g, _x, image) => node(g, "Conv", [image, g.constant({ dtype: "float32", shape: [2, 1, 1, 1], data: [1, 2] })]),
      /"image" has 3 channels; expected 1/,
    ],
    [
      "a kernel that does not fit",
      (g, _x, image) => node(g, "MaxPool", [image], { kernel_shape: [9, 9] }),
      /a kernel of extent 9 does not fit spatial axis 0 of length 8/,
    ],
    [
      "pads as large as the kernel",
      (g, _x, image) => node(g, "MaxPool", [image], { kernel_shape: [2, 2], pads: [2, 0, 0, 0] }),
      /not smaller than the kernel/,
    ],
    [
      "an impossible Reshape",
      (g, x) => node(g, "Reshape", [x, g.ints([-1, 3])]),
      /"x" has shape \[N,4\], which cannot be reshaped to \[-1,3\]/,
    ],
    [
      "a Reshape that would fix the batch",
      (g, x) => node(g, "Reshape", [x, g.ints([8])]),
      /cannot be reshaped to \[8\]/,
    ],
    ["two unknowns in a Reshape", (g, x) => node(g, "Reshape", [x, g.ints([-1, -1])]), /holds -1 more than once/],
    [
      "squeezing what may be a batch of one row",
      (g, x) => node(g, "Squeeze", [x]),
      /\[N,4\] holds lengths that may be 1; expected the axes to squeeze/,
    ],
    [
      "a computed axis",
      (g, x) =>
        node(g, "ReduceSum", [
          x,
          g.op("Cast", [g.op("ReduceSum", [x, g.ints([0])], { keepdims: 0 })], { to: "int64" }),
        ]),
      /its axes are computed; expected them to be known beforehand/,
    ],
    [
      "a value of another graph",
      (g) => node(g, "Relu", [graphBuilder("other").input("y", "float32", ["N"])]),
      /"y" is of another graph/,
    ],
  ];
  test.each(cases)("%s", (_name, build, message) => {
    const text = misuse(build);
    expect(text).toMatch(message);
    expect(text.startsWith("net.prototxt:7:3 ")).toBe(true);
  });

  test("two inputs or outputs of one name, and constants whose data does not fill them", () => {
    const g = graphBuilder("names");
    const x = g.input("x", "float32", ["N"]);
    expect(() => g.input("x", "float32", ["N"])).toThrow(/GRAPH_NAME_DUPLICATE.*two values named "x"/);
    g.output("y", x);
    expect(() => g.output("y", x)).toThrow(/GRAPH_NAME_DUPLICATE.*two outputs named "y"/);
    expect(() => g.output("z", graphBuilder("other").input("z", "float32", []))).toThrow(/not a value of the graph/);
    expect(() => g.constant({ dtype: "float32", shape: [2, 2], data: [1] })).toThrow(/has 1 elements; expected 4/);
  });
});

describe("the builder", () => {
  test("names nodes after their scope and carries the place, nested scopes too", () => {
    const g = graphBuilder("scopes");
    const x = g.input("x", "float32", ["N"]);
    const [inner, outer] = g.within("block", place, () => [
      g.within("act", undefined, () => g.op("Relu", [x])),
      g.op("Relu", [x]),
    ]);
    expect([inner?.name, outer?.name, g.op("Relu", [x]).name, g.op("Relu", [x]).name]).toEqual([
      "block/act/Relu",
      "block/Relu",
      "Relu",
      "Relu_2",
    ]);
    expect(g.nodes[0]?.at).toEqual(place);
    expect(g.producer(x)).toBeUndefined();
    expect(inner && g.producer(inner)?.op).toBe("Relu");
  });

  test("the built graph is frozen and does not change with the builder, and can be extended", async () => {
    const g = graphBuilder("first");
    const x = g.input("x", "float32", ["N", 2]);
    const y = g.op("Mul", [x, g.scalar(3)]);
    g.output("y", y);
    const graph = g.build();
    g.op("Relu", [x]);
    expect(graph.nodes.length).toBe(1);
    expect(Object.isFrozen(graph) && Object.isFrozen(graph.nodes) && Object.isFrozen(graph.nodes[0]?.inputs)).toBe(
      true,
    );
    const more = extendGraph(graph);
    const loss = more.op("ReduceSum", [y], { keepdims: 0 });
    const [dx] = differentiate(more, loss, [x]);
    if (dx) more.output("dx", dx);
    const result = await runOnce(more.build(), { x: { dtype: "float32", shape: [1, 2], data: [1, 2] } });
    expect(named(result, "dx").data).toEqual([3, 3]);
  });

  test("equal small constants are one value; -0 and 0 are two", () => {
    const g = graphBuilder("constants");
    expect(g.scalar(2)).toBe(g.scalar(2));
    expect(g.ints([1, 2])).toBe(g.ints([1, 2]));
    expect(g.scalar(-0)).not.toBe(g.scalar(0));
    expect(g.constantOf(g.ints([1, 2]))?.data).toEqual([1, 2]);
  });
});

describe("differentiate", () => {
  test("a value that does not reach the loss, or only through a step function, gets zeros of its shape", async () => {
    const g = graphBuilder("zeros");
    const [x, unused, step] = ["x", "unused", "step"].map((name) => g.input(name, "float32", ["N", 2]));
    if (!x || !unused || !step) throw new Error("three inputs");
    const mask = g.op("Cast", [g.op("Greater", [step, g.scalar(0)])], { to: "float32" });
    const loss = g.op("ReduceSum", [g.op("Mul", [g.op("Mul", [x, mask]), g.op("Sign", [step])])], { keepdims: 0 });
    for (const [index, gradient] of differentiate(g, loss, [x, unused, step]).entries()) g.output(`${index}`, gradient);
    const feed = { dtype: "float32" as const, shape: [1, 2], data: [1, -2] };
    const result = await runOnce(g.build(), { x: feed, unused: feed, step: feed });
    expect([
      named(result, "0").data.map((value) => value + 0),
      named(result, "1").data,
      named(result, "2").data,
    ]).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test("several uses are added up, also of the loss itself and of values in between", async () => {
    const g = graphBuilder("fan-out");
    const x = g.input("x", "float32", []);
    const square = g.op("Mul", [x, x]);
    const loss = g.op("Sum", [square, square, x, g.op("Mul", [square, x])]);
    const [dx, dSquare, dLoss] = differentiate(g, loss, [x, square, loss]);
    for (const [name, value] of Object.entries({ dx, dSquare, dLoss })) if (value) g.output(name, value);
    const result = await runOnce(g.build(), { x: { dtype: "float32", shape: [], data: [2] } });
    // loss = 2x² + x + x³; d/dx = 4x + 1 + 3x²; d/dx² = 2 + x
    expect([named(result, "dx").data, named(result, "dSquare").data, named(result, "dLoss").data]).toEqual([
      [21],
      [4],
      [1],
    ]);
  });

  test("backward nodes are named after their layer and carry its place", () => {
    const g = graphBuilder("names");
    const x = g.input("x", "float32", ["N"]);
    const y = g.within("tanh1", place, () => g.op("Tanh", [x]));
    const before = g.nodes.length;
    differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [x]);
    const backward = g.nodes.slice(before + 1).filter(({ name }) => name.startsWith("grad_tanh1/"));
    expect(backward.length).toBeGreaterThan(0);
    expect(backward.every(({ at }) => at === place)).toBe(true);
  });

  test("an operator without a rule is an error that names it, its node and its layer", () => {
    const g = graphBuilder("missing");
    const x = g.input("x", "float32", [2]);
    const y = g.within("classes1", place, () => g.op("OneHot", [g.ints([0, 2]), g.scalar(3, "int64"), x]));
    const loss = g.op("ReduceSum", [y], { keepdims: 0 });
    const error = fault(() => differentiate(g, loss, [x]));
    expect(error.code).toBe("GRAPH_GRADIENT_MISSING");
    expect(error.message).toMatch(
      /^net.prototxt:7:3 GRAPH_GRADIENT_MISSING: OneHot "classes1\/OneHot": the operator has no gradient rule/,
    );
  });

  test("the same operator is fine where no wanted value goes through it", () => {
    const g = graphBuilder("not on the way");
    const x = g.input("x", "float32", [2]);
    const w = g.input("w", "float32", [2, 1, 3, 3]);
    const places = g.op("OneHot", [g.ints([0, 2]), g.scalar(8, "int64"), x]);
    const small = g.op("Mul", [
      g.op("Unsqueeze", [places, g.ints([0, 1])]),
      g.op("Unsqueeze", [places, g.ints([0, 1])]),
    ]);
    const loss = g.op("ReduceSum", [g.op("Conv", [small, w], { pads: [1, 1, 1, 1] })], { keepdims: 0 });
    expect(differentiate(g, loss, [w])[0]?.shape).toEqual([2, 1, 3, 3]);
  });

  test("a loss that is not a float scalar is refused", () => {
    const g = graphBuilder("loss");
    const x = g.input("x", "float32", ["N"]);
    expect(() => differentiate(g, g.op("Neg", [x]), [x])).toThrow(
      /the loss "Neg" is float32 \[N\]; expected a float32 scalar \[\]/,
    );
  });
});
