import { expect, test } from "vitest";
import type { Batch, StepResult } from "../../runtime/engines/engine.js";
import { openEngine } from "../../runtime/engines/index.js";
import {
  add,
  batchNorm,
  conv2d,
  dense,
  embedding,
  input,
  label,
  model,
  onnx,
  relu,
  softmaxCrossEntropy,
  target,
  variable,
} from "../../runtime/layers/index.js";
import { compile, initialWeights } from "../../runtime/program/index.js";
import { hashedClasses, hashedUniform } from "../layers/hashed.js";

/** An image and tokens of any length with one embedding in two uses; one loss an image, one a token, masked. */
function twoInputs() {
  const image = input("image", [1, 4, 4]);
  const tokens = input("tokens", ["T"], { dtype: "int64" });
  const digit = label("digit", { classes: 3 });
  const next = label("next", { shape: ["T"] });
  const mask = target("mask", ["T"]);
  const words = variable("words", [6, 5]);
  const features = relu(batchNorm(conv2d(image, { name: "conv", filters: 2, kernel: 3 }), { name: "bn" }));
  const read = embedding(tokens, { name: "read", rows: 6, units: 5, weights: words });
  const seen = onnx.ReduceMean(read, [1], { keepdims: 0 });
  const joined = add([dense(features, { name: "look", units: 5 }), seen]);
  // Scores of words are products with the embedding again.
  const scores = onnx.MatMul(read, onnx.Transpose(words, { perm: [1, 0] }));
  return model({
    name: "two inputs",
    inputs: [image, tokens],
    labels: [digit, next, mask],
    losses: {
      picture: softmaxCrossEntropy(dense(joined, { name: "digits", units: 3 }), digit),
      text: softmaxCrossEntropy(onnx.Transpose(scores, { perm: [0, 2, 1] }), next, { sampleWeights: mask }),
    },
    lossWeights: { picture: 1, text: 0.25 },
    outputs: { joined, scores },
  });
}

const rows = 3;
const kept = [1, 0, 0.5, 1, 1, 0, 0, 0, 2, 1, 1, 1];
const weight = kept.reduce((sum, item) => sum + item, 0);

const batch: Batch = {
  rows,
  feeds: {
    image: { shape: [rows, 1, 4, 4], data: hashedUniform(rows * 16, 1) },
    tokens: { shape: [rows, 4], data: hashedClasses(rows * 4, 6, 2) },
    digit: { shape: [rows], data: hashedClasses(rows, 3, 3) },
    next: { shape: [rows, 4], data: hashedClasses(rows * 4, 6, 4) },
    mask: { shape: [rows, 4], data: Float32Array.from(kept) },
    "normalizer:text": { shape: [], data: Float32Array.of(1 / weight) },
  },
};

const mean = (result: StepResult, name: string): number => {
  return (result[name]?.sum ?? Number.NaN) / (result[name]?.weight ?? Number.NaN);
};

test("two inputs, two losses, a shared embedding and running statistics in one program", async () => {
  const program = compile(twoInputs());
  expect(program.variables.map(({ name, role }) => `${role} ${name}`)).toEqual([
    "trained conv.weight",
    "trained conv.bias",
    "trained bn.weight",
    "trained bn.bias",
    "trained look.weight",
    "trained look.bias",
    "trained words",
    "trained digits.weight",
    "trained digits.bias",
    "state bn.running_mean",
    "state bn.running_var",
  ]);
  expect(program.feeds.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape.join()}]`)).toEqual([
    "image float32 [1,4,4]",
    "tokens int64 [T]",
    "digit int32 []",
    "next int32 [T]",
    "mask float32 [T]",
    "normalizer:text float32 []",
  ]);
  expect(program.scalars.map(({ name, weights }) => [name, weights])).toEqual([
    ["picture", "rows"],
    ["text", "data"],
  ]);
  const session = await openEngine("onnxruntime", program);
  session.weights.set(initialWeights(program, 7));
  const { next, mask } = batch.feeds;
  if (next === undefined || mask === undefined) throw new Error("no feeds");
  const weighed = await session.weigh({ rows, feeds: { next, mask } });
  expect([...(weighed.text ?? [])]).toEqual([2.5, 1, 5]);
  const result = await session.step(batch);
  expect([result.picture?.weight, result.text?.weight]).toEqual([rows, weight]);
  const pushed = session.pushed.slice();
  const lossAt = async (index: number, change: number) => {
    const before = session.weights[index] ?? 0;
    session.weights[index] = before + change;
    const changed = await session.step(batch);
    session.weights[index] = before;
    return mean(changed, "picture") + 0.25 * mean(changed, "text");
  };
  for (const { name, role, offset, length } of program.variables) {
    if (role !== "trained") continue;
    for (let index = offset; index < offset + length; index += 3) {
      const slope = ((await lossAt(index, 0.01)) - (await lossAt(index, -0.01))) / 0.02;
      expect(Math.abs((pushed[index] ?? 0) - slope), `${name} ${index - offset}`).toBeLessThan(2e-3);
    }
  }
  expect(Math.max(...pushed.map(Math.abs))).toBeGreaterThan(0.1);
  await session.close();
});
