import { describe, expect, test } from "vitest";
import type { StepResult } from "../../runtime/engines/engine.js";
import { openEngine } from "../../runtime/engines/index.js";
import { isBaseError } from "../../runtime/errors.js";
import {
  accuracy,
  batchNorm,
  constant,
  conv2d,
  dense,
  dropout,
  gaussian,
  input,
  label,
  meanSquaredError,
  model,
  multiply,
  onnx,
  relu,
  softmax,
  softmaxCrossEntropy,
  target,
} from "../../runtime/layers/index.js";
import { compile, dumpStages, initialWeights, viewsByName } from "../../runtime/program/index.js";
import { hashedClasses, hashedUniform } from "../layers/hashed.js";
import { lenet } from "./lenet.js";

const data = input("data", [6]);
const digit = label("label");

const meanOf = (result: StepResult, name = "loss"): number => {
  const { sum, weight } = result[name] ?? { sum: Number.NaN, weight: 1 };
  return sum / weight;
};

/** Two rows of `data` and `digit`. */
const twoRows = () => ({
  rows: 2,
  feeds: {
    data: { shape: [2, 6], data: hashedUniform(12, 1) },
    label: { shape: [2], data: Int32Array.of(0, 2) },
  },
});

function problemsOf(body: () => unknown) {
  try {
    body();
  } catch (error) {
    if (isBaseError(error)) return error.problems;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("compile(LeNet)", () => {
  const program = compile(lenet());

  test("lays parameters out on 64-byte lines, without overlap", () => {
    let end = 0;
    for (const { offset, length, shape } of program.variables) {
      expect(offset % 16).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      expect(length).toBe(shape.reduce((product, dim) => product * dim, 1));
      end = offset + length;
    }
    expect(program.size).toBe(Math.ceil(end / 16) * 16);
    expect([program.trained, program.pushed]).toEqual([program.size, program.size]);
    expect(program.variables.map(({ name, lr }) => `${name} ${lr}`)).toEqual([
      "conv1.weight 1",
      "conv1.bias 2",
      "conv2.weight 1",
      "conv2.bias 2",
      "ip1.weight 1",
      "ip1.bias 2",
      "ip2.weight 1",
      "ip2.bias 2",
    ]);
  });

  test("says what a batch brings and what comes out", () => {
    expect(program.feeds).toEqual([
      { kind: "features", name: "data", shape: [1, 28, 28], dtype: "float32" },
      { kind: "labels", name: "label", shape: [], dtype: "int32", classes: 10 },
    ]);
    expect(program.scalars).toEqual([
      { name: "loss", role: "loss", factor: 1, weights: "rows" },
      { name: "accuracy", role: "metric", factor: 0, weights: "rows" },
    ]);
    expect(program.target).toBe("onnxruntime");
    expect(program.weigh).toBeUndefined();
  });

  test("is plain data, the same bytes each time", () => {
    const copy = structuredClone(program);
    expect(copy).toEqual(program);
    expect(compile(lenet())).toEqual(program);
  });

  test("starts from weights that depend on the seed alone, with zeros between parameters", () => {
    const weights = initialWeights(program, 3);
    expect(initialWeights(program, 3)).toEqual(weights);
    expect(initialWeights(program, 4)).not.toEqual(weights);
    const used = new Uint8Array(program.size);
    for (const { offset, length } of program.variables) used.fill(1, offset, offset + length);
    expect(weights.every((value, index) => used[index] === 1 || value === 0)).toBe(true);
    const [first] = program.variables;
    expect(weights.subarray(0, first?.length ?? 0).every((value) => value !== 0 && Math.abs(value) <= 0.3465)).toBe(
      true,
    );
  });

  test("loss and metrics are means over the rows, whatever their number", async () => {
    const session = await openEngine("onnxruntime", program);
    session.weights.set(initialWeights(program, 1));
    const rows = 5;
    const images = hashedUniform(rows * 784, 1);
    const labels = hashedClasses(rows, 10, 2);
    const part = (from: number, to: number) => ({
      rows: to - from,
      feeds: {
        data: { shape: [to - from, 1, 28, 28], data: images.slice(from * 784, to * 784) },
        label: { shape: [to - from], data: labels.slice(from, to) },
      },
    });
    const whole = await session.step(part(0, 5));
    const wholeGradients = session.pushed.slice();
    expect(await session.evaluate(part(0, 5))).toEqual(whole);
    const two = await session.step(part(0, 2));
    const twoGradients = session.pushed.slice();
    const three = await session.step(part(2, 5));
    const mean = (a: number, b: number) => (2 * a + 3 * b) / 5;
    for (const name of ["loss", "accuracy"]) {
      expect(mean(meanOf(two, name), meanOf(three, name))).toBeCloseTo(meanOf(whole, name), 5);
      expect((two[name]?.sum ?? 0) + (three[name]?.sum ?? 0)).toBeCloseTo(whole[name]?.sum ?? Number.NaN, 4);
      expect([two, three, whole].map((result) => result[name]?.weight)).toEqual([2, 3, 5]);
    }
    const gap = wholeGradients.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - mean(twoGradients[i] ?? 0, session.pushed[i] ?? 0))),
      0,
    );
    expect(gap).toBeLessThan(1e-6);
    await session.close();
  });
});

describe("compile", () => {
  test("asks for a dropout mask in the step and none in the evaluation", async () => {
    const hidden = dropout(relu(dense(data, { name: "hidden", units: 8 })), { name: "drop", rate: 0.25 });
    const scores = dense(hidden, { name: "scores", units: 3 });
    const program = compile(
      model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) }),
    );
    expect(program.feeds.at(-1)).toEqual({ kind: "mask", name: "mask:drop", shape: [8], dtype: "float32", rate: 0.25 });
    const session = await openEngine("onnxruntime", program);
    session.weights.set(initialWeights(program, 1));
    const { feeds } = twoRows();
    const masked = (value: number) => {
      const mask = { shape: [2, 8], data: new Float32Array(16).fill(value) };
      return session.step({ rows: 2, feeds: { ...feeds, "mask:drop": mask } });
    };
    const evaluated = meanOf(await session.evaluate({ rows: 2, feeds }));
    expect(meanOf(await masked(0))).toBeCloseTo(Math.log(3), 5);
    expect(meanOf(await masked(1))).toBeCloseTo(evaluated, 6);
    expect(Math.abs(evaluated - Math.log(3))).toBeGreaterThan(0.01);
    await session.close();
  });

  test("asks for the mask of a row where rows were merged with another axis", async () => {
    const places = input("data", [3, 2]);
    const wanted = target("wanted", [1]);
    const merged = dropout(onnx.Reshape(places, [-1, 2]), { name: "drop", rate: 0.5 });
    const sum = dense(onnx.Reshape(merged, [-1, 6]), { name: "sum", units: 1, weights: constant(1) });
    const loss = meanSquaredError(sum, wanted);
    const program = compile(model({ name: "n", inputs: [places], labels: [wanted], loss }));
    expect(program.feeds.at(-1)).toMatchObject({ kind: "mask", name: "mask:drop", shape: [6] });
    const session = await openEngine("onnxruntime", program);
    session.weights.set(initialWeights(program, 1));
    const result = await session.step({
      rows: 2,
      feeds: {
        data: { shape: [2, 3, 2], data: Float32Array.from({ length: 12 }, (_, index) => index) },
        wanted: { shape: [2, 1], data: new Float32Array(2) },
        "mask:drop": { shape: [2, 6], data: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0) },
      },
    });
    expect(result.loss).toEqual({ sum: (0 + 5) ** 2 + 10 ** 2, weight: 2 });
    await session.close();
  });

  test("freezes parameters with lr 0 and those that the loss does not depend on", async () => {
    const fixed = dense(data, { name: "fixed", units: 4, lr: 0 });
    const scores = dense(relu(fixed), { name: "scores", units: 3, lr: [1, 0] });
    const extra = softmax(dense(fixed, { name: "extra", units: 2 }));
    const network = model({
      name: "n",
      inputs: [data],
      labels: [digit],
      loss: softmaxCrossEntropy(scores, digit),
      outputs: { extra },
    });
    const program = compile(network);
    expect(program.variables.map(({ name, role, lr, offset }) => [name, role, lr, offset])).toEqual([
      ["scores.weight", "trained", 1, 0],
      ["fixed.weight", "frozen", 0, 16],
      ["fixed.bias", "frozen", 0, 48],
      ["scores.bias", "frozen", 0, 64],
      ["extra.weight", "frozen", 0, 80],
      ["extra.bias", "frozen", 0, 96],
    ]);
    expect([program.trained, program.pushed, program.size]).toEqual([16, 16, 112]);
    const session = await openEngine("onnxruntime", program);
    session.weights.set(initialWeights(program, 1));
    await session.step(twoRows());
    expect([...session.pushed].map((value) => value !== 0)).toEqual(
      Array.from({ length: 16 }, (_, index) => index < 12),
    );
    await session.close();
  });

  test("freezes parameters that no gradient reaches", () => {
    const gate = onnx.Sign(dense(data, { name: "gate", units: 3 }));
    const scores = multiply([dense(data, { name: "scores", units: 3 }), gate]);
    const network = model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });
    expect(compile(network).variables.map(({ name, role }) => [name, role])).toEqual([
      ["scores.weight", "trained"],
      ["scores.bias", "trained"],
      ["gate.weight", "frozen"],
      ["gate.bias", "frozen"],
    ]);
  });

  test("takes the number of classes from the label, else from the scores", () => {
    const classesOf = (classes?: number) => {
      const labels = label("label", classes === undefined ? {} : { classes });
      const scores = dense(data, { name: "scores", units: 5 });
      const network = model({
        name: "n",
        inputs: [data],
        labels: [labels],
        loss: softmaxCrossEntropy(scores, labels),
        metrics: { top1: accuracy(scores, labels) },
      });
      return compile(network).feeds[1];
    };
    expect(classesOf()).toMatchObject({ classes: 5 });
    expect(classesOf(4)).toMatchObject({ classes: 4 });
  });

  test("a target is a float32 label", () => {
    const price = target("price", [2]);
    const network = model({
      name: "n",
      inputs: [data],
      labels: [price],
      loss: meanSquaredError(dense(data, { name: "d", units: 2 }), price),
    });
    expect(compile(network).feeds[1]).toEqual({ kind: "labels", name: "price", shape: [2], dtype: "float32" });
  });

  test("a layer more does not change how the others start", () => {
    const startOf = (more: boolean) => {
      const first = dense(data, { name: "first", units: 4, weights: gaussian({ std: 0.1 }), bias: constant(0.5) });
      const middle = more ? dense(first, { name: "middle", units: 4 }) : first;
      const scores = dense(middle, { name: "scores", units: 3 });
      const program = compile(
        model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) }),
      );
      const weights = initialWeights(program, 1);
      return Object.fromEntries(
        Object.entries(viewsByName(program, weights)).map(([name, array]) => [name, [...array.data]]),
      );
    };
    expect(startOf(true)).toMatchObject(startOf(false));
    expect(startOf(false)["first.bias"]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  test("refuses a network without a loss, and says what to add", () => {
    const network = model({ name: "small", inputs: [data], outputs: { y: relu(data) } });
    const [problem] = problemsOf(() => compile(network));
    expect(problem).toMatchObject({
      code: "MODEL_LOSS_MISSING",
      message: 'network "small": it has no loss, expected one to train it',
    });
    expect(problem?.hint).toContain("softmaxCrossEntropy");
  });

  test("a batch need not bring what only the outputs take", () => {
    const extra = input("extra", [2]);
    const network = model({
      name: "n",
      inputs: [extra, data],
      labels: [digit],
      loss: softmaxCrossEntropy(dense(data, { name: "scores", units: 3 }), digit),
      outputs: { y: relu(extra) },
    });
    expect(compile(network).feeds.map(({ name }) => name)).toEqual(["data", "label"]);
  });

  test("refuses a network with nothing to train, counting no states", () => {
    const normal = batchNorm(data, { name: "bn", scale: false, offset: false });
    const scores = dense(normal, { name: "scores", units: 3, lr: 0 });
    const network = model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });
    expect(problemsOf(() => compile(network))[0]).toMatchObject({
      code: "MODEL_PARAMETERS_MISSING",
      message: 'network "n": its loss depends on 2 parameters and on none with lr ≠ 0, expected something to train',
    });
  });
});

describe("dumpStages", () => {
  const at = { file: "net.prototxt", line: 7 };
  const image = input("data", [1, 4, 4]);
  const scores = dense(conv2d(image, { name: "conv1", filters: 2, kernel: 3, at }), { name: "scores", units: 3 });

  test("prints every stage, with the layer's name and place on its operators", () => {
    const network = model({ name: "n", inputs: [image], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });
    const stages = dumpStages(network);
    expect(Object.keys(stages)).toEqual(["network", "graph", "before gradients", "gradients", "passes", "program"]);
    expect(stages.graph).toMatch(/conv1\/Conv = Conv\(.*net\.prototxt:7/);
    expect(stages.graph).toContain("output sum:loss");
    expect(stages.graph).not.toContain("grad:");
    expect(stages.gradients).toContain("output grad:conv1.weight");
    expect(stages.passes).toContain("output grad:conv1.weight");
    expect(stages.passes).not.toContain("output total");
    expect(stages.program).toContain("  trained conv1.weight [2, 1, 3, 3] at 0, 18 floats, lr 1, decay 1\n");
    expect(stages.program).toContain("  loss loss, factor 1, weighted by rows\n");
    expect(stages.program).toContain("    out grad:conv1.weight: gradient of conv1.weight\n");
    expect(dumpStages(network)).toEqual(stages);
  });

  test("a network that can only infer has no gradients and no program", () => {
    const network = model({ name: "n", inputs: [image], outputs: { prob: softmax(scores) } });
    expect(Object.keys(dumpStages(network))).toEqual(["network", "graph", "passes"]);
  });
});
