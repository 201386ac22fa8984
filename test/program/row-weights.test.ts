import { describe, expect, test } from "vitest";
import type { Batch, StepResult } from "../../runtime/engines/engine.js";
import { openEngine } from "../../runtime/engines/index.js";
import { isBaseError } from "../../runtime/errors.js";
import { graphBuilder } from "../../runtime/graph/builder.js";
import type { GraphBuilder, Value } from "../../runtime/graph/types.js";
import {
  accuracy,
  dense,
  input,
  label,
  meanSquaredError,
  model,
  onnx,
  softmaxCrossEntropy,
  tanh,
  target,
} from "../../runtime/layers/index.js";
import { compile, initialWeights } from "../../runtime/program/index.js";
import type { LoweredNetwork } from "../../runtime/program/lower.js";
import { rowWeightsOf } from "../../runtime/program/row-weights.js";
import { hashedUniform } from "../layers/hashed.js";

const data = input("data", [4]);
const digit = label("digit", { classes: 3 });
const price = target("paid", [2]);
const hidden = tanh(dense(data, { name: "hidden", units: 5 }));

/** A masked loss with its own normalizer, and one whose rows all weigh 2. */
function twoLosses() {
  const scores = dense(hidden, { name: "scores", units: 3 });
  return model({
    name: "two",
    inputs: [data],
    labels: [digit, price],
    losses: {
      kind: softmaxCrossEntropy(scores, digit, { ignoreLabel: -1 }),
      price: meanSquaredError(dense(hidden, { name: "prices", units: 2 }), price),
    },
    lossWeights: { kind: 2, price: 0.5 },
    metrics: { right: accuracy(scores, digit, { ignoreLabel: -1 }) },
  });
}

const labels = [0, -1, 2, -1, -1, 1, 1];
const x = hashedUniform(4 * labels.length, 1);
const prices = hashedUniform(2 * labels.length, 2);

/** These rows of the data. */
function rowsOf(from: number, to: number, normalizer: number): Batch {
  const rows = to - from;
  return {
    rows,
    feeds: {
      data: { shape: [rows, 4], data: x.slice(4 * from, 4 * to) },
      digit: { shape: [rows], data: Int32Array.from(labels.slice(from, to)) },
      paid: { shape: [rows, 2], data: prices.slice(2 * from, 2 * to) },
      "normalizer:kind": { shape: [], data: Float32Array.of(normalizer) },
    },
  };
}

const total = ({ kind, price: second }: StepResult): number =>
  2 * ((kind?.sum ?? Number.NaN) / (kind?.weight ?? 0)) + 0.5 * ((second?.sum ?? Number.NaN) / (second?.weight ?? 0));

describe("losses that rows weigh differently in", () => {
  const program = compile(twoLosses());

  test("are marked, and have a normalizer where the weights depend on the data", () => {
    expect(program.scalars).toEqual([
      { name: "kind", role: "loss", factor: 2, weights: "data" },
      { name: "price", role: "loss", factor: 0.5, weights: "rows" },
      { name: "right", role: "metric", factor: 0, weights: "data" },
    ]);
    expect(program.feeds).toEqual([
      { kind: "features", name: "data", dtype: "float32", shape: [4] },
      { kind: "labels", name: "digit", dtype: "int32", shape: [], classes: 3, ignored: -1 },
      { kind: "labels", name: "paid", dtype: "float32", shape: [2] },
      { kind: "normalizer", name: "normalizer:kind", dtype: "float32", shape: [], loss: "kind" },
    ]);
  });

  test("are weighed from the data alone", async () => {
    expect(program.weigh?.inputs).toEqual([{ role: "feed", input: "digit", feed: "digit" }]);
    const session = await openEngine("onnxruntime", program);
    const { rows, feeds } = rowsOf(0, labels.length, 0);
    const weighed = await session.weigh({
      rows,
      feeds: { digit: feeds.digit ?? { shape: [0], data: new Int32Array() } },
    });
    const counted = labels.map((item) => (item === -1 ? 0 : 1));
    expect(Object.fromEntries(Object.entries(weighed).map(([name, each]) => [name, [...each]]))).toEqual({
      kind: counted,
      right: counted,
    });
    const { kind, price: second, right } = await session.evaluate({ rows, feeds });
    expect([kind?.weight, second?.weight, right?.weight]).toEqual([4, 14, 4]);
    await session.close();
  });

  test("are differentiated as their weighted sum: finite differences", async () => {
    const session = await openEngine("onnxruntime", program);
    session.weights.set(initialWeights(program, 3));
    const batch = rowsOf(0, labels.length, 1 / 4);
    await session.step(batch);
    const at = async (index: number, change: number) => {
      const kept = session.weights[index] ?? 0;
      session.weights[index] = kept + change;
      const value = total(await session.evaluate(batch));
      session.weights[index] = kept;
      return value;
    };
    for (const { name, offset, length } of program.variables) {
      for (let index = offset; index < offset + length; index += 1) {
        const slope = ((await at(index, 0.01)) - (await at(index, -0.01))) / 0.02;
        expect(session.pushed[index], name).toBeCloseTo(slope, 3);
      }
    }
    await session.close();
  });

  test("two workers push together what one would, the normalizer taking their shares into account", async () => {
    const session = await openEngine("onnxruntime", program);
    session.weights.set(initialWeights(program, 3));
    const whole = await session.step(rowsOf(0, 7, 1 / 4));
    const wanted = session.pushed.slice();
    const found = new Float32Array(wanted.length);
    const sums = { kind: 0, price: 0 };
    for (const [from, to] of [
      [0, 2],
      [2, 7],
    ] as const) {
      const share = (to - from) / 7;
      const part = await session.step(rowsOf(from, to, 1 / (share * 4)));
      for (const [index, value] of session.pushed.entries()) found[index] = (found[index] ?? 0) + share * value;
      sums.kind += part.kind?.sum ?? Number.NaN;
      sums.price += part.price?.sum ?? Number.NaN;
    }
    expect(Math.max(...wanted.map((value, index) => Math.abs(value - (found[index] ?? 0))))).toBeLessThan(1e-6);
    expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(0.01);
    expect(sums.kind).toBeCloseTo(whole.kind?.sum ?? Number.NaN, 5);
    expect(sums.price).toBeCloseTo(whole.price?.sum ?? Number.NaN, 5);
    await session.close();
  });

  test("may not depend on variables", () => {
    const at = { file: "model.ts", line: 3 };
    const scores = dense(hidden, { name: "scores", units: 3 });
    const trust = onnx.ReduceSum(dense(hidden, { name: "trust", units: 1 }), [1], { keepdims: 0 });
    const loss = softmaxCrossEntropy(scores, digit, { name: "attention", sampleWeights: trust, at });
    let problem: unknown;
    try {
      compile(model({ name: "n", inputs: [data], labels: [digit], loss }));
    } catch (error) {
      problem = isBaseError(error) ? error.problems : error;
    }
    expect(problem).toEqual([
      expect.objectContaining({
        code: "MODEL_WEIGHTS_DEPEND",
        message: expect.stringMatching(
          /^layer "attention" \(softmaxCrossEntropy\): what its rows weigh depends on the variable ".*", expected it to depend on data alone$/,
        ),
        at,
      }),
    ]);
  });
});

describe("rowWeightsOf", () => {
  const node = softmaxCrossEntropy(dense(data, { name: "d", units: 3 }), digit).layer;

  /** Reads a weight that is built on a column `x` [N,2], a column `T` [N,T] and a variable `v` [2]. */
  function read(build: (g: GraphBuilder, x: Value, t: Value, v: Value) => Value) {
    const g = graphBuilder("g");
    const [x, t, v] = [
      g.input("x", "float32", ["N", 2]),
      g.input("t", "float32", ["N", "T"]),
      g.input("v", "float32", [2]),
    ];
    const columns = new Map([
      ["x", x],
      ["t", t],
    ]);
    const inputs = [{ role: "variable", input: "v", variable: "a variable" }] as const;
    const weight = build(g, x, t, v);
    // Only these parts of a lowered network are read.
    const lowered = { g, columns, inputs } as unknown as LoweredNetwork;
    const found = rowWeightsOf(lowered, node, { sum: g.scalar(0), weight });
    return found.weights === "rows" ? found.each : found.rows === weight;
  }

  const rows = (g: GraphBuilder, x: Value) => g.op("Shape", [x], { start: 0, end: 1 });

  test("weights that are plainly one number for all rows are that number", () => {
    expect(read((g, x) => g.op("Expand", [g.scalar(3), rows(g, x)]))).toBe(3);
    expect(read((g, x) => g.op("Cast", [g.op("ConstantOfShape", [rows(g, x)])], { to: "float32" }))).toBe(0);
    const four = { dtype: "float32", shape: [1], data: [4] } as const;
    expect(read((g, x) => g.op("ConstantOfShape", [rows(g, x)], { value: four }))).toBe(4);
  });

  test("others depend on the data, on its lengths too", () => {
    expect(read((g, x) => g.op("ReduceSum", [x, g.ints([1])], { keepdims: 0 }))).toBe(true);
    const ones = (g: GraphBuilder, t: Value) => g.op("Expand", [g.scalar(1), g.op("Shape", [t])]);
    expect(read((g, _x, t) => g.op("ReduceSum", [ones(g, t), g.ints([1])], { keepdims: 0 }))).toBe(true);
  });

  test("the shape of what depends on variables tells nothing of them", () => {
    const shaped = (g: GraphBuilder, x: Value, v: Value) => g.op("Shape", [g.op("Mul", [x, v])]);
    const weigh = (g: GraphBuilder, x: Value, v: Value) => {
      return g.op("ReduceSum", [g.op("Expand", [x, shaped(g, x, v)]), g.ints([1])], { keepdims: 0 });
    };
    expect(read((g, x, _t, v) => weigh(g, x, v))).toBe(true);
    expect(() => read((g, x, _t, v) => g.op("ReduceSum", [g.op("Mul", [x, v]), g.ints([1])], { keepdims: 0 }))).toThrow(
      'depends on the variable "a variable"',
    );
  });
});
