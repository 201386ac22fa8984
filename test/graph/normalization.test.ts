import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { lowerOperators } from "../../runtime/graph/passes/by-row.js";
import { beforeGradients, simplify } from "../../runtime/graph/passes/index.js";
import { rewrite } from "../../runtime/graph/passes/rewrite.js";
import type { Attributes, Graph, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { hashedUniform } from "../layers/hashed.js";
import { call } from "./cases/case.js";
import { at } from "./cases/control.js";
import { type Feeds, generator, named, runOnce, sizeOf, uniform } from "./support.js";

interface RecordedCase {
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly y: readonly number[];
  readonly more: Readonly<Record<string, readonly number[]>>;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const file = new URL("../../fixtures/torch/normalization.json", import.meta.url);
const recorded = (JSON.parse(readFileSync(file, "utf8")) as { cases: readonly RecordedCase[] }).cases;
const salts: Readonly<Record<string, number>> = { x: 1, scale: 2, bias: 3, mean: 10, variance: 11 };

/** Of results that are about 1 in size. */
const tolerance = 1e-5;

function expectClose(found: readonly number[], expected: readonly number[], what: string): void {
  expect(found.length, what).toBe(expected.length);
  const errors = expected.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN)) / (1 + Math.abs(value)));
  expect(Math.max(...errors), what).toBeLessThan(tolerance);
}

/** The case with its whole result, running statistics, and gradients of Σ c·y; axis 0 of x is the batch. */
function graphOf({ op, attributes, inputs, more, gradients }: RecordedCase): Graph {
  const g = graphBuilder(op);
  const values = Object.entries(inputs).map(([name, shape]) =>
    g.input(name, "float32", name === "x" ? ["N", ...shape.slice(1)] : shape),
  );
  const outputs = g.node({ op, inputs: values, attributes, outputs: 1 + Object.keys(more).length });
  const [y, ...rest] = outputs;
  if (!y) throw new Error("no output");
  const c = g.input("c", "float32", y.shape);
  const loss = g.op("ReduceSum", [g.op("Mul", [y, c])], { keepdims: 0 });
  const wanted = Object.keys(gradients);
  const found = differentiate(
    g,
    loss,
    values.filter(({ name }) => wanted.includes(name)),
  );
  g.output("y", y);
  for (const [index, value] of rest.entries()) g.output(Object.keys(more)[index] ?? "", value);
  for (const [index, value] of found.entries()) g.output(`grad:${wanted[index]}`, value);
  return g.build();
}

function feedsOf({ inputs, y }: RecordedCase): Feeds {
  const filled = Object.entries(inputs).map(([name, shape]) => {
    const range = name === "variance" ? { low: 0.5, high: 1.5 } : undefined;
    return [name, { dtype: "float32" as const, shape, data: hashedUniform(sizeOf(shape), salts[name] ?? 0, range) }];
  });
  const shape = inputs.x ?? [];
  return {
    ...Object.fromEntries(filled),
    c: { dtype: "float32", shape, data: hashedUniform(y.length, 5) },
  };
}

describe("PyTorch computes the same", () => {
  test.each(recorded.map((entry) => ({ ...entry, name: `${entry.op} of [${entry.inputs.x}]` })))(
    "$name $attributes",
    async (entry) => {
      const feeds = feedsOf(entry);
      const found = await runOnce(graphOf(entry), feeds);
      expectClose(named(found, "y").data, entry.y, "y");
      for (const [name, gradient] of Object.entries(entry.gradients)) {
        expectClose(named(found, `grad:${name}`).data, gradient, name);
      }
      if (!entry.more.running_mean || !entry.more.running_var) return;
      expectClose(named(found, "running_mean").data, entry.more.running_mean, "running mean");
      expectClose(named(found, "running_var").data, biased(entry, feeds), "running variance");
    },
  );
});

/** PyTorch's running variance with its batch variance divided by the count instead of by count − 1. */
function biased({ inputs, more, attributes }: RecordedCase, feeds: Feeds): readonly number[] {
  const [rows = 1, channels = 1, ...rest] = inputs.x ?? [];
  const count = sizeOf([rows, ...rest]);
  const kept = Number(attributes.momentum);
  return Array.from({ length: channels }, (_, channel) => {
    const before = kept * (feeds.variance?.data[channel] ?? Number.NaN);
    return before + (((more.running_var?.[channel] ?? Number.NaN) - before) * (count - 1)) / count;
  });
}

/** Builds `build` on inputs named x, scale, bias, mean, variance. */
function graphWith(
  shape: readonly number[],
  build: (g: GraphBuilder, x: Value, perChannel: readonly Value[]) => Readonly<Record<string, Value>>,
): Graph {
  const g = graphBuilder("normalization");
  const x = g.input("x", "float32", shape);
  const channels = ["scale", "bias", "mean", "variance"].map((name) => g.input(name, "float32", [shape[1] ?? 1]));
  for (const [name, value] of Object.entries(build(g, x, channels))) g.output(name, value);
  return g.build();
}

function feeds(shape: readonly number[], around = 0): Feeds {
  const random = generator(7);
  const channels = [shape[1] ?? 1];
  const vector = () => ({ dtype: "float32" as const, shape: channels, data: uniform(channels, random, [0.5, 1.5]) });
  const x = { dtype: "float32" as const, shape, data: uniform(shape, random, [around - 1, around + 1]) };
  return { x, scale: vector(), bias: vector(), mean: vector(), variance: vector() };
}

/** Runs a graph as it is: with onnxruntime's own kernels. */
async function runKernels(graph: Graph, given: Feeds, opset?: number) {
  const session = await InferenceSession.create(toOnnx(graph, opset === undefined ? {} : { opset, irVersion: 10 }), {
    graphOptimizationLevel: "disabled",
  });
  const used = Object.entries(given).filter(([name]) => session.inputNames.includes(name));
  const tensors = used.map(
    ([name, { shape, data }]) => [name, new Tensor("float32", Float32Array.from(data), shape)] as const,
  );
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return { results, tensors: Object.fromEntries(tensors) };
}

const shape = [3, 4, 2, 3];

interface Written {
  readonly op: string;
  readonly attributes: Attributes;
  /** How many of scale, bias, mean and variance it takes. */
  readonly channels: number;
  readonly outputs: number;
  /** Of the kernel. */
  readonly opset: number;
}

const written: readonly Written[] = [
  {
    op: "BatchNormalization",
    attributes: { training_mode: 1, epsilon: 0.1, momentum: 0.6 },
    channels: 4,
    outputs: 3,
    opset: 20,
  },
  { op: "GroupNormalization", attributes: { num_groups: 2, epsilon: 0.1 }, channels: 2, outputs: 1, opset: 21 },
  { op: "LRN", attributes: { size: 3, alpha: 2, beta: 0.6, bias: 1.3 }, channels: 0, outputs: 1, opset: 20 },
  { op: "LRN", attributes: { size: 9 }, channels: 0, outputs: 1, opset: 20 },
];

describe("what is written in other operators equals onnxruntime's kernels", () => {
  test.each(written)("$op $attributes", async ({ op, attributes, channels, outputs, opset }) => {
    const graph = graphWith(shape, (g, x, perChannel) => {
      const made = g.node({ op, inputs: [x, ...perChannel.slice(0, channels)], attributes, outputs });
      return Object.fromEntries(made.map((value, index) => [`y${index}`, value]));
    });
    expect(rewrite(graph, lowerOperators).nodes.map((node) => node.op)).not.toContain(op);
    const { results } = await runKernels(graph, feeds(shape), opset);
    const found = await runOnce(graph, feeds(shape));
    for (const [name, { data }] of Object.entries(found)) {
      expectClose(data, Array.from(results[name]?.data ?? [], Number), name);
    }
  });

  test.each([
    ["MeanVarianceNormalization", {}],
    ["MeanVarianceNormalization", { axes: [1, -1] }],
    ["LpNormalization", { axis: 1 }],
    ["LpNormalization", { axis: 2, p: 1 }],
  ] as const)("%s %s, decomposed", async (op, attributes) => {
    const graph = graphWith(shape, (g, x) => ({ y: call(g, op, [x], attributes) }));
    const decomposed = beforeGradients(graph, ["x"]);
    expect(decomposed.nodes.map((node) => node.op)).not.toContain(op);
    const [kernel, written] = [await runOnce(graph, feeds(shape)), await runOnce(decomposed, feeds(shape))];
    expectClose(named(written, "y").data, named(kernel, "y").data, "y");
  });
});

describe("BatchNormalization in training", () => {
  const attributes = { training_mode: 1 } as const;
  const whole = (g: GraphBuilder, x: Value, [scale, bias, mean, variance]: readonly Value[]) => {
    if (!scale || !bias || !mean || !variance) throw new Error("an input is missing");
    return g.ops("BatchNormalization", [x, scale, bias, mean, variance], attributes, 3);
  };

  test("leaves its feeds alone, which onnxruntime's kernel overwrites", async () => {
    const graph = graphWith(shape, (g, x, channels) => {
      const [y, mean] = whole(g, x, channels);
      if (!y || !mean) throw new Error("no output");
      return { y, twice: g.op("Add", [mean, mean]) };
    });
    const given = feeds(shape);
    const before = Array.from(given.mean?.data ?? []);
    const kernel = await runKernels(graph, given);
    expect(Array.from(kernel.tensors.mean?.data ?? [], Number)).not.toEqual(before);
    const written = await runKernels(rewrite(graph, lowerOperators), given);
    expect(Array.from(written.tensors.mean?.data ?? [], Number)).toEqual(before);
  });

  test("shares its statistics with the gradient", () => {
    const graph = graphWith(shape, (g, x, channels) => {
      const [y] = whole(g, x, channels);
      if (!y) throw new Error("no output");
      const loss = g.op("ReduceSum", [y], { keepdims: 0 });
      const [gradient] = differentiate(g, loss, [x]);
      return gradient ? { y, gradient } : { y };
    });
    const means = simplify(rewrite(graph, lowerOperators)).nodes.filter(({ op }) => op === "ReduceMean");
    // Of x, of the squares, of dy, and of dy·centered.
    expect(means).toHaveLength(4);
  });

  test("keeps the digits of values far from 0", async () => {
    const graph = graphWith(shape, (g, x, channels) => {
      const [y] = whole(g, x, channels);
      return y ? { y } : {};
    });
    const given = feeds(shape, 1000);
    const found = named(await runOnce(graph, given), "y").data;
    const x = Array.from(given.x?.data ?? []);
    const place = (index: number) => Math.floor(index / 6) % 4;
    for (const channel of [0, 1, 2, 3]) {
      const own = x.filter((_, index) => place(index) === channel);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
      const expected = own.map(
        (value) =>
          ((value - mean) / Math.sqrt(variance + 1e-5)) * (given.scale?.data[channel] ?? 0) +
          (given.bias?.data[channel] ?? 0),
      );
      const errors = found.filter((_, index) => place(index) === channel).map((y, index) => y - (expected[index] ?? 0));
      expect(Math.max(...errors.map(Math.abs))).toBeLessThan(5e-4);
    }
  });

  test.each([1, 2])("refuses a loss of its running statistics, output %i", (output) => {
    const g = graphBuilder("running");
    const x = g.input("x", "float32", ["N", 2]);
    const channels = ["scale", "bias", "mean", "variance"].map((name) => g.input(name, "float32", [2]));
    const loss = g.op("ReduceSum", [at(whole(g, x, channels), output)], { keepdims: 0 });
    expect(() => differentiate(g, loss, [x])).toThrow(/depends on its running statistics/);
  });
});

test("LayerNormalization's statistics are outputs of the forward node", async () => {
  const graph = graphWith([2, 3], (g, x) => {
    const y = g.op("LayerNormalization", [x, g.constant({ dtype: "float32", shape: [3], data: [1, 2, 3] })]);
    const [gradient] = differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [x]);
    return gradient ? { y, gradient } : { y };
  });
  const nodes = simplify(graph).nodes.filter(({ op }) => op === "LayerNormalization");
  expect(nodes.map(({ outputs }) => outputs.length)).toEqual([3]);
});

test.each([1, 2])("LayerNormalization refuses a loss of its statistics, output %i", (output) => {
  const g = graphBuilder("statistics");
  const x = g.input("x", "float32", ["N", 2]);
  const statistic = at(g.ops("LayerNormalization", [x, g.input("scale", "float32", [2])], {}, 3), output);
  expect(statistic.shape).toEqual(["N", 1]);
  const loss = g.op("ReduceSum", [statistic], { keepdims: 0 });
  expect(() => differentiate(g, loss, [x])).toThrow(/depends on its statistics/);
});

test("LpNormalization of zeros is 0 and has finite gradients", async () => {
  for (const p of [1, 2] as const) {
    const g = graphBuilder("zeros");
    const x = g.input("x", "float32", [2, 2]);
    const y = g.op("LpNormalization", [x], { p });
    const [gradient] = differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [x]);
    g.output("y", y);
    if (gradient) g.output("gradient", gradient);
    const found = await runOnce(beforeGradients(g.build(), ["x"]), {
      x: { dtype: "float32", shape: [2, 2], data: [0, 0, 3, 4] },
    });
    const norm = p === 1 ? 7 : 5;
    expectClose(named(found, "y").data, [0, 0, 3 / norm, 4 / norm], "y");
    const slopes = p === 1 ? [0, 0] : [(1 - (3 * 7) / 25) / 5, (1 - (4 * 7) / 25) / 5];
    expectClose(named(found, "gradient").data.slice(2), slopes, "gradient");
    expect(named(found, "gradient").data.every(Number.isFinite)).toBe(true);
  }
});

describe("refused", () => {
  const [x3, x4] = [
    [2, 4, 3],
    [2, 4, 3, 3],
  ] as const;
  test.each<readonly [string, readonly (readonly number[])[], Attributes, number, RegExp]>([
    ["BatchNormalization", [[4], [4], [4], [4], [4]], {}, 1, /rank 2 or more/],
    ["BatchNormalization", [x3, [3], [4], [4], [4]], {}, 1, /shape \[3\]; expected \[4\], one for each channel/],
    ["BatchNormalization", [x3, [4], [4], [4], [4, 1]], {}, 1, /shape \[4,1\]; expected \[4\]/],
    ["BatchNormalization", [x3, [4], [4], [4], [4]], {}, 3, /has 3 outputs; expected 1/],
    ["BatchNormalization", [x3, [4], [4], [4], [4]], { training_mode: 2 }, 1, /training_mode/],
    ["InstanceNormalization", [[2, 4], [4], [4]], {}, 1, /rank 3 or more/],
    ["InstanceNormalization", [x3, [4], [3]], {}, 1, /expected \[4\]/],
    ["GroupNormalization", [x3, [4], [4]], { num_groups: 3 }, 1, /does not divide 4 channels/],
    ["GroupNormalization", [x3, [4], [4]], { num_groups: 0 }, 1, /does not divide/],
    ["GroupNormalization", [x3, [4], [4]], { num_groups: -2 }, 1, /does not divide/],
    ["GroupNormalization", [x3, [2], [2]], { num_groups: 2 }, 1, /expected \[4\]/],
    ["GroupNormalization", [[4], [4], [4]], { num_groups: 2 }, 1, /rank 2 or more/],
    ["LayerNormalization", [x3, [4]], {}, 1, /expected one that broadcasts to \[3\]/],
    ["LayerNormalization", [x3, [4, 3], [5, 4, 3]], { axis: 1 }, 1, /shape \[5,4,3\]/],
    ["LayerNormalization", [x3, [3]], { axis: 3 }, 1, /axis 3 is outside/],
    ["LRN", [x4], { size: 0 }, 1, /expected 1 or more/],
    ["LRN", [[4]], { size: 3 }, 1, /rank 2 or more/],
    ["LpNormalization", [x3], { axis: -4 }, 1, /axis -4 is outside/],
    ["LpNormalization", [x3], { p: 3 }, 1, /expected one of 1, 2/],
    ["MeanVarianceNormalization", [x3], {}, 1, /axis 3 is outside/],
    ["MeanVarianceNormalization", [x3], { axes: [1, -2] }, 1, /none or repeat/],
    ["MeanVarianceNormalization", [x3], { axes: [] }, 1, /none or repeat/],
  ])("%s of %j %j", (op, shapes, attributes, outputs, message) => {
    const g = graphBuilder("refused");
    const inputs = shapes.map((dims, index) => g.input(`x${index}`, "float32", dims));
    expect(() => g.node({ op, inputs, attributes, outputs })).toThrow(message);
  });
});
