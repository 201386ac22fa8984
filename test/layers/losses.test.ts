import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { toOnnx } from "../../runtime/graph/onnx.js";
import { simplify } from "../../runtime/graph/passes/index.js";
import {
  accuracy,
  binaryAccuracy,
  binaryCrossEntropy,
  input,
  label,
  meanAbsoluteError,
  meanSquaredError,
  type Scalar,
  softmaxCrossEntropy,
  target,
} from "../../runtime/layers/index.js";
import { lowerNetwork } from "../../runtime/program/lower.js";
import { type Feeds, networkOf, runLayer } from "./run-layer.js";

const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;

const floats = (data: readonly number[], dims: readonly number[]) => ({ data: Float32Array.from(data), dims });
const ints = (data: readonly number[], dims: readonly number[]) => ({ data: Int32Array.from(data), dims });

/** The sum of a loss or metric, and what each row weighs. */
async function meanOf(scalar: Scalar, feeds: Feeds) {
  const network = networkOf(scalar);
  const [end] = [...Object.values(network.losses).map((loss) => loss.scalar), ...Object.values(network.metrics)];
  if (end === undefined) throw new Error("the network has no scalar");
  const lowered = lowerNetwork(network, { name: "mean", training: true, ends: [end] });
  const { g } = lowered;
  const { sum, weight } = lowered.meanFor(end);
  g.output("sum", sum);
  if (typeof weight !== "number") g.output("weight", weight);
  const session = await InferenceSession.create(toOnnx(simplify(g.build())), { logSeverityLevel: 3 });
  try {
    const used = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
    const tensors = used.map(([name, { data, dims }]) => {
      if (data instanceof Float32Array) return [name, new OrtTensor("float32", data, dims)] as const;
      return [name, new OrtTensor("int32", Int32Array.from(data as Int32Array), dims)] as const;
    });
    const found = await session.run(Object.fromEntries(tensors));
    const weights = Array.from((found.weight?.data ?? []) as Float32Array);
    return { sum: Number(found.sum?.data[0]), weights: typeof weight === "number" ? weight : weights };
  } finally {
    await session.release();
  }
}

describe("a scalar is the plain sum over the batch and the weight of each row", () => {
  const x = input("x", [3]);
  const goal = target("y", [3]);
  const rows = target("w", []);
  const places = target("v", [3]);
  const feeds = {
    x: floats([1, 2, 3, 0, 0, 4], [2, 3]),
    y: floats([1, 0, 0, 0, 2, 0], [2, 3]),
    w: floats([0.5, 2], [2]),
    v: floats([1, 0, 2, 0, 0, 3], [2, 3]),
  };
  test.each([
    ["mean", meanSquaredError(x, goal), 33, 3],
    ["times a factor", meanSquaredError(x, goal, { weight: 0.5 }), 16.5, 3],
    ["half sums", meanSquaredError(x, goal, { reduction: "halfSum" }), 16.5, 1],
    ["weights of rows", meanSquaredError(x, goal, { sampleWeights: rows }), 46.5, [1.5, 6]],
    [
      "weights of rows, half sums",
      meanSquaredError(x, goal, { reduction: "halfSum", sampleWeights: rows }),
      23.25,
      [0.5, 2],
    ],
    ["weights of numbers", meanSquaredError(x, goal, { sampleWeights: places }), 66, [3, 3]],
    ["absolute", meanAbsoluteError(x, goal, { sampleWeights: places }), 18, [3, 3]],
    ["thresholds", binaryAccuracy(x, goal), 2, 3],
    ["thresholds, weights of rows", binaryAccuracy(x, goal, { sampleWeights: rows }), 2.5, [1.5, 6]],
  ])("%s", async (_, scalar, sum, weights) => {
    const found = await meanOf(scalar, feeds);
    expect(found.sum).toBeCloseTo(sum, 4);
    expect(found.weights).toEqual(weights);
  });

  test("classes", async () => {
    const scores = input("x", [2, 2]);
    const digit = label("y", { shape: [2] });
    const even = {
      x: floats(new Array(8).fill(0), [2, 2, 2]),
      y: ints([0, 1, 1, 1], [2, 2]),
      w: floats([0.5, 2], [2]),
    };
    const sums = async (options: Parameters<typeof softmaxCrossEntropy>[2]) => {
      const { sum, weights } = await meanOf(softmaxCrossEntropy(scores, digit, options), even);
      return [sum / Math.LN2, weights];
    };
    expect(await sums({})).toEqual([expect.closeTo(4, 5), 2]);
    expect(await sums({ ignoreLabel: 0 })).toEqual([expect.closeTo(3, 5), [1, 2]]);
    expect(await sums({ classWeights: [3, 1] })).toEqual([expect.closeTo(6, 5), [4, 2]]);
    expect(await sums({ sampleWeights: rows })).toEqual([expect.closeTo(5, 5), [1, 4]]);
    expect(await sums({ sampleWeights: rows, ignoreLabel: 0, classWeights: [1, 0.5], weight: 2 })).toEqual([
      expect.closeTo(4.5, 5),
      [0.25, 2],
    ]);
  });

  test("lengths that only the data know", async () => {
    const scores = input("x", [2, "T"]);
    const { sum, weights } = await meanOf(softmaxCrossEntropy(scores, label("y", { shape: ["T"] })), {
      x: floats(new Array(12).fill(0), [2, 2, 3]),
      y: ints([0, 1, 1, 1, 0, 0], [2, 3]),
    });
    expect(sum).toBeCloseTo(6 * Math.LN2, 5);
    expect(weights).toEqual([3, 3]);
  });
});

describe("infinite numbers where nobody looks", () => {
  const crossEntropy = (logits: readonly number[], digit: number, options = {}) => {
    const y = softmaxCrossEntropy(input("x", [logits.length]), label("y"), { name: "layer", ...options });
    return runLayer({ y, feeds: { x: floats(logits, [1, logits.length]), y: ints([digit], [1]) } });
  };

  test("the score of another class may be −∞", async () => {
    const { y, gradients } = await crossEntropy([0, NEGATIVE_INFINITY, 0], 2);
    expect(y[0]).toBeCloseTo(Math.LN2, 6);
    expect([...(gradients.x ?? [])]).toEqual([0.5, 0, -0.5]);
  });

  test("log-probabilities may overflow to −∞", async () => {
    const { y, gradients } = await crossEntropy([3e38, -3e38], 0);
    expect(y[0]).toBeCloseTo(0);
    expect([...(gradients.x ?? [])]).toEqual([0, 0]);
  });

  test("the label's own −∞ is an infinite loss", async () => {
    expect((await crossEntropy([0, NEGATIVE_INFINITY], 1)).y[0]).toBe(POSITIVE_INFINITY);
  });

  test("an ignored place adds 0, whatever its scores", async () => {
    const y = softmaxCrossEntropy(input("x", [2]), label("y"), { name: "layer", ignoreLabel: -1 });
    const feeds = { x: floats([NEGATIVE_INFINITY, 0, 0, 0], [2, 2]), y: ints([-1, 1], [2]) };
    const found = await runLayer({ y, feeds });
    expect(found.y[0]).toBeCloseTo(Math.LN2, 6);
    expect([...(found.gradients.x ?? [])]).toEqual([0, 0, 0.5, -0.5]);
  });

  test("a number of weight 0 adds 0", async () => {
    const y = meanSquaredError(input("x", [2]), target("y", [2]), { name: "layer", sampleWeights: target("w", [2]) });
    const feeds = { x: floats([1e30, 3], [1, 2]), y: floats([0, 0], [1, 2]), w: floats([0, 2], [1, 2]) };
    expect((await runLayer({ y, feeds })).y[0]).toBe(9);
  });
});

describe("labels", () => {
  const y = softmaxCrossEntropy(input("x", [2]), label("y"), { name: "layer" });

  test.each([2, -3])("a label far outside the classes fails when the program runs: %i", async (digit) => {
    const run = runLayer({ y, feeds: { x: floats([0, 0], [1, 2]), y: ints([digit], [1]) } });
    await expect(run).rejects.toThrow("Out of range value in index tensor");
  });

  test("may have other axes of the same size", async () => {
    const loss = softmaxCrossEntropy(input("x", [2, 2, 1]), label("y", { shape: [1, 2] }), { name: "layer" });
    const feeds = { x: floats([3, 0, 0, 3], [1, 2, 2, 1]), y: ints([0, 1], [1, 1, 2]) };
    expect((await runLayer({ y: loss, feeds })).y[0]).toBeCloseTo(Math.log(1 + Math.exp(-3)), 6);
  });
});

test("binary cross-entropy stays finite where the logistic function is 0 or 1", async () => {
  const y = binaryCrossEntropy(input("x", [2]), target("y", [2]), { name: "layer" });
  const found = await runLayer({ y, feeds: { x: floats([1000, -1000], [1, 2]), y: floats([0, 1], [1, 2]) } });
  expect(found.y[0]).toBe(1000);
  expect([...(found.gradients.x ?? [])]).toEqual([0.5, -0.5]);
});

describe("accuracy", () => {
  test("of ignored labels and weighted places", async () => {
    const digit = label("y", { shape: [2] });
    const scores = input("x", [2, 2]);
    const feeds = {
      x: floats([0, 1, 1, 0, 0, 0, 1, 1], [2, 2, 2]),
      y: ints([1, 0, 1, 255], [2, 2]),
      v: floats([1, 2, 4, 8], [2, 2]),
    };
    const weighted = accuracy(scores, digit, { ignoreLabel: 255, sampleWeights: target("v", [2]) });
    expect(await meanOf(accuracy(scores, digit, { ignoreLabel: 255 }), feeds)).toEqual({ sum: 3, weights: [2, 1] });
    expect(await meanOf(weighted, feeds)).toEqual({ sum: 7, weights: [3, 4] });
  });

  test("of two classes: a score above the threshold says 1", async () => {
    const scores = input("x", []);
    const feeds = { x: floats([0.5, 0.6, -1, 2], [4]), y: ints([0, 1, 0, 0], [4]) };
    expect(await meanOf(binaryAccuracy(scores, label("y")), feeds)).toEqual({ sum: 3, weights: 1 });
    expect(await meanOf(binaryAccuracy(scores, label("y"), { threshold: 0 }), feeds)).toEqual({ sum: 2, weights: 1 });
    expect(await meanOf(binaryAccuracy(scores, label("y"), { threshold: 2 }), feeds)).toEqual({ sum: 3, weights: 1 });
  });
});
