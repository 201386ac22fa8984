import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import {
  dense,
  dropout,
  input,
  label,
  meanSquaredError,
  model,
  type Network,
  relu,
  softmax,
  softmaxCrossEntropy,
} from "../../runtime/layers/index.js";
import { compile, compileInference, initialWeights } from "../../runtime/program/index.js";
import { lenet } from "./lenet.js";

async function load(bytes: Uint8Array): Promise<InferenceSession> {
  return await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

const floatsOf = (tensor: Tensor | undefined): readonly number[] => Array.from((tensor?.data ?? []) as Float32Array);

const data = input("data", [4]);
const digit = label("label", { classes: 3 });

/** Flat weights by parameter name. */
function named(network: Network, flat: Float32Array) {
  return Object.fromEntries(
    compile(network).parameters.map(({ name, shape, offset, length }) => [
      name,
      { shape, data: flat.slice(offset, offset + length) },
    ]),
  );
}

describe("compileInference", () => {
  test("holds the weights, takes batches of any length and puts out the network's outputs by name", async () => {
    const network = lenet();
    const flat = initialWeights(compile(network), 1);
    const session = await load(compileInference(network, flat));
    expect([session.inputNames, session.outputNames]).toEqual([["data"], ["prob"]]);
    for (const rows of [1, 3]) {
      const images = new Tensor("float32", new Float32Array(rows * 784).fill(0.5), [rows, 1, 28, 28]);
      const { prob } = await session.run({ data: images });
      expect(prob?.dims).toEqual([rows, 10]);
      const values = floatsOf(prob);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(rows, 5);
    }
    await session.release();
    expect(compileInference(network, named(network, flat))).toEqual(compileInference(network, flat));
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
      'MODEL_WEIGHTS_INVALID the weights of parameter "d.weight" are [4, 2] with 8 numbers, expected [2, 4]',
      'MODEL_WEIGHTS_INVALID the weights of parameter "d.bias" are missing, expected [2]',
    ]);
    expect(problems(new Float32Array(7))).toEqual([
      "MODEL_WEIGHTS_INVALID the flat weights have 7 floats, expected 32",
    ]);
  });
});
