import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import {
  add,
  batchNorm,
  dense,
  dropout,
  input,
  label,
  meanSquaredError,
  model,
  onnx,
  relu,
  softmax,
  softmaxCrossEntropy,
  target,
  variable,
} from "../../runtime/layers/index.js";
import { compile, compileInference, exportOnnx, initialWeights, viewsByName } from "../../runtime/program/index.js";
import { lenet } from "./lenet.js";

async function load(bytes: Uint8Array): Promise<InferenceSession> {
  return await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

const floatsOf = (tensor: Tensor | undefined): readonly number[] => Array.from((tensor?.data ?? []) as Float32Array);

const data = input("data", [4]);
const digit = label("label", { classes: 3 });

describe("compileInference", () => {
  test("holds the weights, takes batches of any length and puts out the network's outputs by name", async () => {
    const network = lenet();
    const program = compile(network);
    const weights = viewsByName(program, initialWeights(program, 1));
    const session = await load(compileInference(network, weights));
    expect([session.inputNames, session.outputNames]).toEqual([["data"], ["prob"]]);
    for (const rows of [1, 3]) {
      const images = new Tensor("float32", new Float32Array(rows * 784).fill(0.5), [rows, 1, 28, 28]);
      const { prob } = await session.run({ data: images });
      expect(prob?.dims).toEqual([rows, 10]);
      const values = floatsOf(prob);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(rows, 5);
    }
    await session.release();
    expect(compileInference(network, weights)).toEqual(compileInference(network, weights));
  });

  test("computes what the layers say, without dropout", async () => {
    const scores = dense(dropout(relu(dense(data, { name: "a", units: 2, bias: false })), { rate: 0.9 }), {
      name: "b",
      units: 1,
    });
    const network = model({ name: "n", inputs: [data], outputs: { y: scores } });
    const session = await load(
      compileInference(network, {
        "a.weight": { shape: [2, 4], data: Float32Array.of(1, 0, 0, 0, 0, -1, 0, 0) },
        "b.weight": { shape: [1, 2], data: Float32Array.of(10, 100) },
        "b.bias": { shape: [1], data: Float32Array.of(0.5) },
      }),
    );
    const { y } = await session.run({ data: new Tensor("float32", Float32Array.of(3, 2, 0, 0, -1, -4, 0, 0), [2, 4]) });
    expect(floatsOf(y)).toEqual([30.5, 400.5]);
    await session.release();
  });

  test("without outputs, puts out what the loss is computed from", async () => {
    const scores = dense(relu(dense(data, { name: "hidden", units: 5 })), { name: "scores", units: 3 });
    const classifier = model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });
    const session = await load(compileInference(classifier));
    expect(session.outputNames).toEqual(["scores"]);
    expect(session.inputNames).toEqual(expect.arrayContaining(["data", "hidden.weight", "scores.bias"]));
    await session.release();

    const decoded = dense(relu(dense(data, { name: "encode", units: 2 })), { name: "decode", units: 4 });
    const autoencoder = model({ name: "n", inputs: [data], loss: meanSquaredError(decoded, data) });
    const other = await load(compileInference(autoencoder));
    expect(other.outputNames).toEqual(["decode"]);
    await other.release();
  });

  test("nor what other layers go on with, nor what labels are made into", async () => {
    const wanted = target("wanted", [3]);
    const hidden = dense(data, { name: "hidden", units: 3 });
    const scores = dense(hidden, { name: "scores", units: 3 });
    const doubled = onnx.Mul(wanted, 2);
    const losses = { inner: meanSquaredError(hidden, doubled), outer: softmaxCrossEntropy(scores, digit) };
    const network = model({ name: "n", inputs: [data], labels: [digit, wanted], losses });
    const session = await load(compileInference(network));
    expect(session.outputNames).toEqual(["scores"]);
    await session.release();
  });

  test("leaves out inputs and parameters that only training needs", async () => {
    const extra = input("extra", [4]);
    const loss = softmaxCrossEntropy(dense(extra, { name: "only", units: 3 }), digit);
    const network = model({
      name: "n",
      inputs: [data, extra],
      labels: [digit],
      loss,
      outputs: { prob: softmax(dense(data, { name: "kept", units: 3 })) },
    });
    const session = await load(compileInference(network));
    expect([...session.inputNames].sort()).toEqual(["data", "kept.bias", "kept.weight"]);
    await session.release();
  });

  test("holds the running statistics of training and what is frozen, under its own names", async () => {
    const table = variable("table", [4], { role: "frozen" });
    const normal = batchNorm(data, { name: "bn", scale: table });
    const network = model({ name: "n", inputs: [data], outputs: { y: normal, twice: add([normal, normal]) } });
    const session = await load(
      compileInference(network, {
        table: { shape: [4], data: Float32Array.of(1, 2, 3, 4) },
        "bn.bias": { shape: [4], data: Float32Array.of(0, 0, 0, 10) },
        "bn.running_mean": { shape: [4], data: Float32Array.of(1, 1, 1, 1) },
        "bn.running_var": { shape: [4], data: Float32Array.of(4, 4, 4, 4) },
      }),
    );
    expect([session.inputNames, session.outputNames]).toEqual([["data"], ["y", "twice"]]);
    const { y, twice } = await session.run({ data: new Tensor("float32", Float32Array.of(3, 3, 5, 1), [1, 4]) });
    [1, 2, 6, 10].forEach((value, index) => {
      expect(floatsOf(y)[index]).toBeCloseTo(value, 4);
      expect(floatsOf(twice)[index]).toBeCloseTo(2 * value, 4);
    });
    await session.release();
  });

  test("inputs keep their names, then outputs; variables make room", async () => {
    const own = input("y", [4]);
    const shared = variable("z", [4]);
    const y = add([own, shared]);
    const network = model({ name: "n", inputs: [own], outputs: { "a/Add": y, prob: softmax(y) } });
    const weights = { z: { shape: [4], data: Float32Array.of(1, 2, 3, 4) } };
    // As an importer may build it: model() refuses an output that is called like an input or a variable.
    const outputs = { y, z: softmax(y) };
    const clashing = { ...network, outputs };
    const session = await load(compileInference(clashing, weights));
    expect([session.inputNames, session.outputNames]).toEqual([["y"], ["y_2", "z"]]);
    const { y_2: sum } = await session.run({ y: new Tensor("float32", Float32Array.of(1, 1, 1, 1), [1, 4]) });
    expect(floatsOf(sum)).toEqual([2, 3, 4, 5]);
    await session.release();
    const open = await load(compileInference(clashing));
    expect(open.inputNames).toEqual(["z_2", "y"]);
    await open.release();
  });

  test("an output that is an input, or is put out twice, is there under each name", async () => {
    const y = relu(data);
    const network = model({ name: "n", inputs: [data], outputs: { same: data, first: y, second: y } });
    const session = await load(compileInference(network));
    const result = await session.run({ data: new Tensor("float32", Float32Array.of(1, -2, 3, -4), [1, 4]) });
    expect(Object.fromEntries(Object.entries(result).map(([name, tensor]) => [name, floatsOf(tensor)]))).toEqual({
      same: [1, -2, 3, -4],
      first: [1, 0, 3, 0],
      second: [1, 0, 3, 0],
    });
    await session.release();
  });

  test("its pieces are the arrays that were given, not copies, and together the file", () => {
    const network = model({ name: "n", inputs: [data], outputs: { y: dense(data, { name: "d", units: 300 }) } });
    const weights = {
      "d.weight": { shape: [300, 4], data: Float32Array.from({ length: 1200 }, (_, index) => index) },
      "d.bias": { shape: [300], data: new Float32Array(300) },
    };
    const pieces = exportOnnx(network, weights);
    for (const { data: array } of Object.values(weights)) {
      expect(
        pieces.filter(({ buffer, byteLength }) => buffer === array.buffer && byteLength === array.byteLength),
      ).toHaveLength(1);
    }
    expect(Buffer.concat(pieces).equals(compileInference(network, weights))).toBe(true);
    const others = pieces.filter(({ buffer }) => Object.values(weights).every((array) => array.data.buffer !== buffer));
    expect(others.reduce((total, { byteLength }) => total + byteLength, 0)).toBeLessThan(2000);
  });

  test("refuses weights that are missing or do not fit, all at once", () => {
    const network = model({ name: "n", inputs: [data], outputs: { y: dense(data, { name: "d", units: 2 }) } });
    const problems = (weights: Parameters<typeof compileInference>[1]) => {
      try {
        compileInference(network, weights);
      } catch (error) {
        if (isBaseError(error)) return error.problems.map(({ code, message }) => `${code} ${message}`);
        throw error;
      }
      return [];
    };
    expect(problems({ "d.weight": { shape: [4, 2], data: new Float32Array(8) } })).toEqual([
      'MODEL_WEIGHTS_INVALID the weights of variable "d.weight" are [4, 2] with 8 numbers, expected [2, 4]',
      'MODEL_WEIGHTS_INVALID the weights of variable "d.bias" are missing, expected [2]',
    ]);
  });
});
