import { describe, expect, test } from "vitest";
import { extendGraph, graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { prepareGradients } from "../../runtime/graph/passes/by-row.js";
import { rewrite } from "../../runtime/graph/passes/rewrite.js";
import type { Attributes, Dim } from "../../runtime/graph/types.js";
import { call } from "./cases/case.js";
import { difference, type GradientCase, named, runOnce } from "./support.js";

const windows: readonly Attributes[] = [
  { kernel_shape: [2, 2], strides: [2, 2] },
  { kernel_shape: [2, 3], strides: [2, 3] },
  { kernel_shape: [2, 2], strides: [3, 3] },
  { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1] },
  { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] },
  { kernel_shape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1] },
  { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
  { kernel_shape: [3, 3], strides: [2, 2] },
  { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
  { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
  { kernel_shape: [3, 2], strides: [1, 1], pads: [2, 0, 1, 1] },
  { kernel_shape: [3, 3], strides: [1, 2], dilations: [2, 1] },
  { kernel_shape: [2, 2], strides: [3, 3], dilations: [2, 2] },
  { kernel_shape: [2, 2], strides: [2, 2], dilations: [2, 2] },
  { kernel_shape: [7, 9], strides: [1, 1] },
];

function poolCase(op: string, attributes: Attributes): GradientCase {
  return {
    name: JSON.stringify(attributes),
    inputs: { x: ["N", 2, 7, 9] },
    build: (g, { x }) => call(g, op, [x], attributes),
    ...(op === "MaxPool" && { values: "apart" as const }),
  };
}

function gradientOf(attributes: Attributes, shape: readonly number[], data: readonly number[]) {
  const g = graphBuilder("ties");
  const x = g.input("x", "float32", ["N", ...shape.slice(1)]);
  const y = call(g, "MaxPool", [x], attributes);
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
    const wide = await gradientOf({ kernel_shape: [2, 3], strides: [2, 3] }, [1, 1, 2, 6], new Array(12).fill(1));
    expect(wide).toEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    const lower = await gradientOf({ kernel_shape: [3, 2], strides: [3, 2] }, [1, 1, 3, 2], [1, 1, 1, 2, 2, 2]);
    expect(lower).toEqual([0, 0, 0, 1, 0, 0]);
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

describe("MaxPool's forms", () => {
  function nodesOf(attributes: Attributes, shape: readonly Dim[]): readonly string[] {
    const g = graphBuilder("forms");
    const x = g.input("x", "float32", shape);
    const y = call(g, "MaxPool", [x], attributes);
    const before = g.nodes.length;
    differentiate(g, g.op("ReduceSum", [y, g.ints(shape.map((_, axis) => axis))], { keepdims: 0 }), [x]);
    return g.nodes.slice(before).map(({ op }) => op);
  }

  test("windows that tile from the first cell are marked by place, other disjoint ones unpooled, else gradients added", () => {
    const tiling = { kernel_shape: [2, 2], strides: [2, 2] };
    const formOf = (attributes: Attributes, shape: readonly Dim[]) =>
      nodesOf(attributes, shape).find((op) => ["Resize", "MaxUnpool", "ScatterElements"].includes(op));
    expect(formOf(tiling, ["N", 2, 6, 6])).toBe("Resize");
    expect(formOf({ ...tiling, auto_pad: "SAME_UPPER" }, ["N", 2, 6, 6])).toBe("Resize");
    expect(formOf(tiling, ["N", 2, 7, 6])).toBe("MaxUnpool");
    expect(formOf({ ...tiling, pads: [1, 1, 0, 0] }, ["N", 2, 6, 6])).toBe("MaxUnpool");
    expect(formOf({ ...tiling, auto_pad: "SAME_LOWER" }, ["N", 2, 7, 6])).toBe("MaxUnpool");
    expect(formOf(tiling, ["N", 2, "2T", 6])).toBe("MaxUnpool");
    expect(formOf({ kernel_shape: [3, 3], strides: [2, 2] }, ["N", 2, 7, 7])).toBe("ScatterElements");
    expect(formOf({ kernel_shape: [3, 3], strides: [2, 2], auto_pad: "SAME_UPPER" }, ["N", 2, "T", 7])).toBe(
      "ScatterElements",
    );
  });

  test("a pool whose indices the gradient needs gives them beforehand, and is computed once", () => {
    const g = graphBuilder("indices");
    const x = g.input("x", "float32", ["N", 2, 7]);
    const overlapping = g.op("MaxPool", [x], { kernel_shape: [3], strides: [2] });
    const tiling = g.op("MaxPool", [overlapping], { kernel_shape: [3], strides: [3] });
    g.output("y", tiling);
    const prepared = rewrite(g.build(), prepareGradients(["x"]));
    expect(prepared.nodes.map(({ outputs }) => outputs.length)).toEqual([2, 1]);
    const r = extendGraph(prepared);
    const [first] = prepared.outputs;
    if (first) differentiate(r, r.op("ReduceSum", [first.value, r.ints([0, 1, 2])], { keepdims: 0 }), [x]);
    expect(r.nodes.filter(({ op, inputs }) => op === "MaxPool" && inputs[0] === x)).toHaveLength(1);
  });

  test("a window that lies in pads alone has no gradient", async () => {
    const attributes = { kernel_shape: [1, 2], dilations: [1, 2], pads: [0, 1, 0, 1] };
    expect(await gradientOf(attributes, [2, 2, 1, 1], [1, 2, 3, 4])).toEqual([0, 0, 0, 0]);
    expect(await gradientOf({ ...attributes, strides: [1, 3] }, [2, 2, 1, 1], [1, 2, 3, 4])).toEqual([0, 0, 0, 0]);
    expect(await gradientOf(attributes, [1, 2, 1, 2], [1, 2, 3, 4])).toEqual([1, 1, 1, 1]);
  });
});

describe("pools are refused", () => {
  const refused: readonly (readonly [string, Attributes, readonly Dim[], RegExp])[] = [
    ["MaxPool", { kernel_shape: [2], storage_order: 1 }, ["N", 2, 7], /storage_order" is 1; expected one of 0/],
    ["MaxPool", { kernel_shape: [2, 2] }, ["N", 2, 7], /kernel_shape is \[2,2\]; expected 1 lengths of 1 or more/],
    ["MaxPool", { kernel_shape: [0] }, ["N", 2, 7], /kernel_shape is \[0\]; expected 1 lengths of 1 or more/],
    ["AveragePool", { kernel_shape: [2], pads: [0, 2] }, ["N", 2, 7], /pads \[0,2\] are not smaller than the kernel/],
    ["AveragePool", { kernel_shape: [2], strides: [0] }, ["N", 2, 7], /strides holds 0; expected 1 or more/],
    ["AveragePool", { kernel_shape: [2], dilations: [1, 1] }, ["N", 2, 7], /dilations has 2 entries; expected 1/],
    ["AveragePool", { kernel_shape: [8] }, ["N", 2, 7], /a kernel of extent 8 does not fit spatial axis 0 of length 7/],
    ["AveragePool", { kernel_shape: [2] }, ["N", 2], /has shape \[N,2\]; expected \[N, channels, …\]/],
    ["MaxPool", { kernel_shape: [2], auto_pad: "SAME_UPPER", pads: [1, 0] }, ["N", 2, 7], /pads beside auto_pad/],
    ["MaxPool", { kernel_shape: [2], auto_pad: "FULL" }, ["N", 2, 7], /auto_pad" is "FULL"; expected one of NOTSET/],
    [
      "MaxPool",
      { kernel_shape: [2], auto_pad: "SAME_UPPER", dilations: [2], strides: [2] },
      ["N", 2, "T"],
      /the pad of "SAME_UPPER" for spatial axis 0 of length T is .*; expected a length known beforehand/,
    ],
  ];
  test.each(refused)("%s %j of %j", (op, attributes, shape, message) => {
    const g = graphBuilder("refused");
    expect(() => call(g, op, [g.input("x", "float32", shape)], attributes)).toThrow(message);
  });

  test("a gradient that needs lengths says which", () => {
    const g = graphBuilder("refused");
    const x = g.input("x", "float32", ["N", 2, "T"]);
    const y = g.op("AveragePool", [x], { kernel_shape: [3], strides: [2], pads: [1, 1] });
    const loss = g.op("ReduceSum", [y, g.ints([0, 1, 2])], { keepdims: 0 });
    expect(() => differentiate(g, loss, [x])).toThrow(/windows reach over the data's lengths \[T\]; expected lengths/);
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
    const loss = g.op("ReduceSum", [call(g, op, [x], attributes), g.ints([0])], { keepdims: 0 });
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
