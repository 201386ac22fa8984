import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import type { Attributes } from "../../runtime/graph/types.js";
import { difference, type GradientCase, named, runOnce } from "./support.js";

const windows: readonly Attributes[] = [
  { kernel_shape: [2, 2], strides: [2, 2] },
  { kernel_shape: [2, 3], strides: [2, 3] },
  { kernel_shape: [2, 2], strides: [3, 3] },
  { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1] },
  { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] },
  { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
  { kernel_shape: [3, 3], strides: [2, 2] },
  { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
  { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
  { kernel_shape: [3, 2], strides: [1, 1], pads: [2, 0, 1, 1] },
  { kernel_shape: [3, 3], strides: [1, 2], dilations: [2, 1] },
  { kernel_shape: [2, 2], strides: [3, 3], dilations: [2, 2] },
  { kernel_shape: [7, 9], strides: [1, 1] },
];

function poolCase(op: string, attributes: Attributes): GradientCase {
  return {
    name: JSON.stringify(attributes),
    inputs: { x: ["N", 2, 7, 9] },
    build: (g, { x }) => g.op(op, [x], attributes),
    ...(op === "MaxPool" && { values: "apart" as const }),
  };
}

function gradientOf(attributes: Attributes, shape: readonly number[], data: readonly number[]) {
  const g = graphBuilder("ties");
  const x = g.input("x", "float32", ["N", ...shape.slice(1)]);
  const y = g.op("MaxPool", [x], attributes);
  const loss = g.op("ReduceSum", [y, g.ints([0, 1, 2, 3])], { keepdims: 0 });
  const [dx] = differentiate(g, loss, [x]);
  if (dx) g.output("dx", dx);
  return runOnce(g.build(), { x: { dtype: "float32", shape, data } }).then((result) => named(result, "dx").data);
}

describe("MaxPool", () => {
  test.each(windows)("the gradient for %j agrees with central differences", async (attributes) => {
    expect((await difference(poolCase("MaxPool", attributes))).error).toBeLessThan(2e-4);
  });

  test("the first of equal values takes the whole gradient, in windows that tile and in windows that overlap", async () => {
    const tiles = await gradientOf({ kernel_shape: [2, 2], strides: [2, 2] }, [1, 1, 2, 4], [1, 1, 5, 7, 1, 1, 7, 7]);
    expect(tiles).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
    const overlapping = await gradientOf({ kernel_shape: [1, 2], strides: [1, 1] }, [1, 1, 1, 4], [3, 3, 3, 3]);
    expect(overlapping).toEqual([1, 1, 1, 0]);
  });

  test("a value that wins several windows gets the gradients of all, in every row and channel", async () => {
    const data = Array.from({ length: 2 * 2 * 3 }, (_, index) => (index % 3 === 1 ? 9 : 0));
    expect(await gradientOf({ kernel_shape: [1, 2], strides: [1, 1] }, [2, 2, 1, 3], data)).toEqual(
      data.map((value) => (value === 9 ? 2 : 0)),
    );
  });
});

describe("AveragePool", () => {
  const all = windows.flatMap((attributes) => [attributes, { ...attributes, count_include_pad: 1 }]);
  test.each(all)("the gradient for %j agrees with central differences", async (attributes) => {
    expect((await difference(poolCase("AveragePool", attributes))).error).toBeLessThan(2e-4);
  });

  test("windows that tile the data need no convolution", () => {
    const g = graphBuilder("tiles");
    const x = g.input("x", "float32", ["N", 2, 7, 9]);
    const y = g.op("AveragePool", [x], { kernel_shape: [2, 2], strides: [2, 2] });
    differentiate(g, g.op("ReduceSum", [y, g.ints([0, 1, 2, 3])], { keepdims: 0 }), [x]);
    expect(g.nodes.some(({ op }) => op === "ConvTranspose")).toBe(false);
  });
});

describe("gradients at kinks", () => {
  async function slopes(op: string, attributes: Attributes, data: readonly number[]) {
    const g = graphBuilder("kinks");
    const x = g.input("x", "float32", [data.length]);
    const loss = g.op("ReduceSum", [g.op(op, [x], attributes), g.ints([0])], { keepdims: 0 });
    const [dx] = differentiate(g, loss, [x]);
    if (dx) g.output("dx", dx);
    return named(await runOnce(g.build(), { x: { dtype: "float32", shape: [data.length], data } }), "dx").data;
  }

  test("Relu has slope 0 at 0, LeakyRelu alpha, Elu alpha, Abs 0", async () => {
    expect(await slopes("Relu", {}, [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(await slopes("LeakyRelu", { alpha: 0.25 }, [-1, 0, 2])).toEqual([0.25, 0.25, 1]);
    expect((await slopes("Elu", { alpha: 0.5 }, [0, 2])).map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      0.5, 1,
    ]);
    expect(await slopes("Abs", {}, [-1, 0, 2])).toEqual([-1, 0, 1]);
  });

  test("of equal inputs the first of Max takes the gradient, and equal maxima of ReduceMax share it", async () => {
    const g = graphBuilder("ties");
    const [a, b] = [g.input("a", "float32", [2]), g.input("b", "float32", [2])];
    const loss = g.op("ReduceSum", [g.op("Max", [a, b]), g.ints([0])], { keepdims: 0 });
    const [da, db] = differentiate(g, loss, [a, b]);
    if (da) g.output("da", da);
    if (db) g.output("db", db);
    const ties = { dtype: "float32" as const, shape: [2], data: [1, 3] };
    const result = await runOnce(g.build(), { a: ties, b: { ...ties, data: [1, 4] } });
    expect(named(result, "da").data).toEqual([1, 0]);
    expect(named(result, "db").data).toEqual([0, 1]);
    expect(await slopes("ReduceMax", { keepdims: 1 }, [2, 5, 5])).toEqual([0, 0.5, 0.5]);
  });
});
