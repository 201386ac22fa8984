import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { evaluate } from "../../runtime/graph/lengths.js";
import type { Contents, DataType, Dim, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { type Feed, named, open, sizeOf } from "./support.js";

/** What the cases are built from: values of x, float32 [N,T,4]. */
interface Known {
  readonly x: Value;
  /** int64 [3]: N, T, 4 */
  readonly shape: Value;
  /** int64 [] */
  readonly n: Value;
  readonly t: Value;
}

type Build = (g: GraphBuilder, known: Known) => Value;

function constant(g: GraphBuilder, dtype: DataType, data: readonly number[]): Value {
  return g.constant({ dtype, shape: [data.length], data });
}

function int(g: GraphBuilder, value: number): Value {
  return g.scalar(value, "int64");
}

function scalarOf(g: GraphBuilder, x: Value, axis: number): Value {
  return g.op("Squeeze", [g.op("Shape", [x], { start: axis, end: axis + 1 })]);
}

/** N − T, of which nothing is known. */
function either(g: GraphBuilder, { n, t }: Known): Value {
  return g.op("Sub", [n, t]);
}

/** 2·(N − T) − 1, which is never 0. */
function odd(g: GraphBuilder, known: Known): Value {
  return g.op("Sub", [g.op("Mul", [either(g, known), int(g, 2)]), int(g, 1)]);
}

const unknown = undefined;

/** int64 [], of which nothing is known. */
function computed(g: GraphBuilder, x: Value): Value {
  return g.op("Cast", [g.op("ReduceSum", [x], { keepdims: 0 })], { to: "int64" });
}

const arithmetic: readonly (readonly [string, Contents | undefined, Build])[] = [
  ["Add", ["N + 1", "T + 2", 7], (g, { shape }) => g.op("Add", [shape, g.ints([1, 2, 3])])],
  ["Add of one element", ["2N", "N + T", "N + 4"], (g, { shape, n }) => g.op("Add", [n, shape])],
  ["Add of what is computed", undefined, (g, { shape, x }) => g.op("Add", [shape, computed(g, x)])],
  ["Add to what is computed", undefined, (g, { shape, x }) => g.op("Add", [computed(g, x), shape])],
  ["Max with what is computed", undefined, (g, { shape, n, x }) => g.op("Max", [shape, n, computed(g, x)])],
  [
    "Add of unknown elements",
    [unknown, unknown, unknown],
    (g, { shape, x }) =>
      g.op("Add", [shape, g.op("Expand", [g.op("Div", [either(g, knownOf(g, x)), int(g, 2)]), g.ints([3])])]),
  ],
  ["Sub", [0, "-N + T", "-N + 4"], (g, { shape, n }) => g.op("Sub", [shape, n])],
  ["Mul", ["N*N", "N*T", "4N"], (g, { shape, n }) => g.op("Mul", [n, shape])],
  ["Mul beyond the safe integers", [unknown], (g) => g.op("Mul", [g.ints([2 ** 40]), g.ints([2 ** 21])])],
  ["Div of lengths", ["floor(N/2)", "floor(T/2)", 2], (g, { shape }) => g.op("Div", [shape, int(g, 2)])],
  [
    "Div of a length that may be 0",
    ["floor((N - 1)/2)"],
    (g, { n }) => g.op("Div", [g.op("Sub", [n, int(g, 1)]), int(g, 2)]),
  ],
  [
    "Div of numbers towards 0",
    [-3, -3, 3, 0, 0],
    (g) => g.op("Div", [g.ints([-7, 7, -7, -1, 0]), g.ints([2, -2, -2, 2, -2])]),
  ],
  ["Div of what may be below 0", [unknown], (g, known) => g.op("Div", [either(g, known), int(g, 2)])],
  ["Div by what may be below 0", [unknown], (g, known) => g.op("Div", [int(g, 7), odd(g, known)])],
  ["Div without rest below 0", ["-N"], (g, { n }) => g.op("Div", [g.op("Mul", [n, int(g, -2)]), int(g, 2)])],
  ["Div of a length by a length", ["floor(T/N)"], (g, { n, t }) => g.op("Div", [t, n])],
  ["Div by a length", [4], (g, { n }) => g.op("Div", [g.op("Mul", [n, int(g, 4)]), n])],
  ["Mod of numbers", [1, 2, -2, -1, 0], (g) => g.op("Mod", [g.ints([7, -7, 7, -7, 6]), g.ints([3, 3, -3, -3, -3])])],
  [
    "Mod of numbers, fmod",
    [1, -1, 1, -1, 0],
    (g) => g.op("Mod", [g.ints([7, -7, 7, -7, -6]), g.ints([3, 3, -3, -3, 3])], { fmod: 1 }),
  ],
  ["Mod of a length by a length", ["-N*floor(T/N) + T"], (g, { n, t }) => g.op("Mod", [t, n])],
  ["Mod of lengths", ["N - 2floor(N/2)"], (g, { n }) => g.op("Mod", [n, int(g, 2)])],
  ["Mod of lengths, fmod", ["N - 2floor(N/2)"], (g, { n }) => g.op("Mod", [n, int(g, 2)], { fmod: 1 })],
  [
    "Mod of what may be below 0, fmod",
    [unknown],
    (g, known) => g.op("Mod", [either(g, known), int(g, 2)], { fmod: 1 }),
  ],
  ["Mod by what may be below 0", [unknown], (g, known) => g.op("Mod", [int(g, 7), odd(g, known)])],
  ["Min", [1, 1, 1], (g, { shape }) => g.op("Min", [shape, int(g, 1)])],
  ["Min of three", ["min(N, T)"], (g, { n, t }) => g.op("Min", [n, t, g.op("Add", [n, int(g, 2)])])],
  ["Max", ["max(N, 3)", "max(T, 3)", 4], (g, { shape }) => g.op("Max", [shape, int(g, 3)])],
  ["Max of one", ["N", "T", 4], (g, { shape }) => g.op("Max", [shape])],
  ["Neg", ["-N", "-T", -4], (g, { shape }) => g.op("Neg", [shape])],
  ["int32", ["2N"], (g, { n }) => g.op("Mul", [g.op("Cast", [n], { to: "int32" }), g.scalar(2, "int32")])],
  ["floats, which are not followed", undefined, (g, { n }) => g.op("Cast", [n], { to: "float32" })],
  ["matrices, which are not followed", undefined, (g, { shape }) => g.op("Unsqueeze", [shape, g.ints([0])])],
];

const flags: readonly (readonly [string, Contents | undefined, Build])[] = [
  ["Equal", [0, 0, 1, 0], (g) => g.op("Equal", [g.ints([3, 5, 4, -1]), int(g, 4)])],
  [
    "Equal of lengths",
    [1, unknown, 0],
    (g, { shape, n }) =>
      g.op("Equal", [shape, g.op("Concat", [g.op("Unsqueeze", [n, g.ints([0])]), g.ints([3, 5])], { axis: 0 })]),
  ],
  ["Equal of what is never equal", [0, 0, 0], (g, { shape }) => g.op("Equal", [shape, int(g, -1)])],
  ["Equal of flags", [1, 0], (g) => g.op("Equal", [constant(g, "bool", [1, 0]), constant(g, "bool", [1, 1])])],
  ["Less", [unknown, unknown, 1], (g, { shape }) => g.op("Less", [shape, int(g, 5)])],
  ["Less than the least", [0, 0, 0], (g, { shape }) => g.op("Less", [shape, int(g, 1)])],
  ["Less, sure", [1, unknown, unknown], (g, { shape, n }) => g.op("Less", [shape, g.op("Add", [n, int(g, 1)])])],
  ["LessOrEqual", [1, unknown, unknown], (g, { shape, n }) => g.op("LessOrEqual", [shape, n])],
  ["LessOrEqual, never", [0, 0, 0], (g, { shape }) => g.op("LessOrEqual", [shape, int(g, 0)])],
  ["Greater", [1, 1, 1], (g, { shape }) => g.op("Greater", [shape, int(g, 0)])],
  ["Greater than itself", [0, unknown, unknown], (g, { shape, n }) => g.op("Greater", [shape, n])],
  ["GreaterOrEqual", [1, 1, 1], (g, { shape }) => g.op("GreaterOrEqual", [shape, int(g, 1)])],
  [
    "GreaterOrEqual, never",
    [0, unknown, unknown],
    (g, { shape, n }) => g.op("GreaterOrEqual", [shape, g.op("Add", [n, int(g, 1)])]),
  ],
  ["And", [0, 0, 0, 1], (g) => g.op("And", [constant(g, "bool", [0, 0, 1, 1]), constant(g, "bool", [0, 1, 0, 1])])],
  ["Or", [0, 1, 1, 1], (g) => g.op("Or", [constant(g, "bool", [0, 0, 1, 1]), constant(g, "bool", [0, 1, 0, 1])])],
  ["Xor", [0, 1, 1, 0], (g) => g.op("Xor", [constant(g, "bool", [0, 0, 1, 1]), constant(g, "bool", [0, 1, 0, 1])])],
  ["Not", [1, 0], (g) => g.op("Not", [constant(g, "bool", [0, 1])])],
  ["Not of unknown flags", [unknown, 1], (g, { n }) => g.op("Not", [g.op("Less", [n, g.ints([4, 1])])])],
  [
    "Where",
    ["N", 7, 4],
    (g, { shape }) => {
      const target = g.ints([-1, 7, -1]);
      return g.op("Where", [g.op("Equal", [target, int(g, -1)]), shape, target]);
    },
  ],
  ["Where by one flag", ["N", "T", 4], (g, { shape, n }) => g.op("Where", [g.op("Greater", [n, int(g, 0)]), shape, n])],
  [
    "Where by an unknown flag",
    ["N", unknown, unknown],
    (g, { shape, n }) => g.op("Where", [g.op("Greater", [n, int(g, 1)]), shape, n]),
  ],
  [
    "Where of what is computed",
    undefined,
    (g, { n, x }) => g.op("Where", [g.op("Greater", [n, int(g, 0)]), computed(g, x), n]),
  ],
  [
    "Where else of what is computed",
    undefined,
    (g, { n, x }) => g.op("Where", [g.op("Greater", [n, int(g, 0)]), n, computed(g, x)]),
  ],
  ["Cast to bool", [0, 1, 1], (g) => g.op("Cast", [g.ints([0, 2, -2])], { to: "bool" })],
  ["Cast of lengths to bool", [1, 1, 1], (g, { shape }) => g.op("Cast", [shape], { to: "bool" })],
  [
    "Cast of negative lengths to bool",
    [1, 1, 1],
    (g, { shape }) => g.op("Cast", [g.op("Neg", [shape])], { to: "bool" }),
  ],
  [
    "Cast of what may be 0 to bool",
    [unknown],
    (g, { n }) => g.op("Cast", [g.op("Sub", [n, int(g, 1)])], { to: "bool" }),
  ],
  ["Cast of flags", [1, 0], (g) => g.op("Cast", [constant(g, "bool", [1, 0])], { to: "int64" })],
  ["Cast beyond int32", [7, 8, unknown], (g) => g.op("Cast", [g.ints([7, 8, 2 ** 32 + 1])], { to: "int32" })],
];

const shapes: readonly (readonly [string, Contents | undefined, Build])[] = [
  ["Shape", ["N", "T", 4], (g, { x }) => g.op("Shape", [x])],
  ["Shape from", ["T", 4], (g, { x }) => g.op("Shape", [x], { start: 1 })],
  ["Shape from and to, from the end", ["T"], (g, { x }) => g.op("Shape", [x], { start: -2, end: -1 })],
  ["Shape of no axes", [], (g, { x }) => g.op("Shape", [x], { start: 2, end: 1 })],
  ["Shape from outside", ["N", "T", 4], (g, { x }) => g.op("Shape", [x], { start: -9, end: 9 })],
  ["Size", ["4N*T"], (g, { x }) => g.op("Size", [x])],
  ["Size of a scalar", [1], (g, { n }) => g.op("Size", [n])],
  ["Range", [0, 2, 4], (g) => g.op("Range", [int(g, 0), int(g, 5), int(g, 2)])],
  ["Range downwards", [5, 3, 1], (g) => g.op("Range", [int(g, 5), int(g, 0), int(g, -2)])],
  ["Range of nothing", [], (g) => g.op("Range", [int(g, 5), int(g, 0), int(g, 2)])],
  ["Range of lengths", ["N", "N + 2"], (g, { n }) => g.op("Range", [n, g.op("Add", [n, int(g, 3)]), int(g, 2)])],
  [
    "Range of lengths downwards",
    ["N", "N - 2"],
    (g, { n }) => g.op("Range", [n, g.op("Sub", [n, int(g, 4)]), int(g, -2)]),
  ],
  ["Range up to a length", undefined, (g, { n }) => g.op("Range", [int(g, 0), n, int(g, 2)])],
  ["Range down from a length", undefined, (g, { n }) => g.op("Range", [n, int(g, -1), int(g, -2)])],
  ["Range up to a length that may be less", undefined, (g, { n }) => g.op("Range", [int(g, 2), n, int(g, 1)])],
  ["Range in steps of a length", undefined, (g, { n }) => g.op("Range", [int(g, 0), int(g, 7), n])],
  [
    "Range in steps of a length downwards",
    undefined,
    (g, { n }) => g.op("Range", [int(g, 7), int(g, 0), g.op("Neg", [n])]),
  ],
  ["Range of floats from 0.1", undefined, (g) => g.op("Range", [g.scalar(0.1), g.scalar(1), g.scalar(0.1)])],
  ["Range of floats downwards", undefined, (g) => g.op("Range", [g.scalar(1), g.scalar(0.1), g.scalar(-0.15)])],
  ["Range of floats", undefined, (g) => g.op("Range", [g.scalar(0), g.scalar(1), g.scalar(0.1)])],
  ["Range of more than is known", undefined, (g) => g.op("Range", [int(g, 0), int(g, 65), int(g, 1)])],
  ["Squeeze", ["N"], (g, { x }) => g.op("Squeeze", [g.op("Shape", [x], { end: 1 }), g.ints([0])])],
  ["Unsqueeze", ["N"], (g, { n }) => g.op("Unsqueeze", [n, g.ints([0])])],
  ["Reshape to a vector", ["N"], (g, { n }) => g.op("Reshape", [n, g.ints([-1])])],
  ["Reshape to a scalar", ["N"], (g, { x }) => g.op("Reshape", [g.op("Shape", [x], { end: 1 }), g.ints([])])],
  ["Identity", ["N", "T", 4], (g, { shape }) => g.op("Identity", [shape])],
  ["ReduceProd", ["4N*T"], (g, { shape }) => g.op("ReduceProd", [shape], { keepdims: 0 })],
  ["ReduceSum, kept", ["N + T + 4"], (g, { shape }) => g.op("ReduceSum", [shape, g.ints([0])])],
  ["ReduceSum of nothing", [0], (g) => g.op("ReduceSum", [g.ints([])])],
  ["ReduceProd of nothing", [1], (g) => g.op("ReduceProd", [g.ints([])])],
  ["ReduceMax", ["max(N, T, 4)"], (g, { shape }) => g.op("ReduceMax", [shape])],
  ["ReduceMin", ["min(N, T, 4)"], (g, { shape }) => g.op("ReduceMin", [shape, g.ints([-1])])],
  [
    "ReduceSum over no axes",
    ["N", "T", 4],
    (g, { shape }) => g.op("ReduceSum", [shape, g.ints([])], { noop_with_empty_axes: 1 }),
  ],
  ["ReduceSum of a scalar", ["N"], (g, { n }) => g.op("ReduceSum", [n])],
  ["ReduceSumSquare, which is not followed", undefined, (g, { shape }) => g.op("ReduceSumSquare", [shape])],
  ["Expand", ["N", "N"], (g, { n }) => g.op("Expand", [n, g.ints([2])])],
  ["Expand that changes nothing", ["N", "T", 4], (g, { shape }) => g.op("Expand", [shape, g.ints([1])])],
  ["Expand to a length", undefined, (g, { n, x }) => g.op("Expand", [n, g.op("Shape", [x], { end: 1 })])],
  [
    "ConstantOfShape",
    [7, 7],
    (g) => g.op("ConstantOfShape", [g.ints([2])], { value: { dtype: "int64", shape: [1], data: [7] } }),
  ],
  [
    "ConstantOfShape of flags",
    [1],
    (g) => g.op("ConstantOfShape", [g.ints([])], { value: { dtype: "bool", shape: [1], data: [1] } }),
  ],
  [
    "ConstantOfShape with a length",
    undefined,
    (g, { x }) =>
      g.op("ConstantOfShape", [g.op("Shape", [x], { end: 1 })], { value: { dtype: "int64", shape: [1], data: [7] } }),
  ],
];

function knownOf(g: GraphBuilder, x: Value): Known {
  return { x, shape: g.op("Shape", [x]), n: scalarOf(g, x, 0), t: scalarOf(g, x, 1) };
}

const bindings: readonly Readonly<Record<string, number>>[] = [
  { N: 1, T: 1 },
  { N: 1, T: 3 },
  { N: 5, T: 2 },
  { N: 4, T: 9 },
];

function at(dims: readonly Dim[], sizes: Readonly<Record<string, number>>): readonly number[] {
  return dims.map((dim) => evaluate(dim, sizes));
}

describe("elements that are known beforehand are those that onnxruntime computes", () => {
  test.each([...arithmetic, ...flags, ...shapes])("%s", async (_name, expected, build) => {
    const g = graphBuilder("contents");
    const x = g.input("x", "float32", ["N", "T", 4]);
    const value = build(g, knownOf(g, x));
    const contents = g.contentsOf(value);
    expect(contents).toEqual(expected);
    g.output("value", value);
    const runner = await open(g.build());
    try {
      for (const sizes of bindings) {
        const shape = at(x.shape, sizes);
        const feed: Feed = { dtype: "float32", shape, data: new Float32Array(sizeOf(shape)) };
        const result = named(await runner.run({ x: feed }), "value");
        expect(result.shape).toEqual(at(value.shape, sizes));
        if (!contents) continue;
        expect(contents.length).toBe(result.data.length);
        for (const [index, item] of contents.entries()) {
          if (item !== undefined) expect(result.data[index], `${item}`).toBe(evaluate(item, sizes) + 0);
        }
      }
    } finally {
      await runner.close();
    }
  });
});

describe("elements that no run would give are not known", () => {
  const none: readonly (readonly [string, Build])[] = [
    ["a number divided by 0", (g) => g.op("Div", [int(g, 3), int(g, 0)])],
    ["a number divided by what may be 0", (g, { n }) => g.op("Div", [int(g, 3), g.op("Sub", [n, int(g, 1)])])],
    ["the rest by what may be 0", (g, { n }) => g.op("Mod", [int(g, 3), g.op("Sub", [n, int(g, 1)])])],
    ["a length divided by 0", (g, { n }) => g.op("Div", [n, int(g, 0)])],
    ["the rest of a number by 0", (g) => g.op("Mod", [int(g, 3), int(g, 0)])],
    ["the rest of a number by 0, fmod", (g) => g.op("Mod", [int(g, 3), int(g, 0)], { fmod: 1 })],
    ["the rest of a length by 0", (g, { n }) => g.op("Mod", [n, int(g, 0)])],
    ["the largest of nothing", (g) => g.op("ReduceMax", [g.ints([])])],
    ["the smallest of nothing", (g) => g.op("ReduceMin", [g.ints([])])],
  ];
  test.each(none)("%s", (_name, build) => {
    const g = graphBuilder("contents");
    const value = build(g, knownOf(g, g.input("x", "float32", ["N", "T", 4])));
    expect(g.contentsOf(value)).toEqual([unknown]);
  });
});
