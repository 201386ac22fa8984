import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { decomposed } from "../../runtime/graph/decomposition.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { operators } from "../../runtime/graph/operators/index.js";
import type { Operator } from "../../runtime/graph/operators/operator.js";
import { reshapeLike } from "../../runtime/graph/operators/reshape.js";
import type { Dim, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { call, floats } from "./cases/case.js";
import { gradientCases } from "./gradient-cases.js";
import { atBatch, difference, type GradientCase, generator, named, runOnce, uniform } from "./support.js";

function result(build: (g: GraphBuilder) => Value) {
  const g = graphBuilder("result");
  g.output("y", build(g));
  return runOnce(g.build()).then((results) => named(results, "y"));
}

/** The gradient of Σ y with respect to a vector. */
async function gradientAt(data: readonly number[], build: (g: GraphBuilder, x: Value) => Value) {
  const g = graphBuilder("gradient");
  const x = g.input("x", "float32", [data.length]);
  const [dx = x] = differentiate(g, g.op("ReduceSum", [build(g, x)], { keepdims: 0 }), [x]);
  g.output("dx", dx);
  const results = await runOnce(g.build(), { x: { dtype: "float32", shape: [data.length], data } });
  return named(results, "dx").data;
}

const empty: readonly Dim[] = [0, 3];

describe("wrong or refused before", () => {
  const before: readonly GradientCase[] = Object.values(gradientCases)
    .flat()
    .filter(({ name }) =>
      [
        /^Elu .*-0\.7.* of \[N,3/,
        /^Reduce.* of (all|none) by empty axes$/,
        /^Reduce.* none, without/,
        /^MatMul.*vector/,
        /^Pow.*int/,
      ].some((pattern) => pattern.test(name)),
    );

  test("the cases are found", () => expect(before.length).toBeGreaterThan(35));

  test.each(before)("the gradient of $name", async (gradientCase) => {
    const found = await difference(gradientCase);
    expect(found.error, JSON.stringify(found)).toBeLessThan(2e-4);
  });

  test("empty axes reduced nothing by shape, and everything in onnxruntime", async () => {
    const y = await result((g) => g.op("ReduceSum", [floats(g, [1, 2, 3]), g.ints([])]));
    expect(y).toEqual({ shape: [1], data: [6] });
  });

  test("noop_with_empty_axes was unknown; the elements are still squared", async () => {
    const y = await result((g) => g.op("ReduceSumSquare", [floats(g, [1, -2, 3])], { noop_with_empty_axes: 1 }));
    expect(y).toEqual({ shape: [3], data: [1, 4, 9] });
  });

  test("Neg, Abs, Sign and Relu of integers were refused", async () => {
    for (const [op, wanted] of [
      ["Neg", [3, -4]],
      ["Abs", [3, 4]],
      ["Sign", [-1, 1]],
      ["Relu", [0, 4]],
    ] as const) {
      const y = await result((g) => call(g, op, [g.constant({ dtype: "int32", shape: [2], data: [-3, 4] })]));
      expect(y.data, op).toEqual(wanted);
    }
  });

  test.each<readonly [readonly Dim[], readonly number[], 0 | 1, readonly Dim[]]>([
    [empty, [0, 3], 0, [0, 3]],
    [empty, [3, 0], 1, [3, 0]],
    [empty, [-1, 4], 0, [0, 4]],
    [empty, [3, -1], 0, [3, 0]],
    [["N", 0], [0, 0], 0, ["N", 0]],
    [["N", 0], [7, 0], 1, [7, 0]],
    [["N", 0, 2], [-1, 2], 0, [0, 2]],
  ])("a reshape of the empty %j to %j, allowzero %i, was refused", async (shape, target, allowzero, wanted) => {
    const g = graphBuilder("empty");
    const x = g.input("x", "float32", shape);
    const y = g.op("Reshape", [x, g.ints(target)], { allowzero });
    expect(y.shape).toEqual(wanted);
    const [dx = x] = differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [x]);
    g.output("y", y);
    g.output("dx", dx);
    const results = await runOnce(g.build(), { x: { dtype: "float32", shape: atBatch(shape, 2), data: [] } });
    expect(named(results, "y").shape).toEqual(atBatch(wanted, 2));
    expect(named(results, "dx").shape).toEqual(atBatch(shape, 2));
  });

  test("a Reshape to b·t rows, as PyTorch's view(b*t, -1) is exported, was refused", () => {
    const g = graphBuilder("view");
    const x = g.input("x", "float32", ["N", "T", 3, 4]);
    const [b, t] = [0, 1].map((axis) => g.op("Shape", [x], { start: axis, end: axis + 1 }));
    const rows = g.op("Mul", [b ?? x, t ?? x]);
    expect(g.op("Reshape", [x, g.op("Concat", [rows, g.ints([-1])], { axis: 0 })]).shape).toEqual(["N*T", 12]);
  });

  test("bounds of Clip got no gradient", async () => {
    const clipped = (g: GraphBuilder, x: Value) => {
      const low = g.op("ReduceMin", [x], { keepdims: 0 });
      return g.op("Clip", [floats(g, [-9, 9, -8]), low]);
    };
    expect(await gradientAt([1, 2], clipped)).toEqual([2, 0]);
  });
});

describe("what onnxruntime would not run is refused", () => {
  type Build = (g: GraphBuilder, x: Value) => unknown;
  const cases: readonly (readonly [string, Build, RegExp])[] = [
    ["axes of rank 0", (g, x) => g.op("ReduceSum", [x, g.scalar(0, "int64")]), /has rank 0 .*expected rank 1/],
    ["axes of Squeeze of rank 0", (g, x) => g.op("Squeeze", [x, g.scalar(0, "int64")]), /has rank 0 .*expected rank 1/],
    ["axes that repeat", (g, x) => g.op("ReduceSum", [x, g.ints([1, -1])]), /axes \[1,1\] repeat/],
    ["an axis to squeeze that is longer", (g, x) => g.op("Squeeze", [x, g.ints([1])]), /has length 4; expected 1/],
    ["a shape of rank 0", (g, x) => g.op("Reshape", [x, g.scalar(4, "int64")]), /has rank 0 .*expected rank 1/],
    ["a 0 beyond the axes", (g, x) => g.op("Reshape", [x, g.ints([-1, 4, 0])]), /the 0 in \[-1,4,0\] has no axis/],
    ["0 and -1 with allowzero", (g, x) => g.op("Reshape", [x, g.ints([0, -1])], { allowzero: 1 }), /-1 is not known/],
    ["a negative length", (g, x) => g.op("Reshape", [x, g.ints([-2, 4])]), /holds a negative length/],
    ["-1 beside a length of 0", (g) => g.op("Reshape", [g.input("e", "float32", empty), g.ints([0, -1])]), /cannot be/],
    ["an axis of Flatten", (g, x) => g.op("Flatten", [x], { axis: 3 }), /axis 3 is outside/],
    ["an order of too few axes", (g, x) => g.op("Transpose", [x], { perm: [0] }), /an order of the 2 axes/],
    ["an order with an axis twice", (g, x) => g.op("Transpose", [x], { perm: [1, 1] }), /an order of the 2 axes/],
    ["MatMul of a scalar", (g, x) => g.op("MatMul", [x, g.scalar(1)]), /has rank 0; expected 1 or more/],
    ["MatMul of a vector", (g, x) => g.op("MatMul", [x, floats(g, [1, 2])]), /differ in the inner length: 4 and 2/],
    ["MatMul of two types", (g, x) => g.op("MatMul", [x, g.ints([1, 2, 3, 4])]), /expected one type/],
    ["batches that differ", (g) => batches(g, [2, 3, 4], [3, 4, 2]), /do not broadcast/],
    ["Softmax of a scalar", (g) => g.op("Softmax", [g.scalar(1)]), /axis -1 is outside/],
    ["CumSum of a scalar", (g) => g.op("CumSum", [g.scalar(1), g.scalar(0, "int64")]), /has rank 0/],
    ["CumSum along no axis", (g, x) => g.op("CumSum", [x, g.scalar(2, "int64")]), /axis 2 is outside/],
    ["Mod of floats without fmod", (g, x) => g.op("Mod", [x, x]), /expected fmod 1/],
    ["an addend that is larger", (g, x) => addend(g, x, [3, 1, 1]), /expected what broadcasts to \[N,2\]/],
    ["an addend that does not fit", (g, x) => addend(g, x, [3]), /expected what broadcasts to \[N,2\]/],
    ["a bound of rank 1", (g, x) => g.op("Clip", [x, floats(g, [1])]), /the bound .* is float32 \[1\]/],
    ["a bound of another type", (g, x) => g.op("Clip", [x, undefined, g.scalar(1, "int64")]), /the bound .* is int64/],
    ["Range in steps of 0", (g) => range(g, 0, 3, 0), /delta is 0/],
    ["Range up to what is computed", (g, x) => rangeTo(g, g.op("ReduceSum", [x], { keepdims: 0 })), /is computed/],
    ["Range up to a vector", (g, x) => rangeTo(g, x), /is \[N,4\]; expected \[\]/],
    ["Range of two types", (g) => g.op("Range", [g.scalar(0), g.scalar(1), g.scalar(1, "int64")]), /one type/],
    ["Expand that does not fit", (g, x) => g.op("Expand", [x, g.ints([3])]), /cannot expand to \[3\]/],
    [
      "Expand to a computed shape",
      (g, x) => g.op("Expand", [x, g.op("Cast", [g.op("Flatten", [x])], { to: "int64" })]),
      /has rank 2/,
    ],
    ["a filling of two", (g) => filled(g, [1, 2]), /holds 2 elements; expected 1/],
    ["OneHot without off", (g) => hot(g, [1]), /has to hold \[off, on\]/],
    [
      "OneHot of types without kernel",
      (g) => g.op("OneHot", [g.ints([0]), g.scalar(3), floats(g, [0, 1])]),
      /expected one of/,
    ],
    ["ArgMax of a scalar", (g) => g.op("ArgMax", [g.scalar(1)]), /axis 0 is outside/],
    ["Where of two types", (g, x) => g.op("Where", [g.op("Equal", [x, x]), x, g.ints([1])]), /expected one type/],
    ["a condition that does not fit", (g, x) => conditioned(g, x), /does not broadcast/],
    ["Relu of int64", (g) => g.op("Relu", [g.ints([1])]), /no kernel for int64/],
  ];

  const scalars = (g: GraphBuilder, values: readonly number[]) => values.map((value) => g.scalar(value, "int64"));
  function range(g: GraphBuilder, ...values: readonly [number, number, number]) {
    const [start, limit, delta] = scalars(g, values);
    return start && limit && delta && g.op("Range", [start, limit, delta]);
  }
  function rangeTo(g: GraphBuilder, limit: Value) {
    return g.op("Range", [g.scalar(0), limit, g.scalar(1)]);
  }
  function batches(g: GraphBuilder, a: readonly Dim[], b: readonly Dim[]) {
    return g.op("MatMul", [g.input("a", "float32", a), g.input("b", "float32", b)]);
  }
  function addend(g: GraphBuilder, x: Value, shape: readonly Dim[]) {
    return g.op("Gemm", [x, g.input("w", "float32", [4, 2]), g.input("c", "float32", shape)]);
  }
  function filled(g: GraphBuilder, data: readonly number[]) {
    return g.op("ConstantOfShape", [g.ints([3])], { value: { dtype: "int64", shape: [data.length], data } });
  }
  function hot(g: GraphBuilder, values: readonly number[]) {
    return g.op("OneHot", [g.ints([0]), g.scalar(3, "int64"), floats(g, values)]);
  }
  function conditioned(g: GraphBuilder, x: Value) {
    return g.op("Where", [g.constant({ dtype: "bool", shape: [3], data: [0, 1, 0] }), x, x]);
  }

  test.each(cases)("%s", (_name, build, message) => {
    const g = graphBuilder("refused");
    expect(() => build(g, g.input("x", "float32", ["N", 4]))).toThrow(message);
  });
});

describe("places where a gradient has to be chosen", () => {
  test("the norm of zeros: 0, as in PyTorch", async () => {
    expect(await gradientAt([0, 0], (g, x) => g.op("ReduceL2", [x]))).toEqual([0, 0]);
  });

  test("ties of ReduceMax and ReduceMin share", async () => {
    expect(await gradientAt([2, 1, 2], (g, x) => g.op("ReduceMax", [x]))).toEqual([0.5, 0, 0.5]);
    expect(await gradientAt([1, 1, 2], (g, x) => g.op("ReduceMin", [x]))).toEqual([0.5, 0.5, 0]);
  });

  test("of ties of Max the first takes all", async () => {
    const tied = (g: GraphBuilder, x: Value) => g.op("Max", [floats(g, [1, 2]), x, g.op("Mul", [x, g.scalar(1)])]);
    expect(await gradientAt([1, 2], tied)).toEqual([0, 0]);
    expect(await gradientAt([3, 4], tied)).toEqual([1, 1]);
  });

  test("on the bounds of Clip x takes it", async () => {
    expect(await gradientAt([-1, 0, 1], (g, x) => g.op("Clip", [x, g.scalar(-1), g.scalar(1)]))).toEqual([1, 1, 1]);
  });

  test("at the kinks of rectifiers, as in PyTorch", async () => {
    const at0 = async (op: string) => (await gradientAt([0], (g, x) => call(g, op, [x])))[0];
    expect(await at0("Relu")).toBe(0);
    expect(await at0("Abs")).toBe(0);
    expect(await at0("Elu")).toBe(1);
    expect(await at0("LeakyRelu")).toBeCloseTo(0.01, 6);
    expect(await gradientAt([-2.5, 2.5], (g, x) => g.op("HardSigmoid", [x]))).toEqual([0, 0]);
    expect(await gradientAt([1], (g, x) => g.op("ThresholdedRelu", [x]))).toEqual([0]);
  });

  test("powers of 0: no NaN", async () => {
    expect(await gradientAt([0, 0, 0], (g, x) => g.op("Pow", [x, floats(g, [0, 1, 2])]))).toEqual([0, 1, 0]);
    expect(await gradientAt([0, 2], (g, x) => g.op("Pow", [floats(g, [0, 0]), x]))).toEqual([0, 0]);
  });

  test("Elu far to the right stays finite", async () => {
    for (const op of ["Elu", "Selu", "Celu"]) {
      const [dx = Number.NaN] = await gradientAt([3e38], (g, x) => call(g, op, [x]));
      expect(dx, op).toBeCloseTo(op === "Selu" ? 1.0507 : 1, 4);
    }
  });
});

describe("decompositions give what the kernels give", () => {
  const rows: readonly (readonly [string, Operator])[] = Object.entries(operators);
  const cases = rows.filter(([, { decompose }]) => decompose).flatMap(([op]) => gradientCases[op] ?? []);
  test.each(cases)("$name", async ({ inputs, build, rows: batch = 2 }) => {
    const g = graphBuilder("decomposition");
    const x = Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, g.input(name, "float32", shape)]),
    );
    g.output("kernel", build(g, x));
    const node = [...g.nodes]
      .reverse()
      .find(({ op }) => rows.some(([name, { decompose }]) => name === op && decompose));
    if (!node) throw new Error("no node to decompose");
    const [whole] = node.outputs;
    const [parts] = decomposed(g, node);
    if (whole) g.output("whole", whole);
    if (parts) g.output("parts", parts);
    const random = generator(5);
    const feeds = Object.entries(inputs).map(([name, shape]) => {
      const sizes = atBatch(shape, batch);
      return [name, { dtype: "float32" as const, shape: sizes, data: uniform(sizes, random, [-3, 3]) }] as const;
    });
    const results = await runOnce(g.build(), Object.fromEntries(feeds));
    const [found, wanted] = [named(results, "parts"), named(results, "whole")];
    expect(found.shape).toEqual(wanted.shape);
    for (const [index, value] of found.data.entries()) expect(value).toBeCloseTo(wanted.data[index] ?? Number.NaN, 5);
  });
});

describe("gradients keep the forms that were measured", () => {
  function backward(shapes: readonly (readonly Dim[])[], build: (g: GraphBuilder, x: readonly Value[]) => Value) {
    const g = graphBuilder("form");
    const x = shapes.map((shape, index) => g.input(`x${index}`, "float32", shape));
    const loss = g.op("ReduceSum", [build(g, x)], { keepdims: 0 });
    const before = g.nodes.length;
    differentiate(g, loss, x);
    return g.nodes.slice(before).map(({ op }) => op);
  }
  const product = (g: GraphBuilder, [a, b]: readonly Value[]) => (a && b ? g.op("MatMul", [a, b]) : g.scalar(0));

  test("the right factor of a matrix product: one Gemm over all rows", () => {
    expect(
      backward(
        [
          ["N", 4],
          [4, 3],
        ],
        product,
      ),
    ).toEqual(["Unsqueeze", "Shape", "Expand", "Transpose", "MatMul", "Gemm"]);
    expect(
      backward(
        [
          ["N", 5, 4],
          [4, 3],
        ],
        product,
      ).slice(-3),
    ).toEqual(["Reshape", "Reshape", "Gemm"]);
    expect(
      backward(
        [
          ["N", 5, 4],
          ["N", 4, 3],
        ],
        product,
      ),
    ).not.toContain("Gemm");
  });

  test("masks are products with a comparison, not Where", () => {
    for (const op of ["Relu", "LeakyRelu", "Elu", "Selu", "HardSigmoid", "ThresholdedRelu", "Max"]) {
      expect(
        backward([["N", 4]], (g, x) => call(g, op, x)),
        op,
      ).not.toContain("Where");
    }
  });

  test("a fixed power: one Pow at most", () => {
    const power = (value: number) =>
      backward([["N", 4]], (g, [x]) => (x ? g.op("Pow", [x, g.scalar(value)]) : g.scalar(0)));
    expect(power(1)).toEqual(["Unsqueeze", "Shape", "Expand"]);
    expect(power(2)).toEqual(["Unsqueeze", "Shape", "Expand", "Mul", "Mul"]);
    expect(power(3)).toEqual(["Unsqueeze", "Shape", "Expand", "Pow", "Mul", "Mul"]);
  });
});

describe("reshapeLike", () => {
  const nodes = (shape: readonly Dim[], like: readonly Dim[]) => {
    const g = graphBuilder("like");
    const y = reshapeLike(g, g.input("x", "float32", shape), g.input("like", "float32", like));
    expect(y.shape).toEqual(like);
    return g.nodes.map(({ op }) => op);
  };
  test("uses a constant where one length at most is unknown, else the shape", () => {
    expect(nodes([12], [3, 4])).toEqual(["Reshape"]);
    expect(nodes(["4N"], ["N", 4])).toEqual(["Reshape"]);
    expect(nodes(["N*T"], ["N", "T"])).toEqual(["Shape", "Reshape"]);
    expect(nodes(["N", 0], [0, "N"])).toEqual(["Shape", "Reshape"]);
    expect(nodes([3, 0], [0, 3])).toEqual(["Reshape"]);
  });
});
