import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import type { Attributes } from "../../runtime/graph/types.js";
import { difference, type GradientCase, generator, named, runOnce, sizeOf, uniform } from "./support.js";

interface Grid {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  /** Channels of x, filters, groups. */
  readonly channels: readonly [number, number, number];
}

const kernels: readonly Grid["kernel"][] = [
  [1, 1],
  [3, 3],
  [2, 3],
];
const moves: readonly Pick<Grid, "strides" | "dilations">[] = [
  { strides: [1, 1], dilations: [1, 1] },
  { strides: [2, 2], dilations: [1, 1] },
  { strides: [3, 2], dilations: [1, 2] },
  { strides: [1, 2], dilations: [2, 1] },
];
const pads: readonly Grid["pads"][] = [
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [2, 0, 1, 3],
];
const channels: readonly Grid["channels"][] = [
  [2, 3, 1],
  [4, 6, 2],
  [3, 3, 3],
  [2, 6, 2],
];

const grid: readonly Grid[] = kernels.flatMap((kernel) =>
  moves.flatMap((move) =>
    pads.flatMap((pad) => channels.map((counts) => ({ kernel, ...move, pads: pad, channels: counts }))),
  ),
);

function convCase({
  kernel,
  strides,
  pads: around,
  dilations,
  channels: [inputs, filters, group],
}: Grid): GradientCase {
  const attributes: Attributes = { strides, pads: around, dilations, group };
  return {
    name: JSON.stringify({ kernel, ...attributes }),
    inputs: { x: ["N", inputs, 7, 8], w: [filters, inputs / group, ...kernel], b: [filters] },
    build: (g, { x, w, b }) => g.op("Conv", [x, w, b], attributes),
  };
}

describe("Conv", () => {
  test.each([1, 2, 3])(
    "gradients agree with central differences for every kernel, stride, dilation, pad and group (part %i)",
    async (part) => {
      const failures: string[] = [];
      for (const [index, row] of grid.entries()) {
        if (index % 3 !== part - 1) continue;
        const gradientCase = convCase(row);
        const { error } = await difference(gradientCase, index + 1);
        if (!(error < 2e-4)) failures.push(`${gradientCase.name}: ${error}`);
      }
      expect(failures).toEqual([]);
    },
  );

  test("a pad wider than the kernel falls back to ConvTranspose and agrees too", async () => {
    const test = convCase({
      kernel: [1, 2],
      strides: [1, 1],
      pads: [1, 1, 1, 1],
      dilations: [1, 1],
      channels: [2, 2, 1],
    });
    expect((await difference(test)).error).toBeLessThan(2e-4);
  });

  test("only the gradients asked for are computed", () => {
    const g = graphBuilder("first layer");
    const x = g.input("x", "float32", ["N", 1, 28, 28]);
    const w = g.input("w", "float32", [20, 1, 5, 5]);
    const y = g.op("Conv", [x, w]);
    const before = g.nodes.length;
    const loss = g.op("ReduceSum", [y, g.ints([0, 1, 2, 3])], { keepdims: 0 });
    differentiate(g, loss, [w]);
    const added = g.nodes.slice(before + 1).map(({ op }) => op);
    expect(added.filter((op) => op === "Conv" || op === "ConvTranspose")).toEqual(["Conv"]);
  });

  test("the form of the gradients follows from what is fastest", () => {
    const opsOf = (kernel: number, attributes: Attributes, filters: readonly [number, number] = [3, 2]) => {
      const g = graphBuilder("forms");
      const x = g.input("x", "float32", ["N", 2, 8, 8]);
      const w = g.input("w", "float32", [...filters, kernel, kernel]);
      const loss = g.op("ReduceSum", [g.op("Conv", [x, w], attributes), g.ints([0, 1, 2, 3])], { keepdims: 0 });
      const before = g.nodes.length;
      differentiate(g, loss, [x, w]);
      const added = g.nodes.slice(before).map(({ op }) => op);
      return added.filter((op) => ["Conv", "ConvTranspose", "Gemm", "MatMul", "Mul"].includes(op)).sort();
    };
    expect(opsOf(3, { pads: [1, 1, 1, 1] })).toEqual(["Conv", "ConvTranspose"]);
    expect(opsOf(3, {})).toEqual(["Conv", "ConvTranspose"]);
    expect(opsOf(3, { strides: [2, 2] })).toEqual(["Conv", "ConvTranspose"]);
    expect(opsOf(1, { strides: [2, 2] })).toEqual(["ConvTranspose", "Gemm"]);
    expect(opsOf(1, {})).toEqual(["ConvTranspose", "Gemm"]);
    expect(opsOf(2, { group: 2 }, [2, 1])).toEqual(["Conv", "Mul", "Mul", "Mul", "Mul"]);
  });

  test("the weight gradient of a batch is the sum of those of its rows", async () => {
    const g = graphBuilder("rows");
    const x = g.input("x", "float32", ["N", 2, 6, 6]);
    const w = g.input("w", "float32", [3, 2, 3, 3]);
    const y = g.op("Conv", [x, w], { strides: [2, 2], pads: [1, 1, 1, 1] });
    const loss = g.op("ReduceSum", [g.op("Mul", [y, y]), g.ints([0, 1, 2, 3])], { keepdims: 0 });
    const [dw] = differentiate(g, loss, [w]);
    if (dw) g.output("dw", dw);
    const graph = g.build();
    const random = generator(5);
    const weights = { dtype: "float32" as const, shape: [3, 2, 3, 3], data: uniform([3, 2, 3, 3], random) };
    const rows = uniform([3, 2, 6, 6], random);
    const part = (from: number, to: number) => {
      const shape = [to - from, 2, 6, 6];
      const data = rows.slice(from * 72, from * 72 + sizeOf(shape));
      return runOnce(graph, { x: { dtype: "float32", shape, data }, w: weights }).then(
        (result) => named(result, "dw").data,
      );
    };
    const whole = await part(0, 3);
    const parts = await Promise.all([part(0, 1), part(1, 2), part(2, 3)]);
    const worst = Math.max(
      ...whole.map((value, index) => Math.abs(value - parts.reduce((sum, one) => sum + (one[index] ?? 0), 0))),
    );
    expect(worst).toBeLessThan(1e-4);
  });
});
