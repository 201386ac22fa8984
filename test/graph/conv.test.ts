import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { length } from "../../runtime/graph/lengths.js";
import type { Attributes, Dim } from "../../runtime/graph/types.js";
import { call } from "./cases/case.js";
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
    build: (g, { x, w, b }) => call(g, "Conv", [x, w, b], attributes),
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
      const loss = g.op("ReduceSum", [call(g, "Conv", [x, w], attributes), g.ints([0, 1, 2, 3])], { keepdims: 0 });
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

  /** The operators of a weight gradient. */
  function weightNodes(x: readonly Dim[], w: readonly number[], attributes: Attributes = {}): readonly string[] {
    const g = graphBuilder("nodes");
    const weights = g.input("w", "float32", w);
    const y = call(g, "Conv", [g.input("x", "float32", x), weights], attributes);
    const loss = g.op("ReduceSum", [y, g.ints(x.map((_, axis) => axis))], { keepdims: 0 });
    const before = g.nodes.length;
    differentiate(g, loss, [weights]);
    return g.nodes.slice(before).map(({ op }) => op);
  }

  test("large kernels take several cells at once, the largest and those in groups one Conv", () => {
    const forms = (x: readonly Dim[], w: readonly number[], attributes?: Attributes) => {
      const ops = weightNodes(x, w, attributes);
      return (["Gather", "MatMul", "Conv"] as const).map((wanted) => ops.filter((op) => op === wanted).length);
    };
    expect(forms(["N", 16, 8, 8], [4, 16, 4, 4])).toEqual([0, 16, 0]);
    expect(forms(["N", 20, 12, 12], [50, 20, 5, 5])).toEqual([13, 13, 0]);
    expect(forms(["N", 16, 9, 9], [4, 16, 6, 8])).toEqual([16, 16, 0]);
    expect(forms(["N", 16, 9, 9], [4, 16, 7, 7])).toEqual([0, 0, 1]);
    expect(forms(["N", 15, 9, 9], [4, 15, 5, 5])).toEqual([0, 0, 1]);
    expect(forms(["N", 16, 200, 200], [4, 16, 5, 5])).toEqual([0, 0, 1]);
    expect(forms(["N", 16, "T"], [4, 16, 20])).toEqual([0, 0, 1]);
    expect(forms(["N", 16, 9, 9], [16, 1, 3, 4], { group: 16 })).toEqual([0, 0, 1]);
  });

  test("no kernel makes more than 64 nodes", () => {
    const counts: number[] = [];
    for (const length of [1, 2, 3, 4, 5, 6, 7, 9, 11, 16, 17, 31]) {
      for (const rank of [1, 2, 3].slice(0, length > 11 ? 2 : 3)) {
        for (const channels of [1, 3, 16, 96]) {
          const kernel = new Array<number>(rank).fill(length);
          const x = ["N", channels, ...kernel.map(() => length + 4)];
          const pads = kernel.flatMap(() => [1, 1]);
          counts.push(weightNodes(x, [channels, channels, ...kernel], { pads }).length);
          counts.push(weightNodes(x, [2 * channels, 1, ...kernel], { pads, group: channels }).length);
        }
      }
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(64);
  });

  const refused: readonly (readonly [string, readonly Dim[], readonly Dim[], Attributes, RegExp])[] = [
    ["Conv", ["N", 3, 7, 7], [4, 2, 3, 3], {}, /has 3 channels; expected 2 \(weights \[4,2,3,3\], group 1\)/],
    ["Conv", ["N", 4, 7], [3, 2, 3], { group: 2 }, /3 filters do not divide into 2 groups/],
    ["Conv", ["N", 4, 7], [4, 4, 3], { group: 0 }, /group is 0; expected 1 or more/],
    ["Conv", ["N", 4], [4, 4], {}, /expected \[N, channels, …\]/],
    ["Conv", ["N", 4, 7], [4, 4, 3, 3], {}, /has rank 4/],
    ["Conv", ["N", 4, 7], [4, 4, 3], { kernel_shape: [2] }, /kernel_shape is \[2\]; the weights have \[3\]/],
    [
      "Conv",
      ["N", 4, 7],
      [4, 4, 8],
      {},
      /a kernel of extent 8 does not fit spatial axis 0 of length 7 \(7 with pads\)/,
    ],
    ["Conv", ["N", 4, 7], [4, 4, 0], {}, /the weights have the lengths \[0\]; expected 1 or more/],
    ["ConvTranspose", ["N", 3, 7], [4, 2, 3], {}, /has 3 channels; expected 4 in 1 groups/],
    [
      "ConvTranspose",
      ["N", 4, 7],
      [4, 2, 3],
      { output_padding: [0, 1] },
      /output_padding is \[0,1\]; expected 1 lengths/,
    ],
    [
      "ConvTranspose",
      ["N", 4, 7],
      [4, 2, 3],
      { strides: [2], output_padding: [2] },
      /is \[2\]; expected 1 lengths below/,
    ],
    ["ConvTranspose", ["N", 4, 1], [4, 2, 2], { pads: [1, 1] }, /axis 0 of the result would have length 0/],
  ];
  test.each(refused)("%s of %j by %j %j is refused", (op, x, w, attributes, message) => {
    const g = graphBuilder("refused");
    const inputs = [g.input("x", "float32", x), g.input("w", "float32", w)];
    expect(() => call(g, op, inputs, attributes)).toThrow(message);
  });

  test("lengths that are not known beforehand are inferred, and a gradient that needs them says so", () => {
    const g = graphBuilder("lengths");
    const x = g.input("x", "float32", ["N", 3, "T", "2S"]);
    const w = g.input("w", "float32", [4, 3, 3, 2]);
    const spatial = (attributes: Attributes, op = "Conv", input = x) =>
      call(g, op, [input, w], attributes).shape.slice(2);
    expect(spatial({})).toEqual(["T - 2", "2S - 1"]);
    expect(spatial({ strides: [2, 2], pads: [1, 0, 1, 0] })).toEqual([length("floor((T - 1)/2) + 1"), "S"]);
    expect(spatial({ strides: [2, 1], auto_pad: "SAME_LOWER" })).toEqual([length("floor((T + 1)/2)"), "2S"]);
    const y = g.input("y", "float32", ["N", 4, "T", "2S"]);
    expect(spatial({ strides: [2, 3], pads: [1, 0, 0, 0] }, "ConvTranspose", y)).toEqual(["2T", "6S - 1"]);
    const strided = call(g, "Conv", [x, w], { strides: [2, 2] });
    const loss = g.op("ReduceSum", [strided, g.ints([0, 1, 2, 3])], { keepdims: 0 });
    expect(() => differentiate(g, loss, [x])).toThrow(/what windows leave out of spatial axis 0 of length T is/);
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
