import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  dense,
  formatWeightReport,
  gradientsOf,
  input,
  label,
  model,
  type NDArray,
  openSafetensors,
  paramserv,
  relu,
  sgd,
  softmaxCrossEntropy,
  startFrom,
  writeSafetensors,
} from "paramserv";
import { afterAll, describe, expect, test } from "vitest";
import { openWeights } from "../../generators/weights.js";
import { isBaseError } from "../../runtime/errors.js";

const directory = mkdtempSync(join(tmpdir(), "paramserv-weights-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function network(head = "scores", units = 3) {
  const data = input("data", [4]);
  const classes = label("label", { classes: units });
  const scores = dense(relu(dense(data, { name: "hidden", units: 5 })), { name: head, units });
  return model({ name: "small", inputs: [data], labels: [classes], loss: softmaxCrossEntropy(scores, classes) });
}

function rows(count: number): { features: NDArray<Float32Array>; labels: NDArray<Int32Array> } {
  const data = Float32Array.from({ length: count * 4 }, (_, index) => Math.sin(index * index));
  const labels = Int32Array.from({ length: count }, (_, row) => row % 3);
  return { features: { shape: [count, 4], data }, labels: { shape: [count], data: labels } };
}

async function trained(epochs: number, start: Parameters<typeof paramserv>[0]["model"]) {
  const net = network();
  const run = await paramserv({
    model: start,
    ...rows(60),
    upd: gradientsOf(net),
    agg: sgd({ learningRate: 0.1 }),
    utype: "BSP",
    freq: "BATCH",
    epochs,
    batchsize: 10,
    k: 2,
    seed: 3,
  });
  return run.model;
}

function save(name: string, tensors: Readonly<Record<string, NDArray>>): string {
  const file = join(directory, name);
  writeFileSync(file, writeSafetensors(tensors));
  return file;
}

async function problemsOf(action: Promise<unknown>): Promise<readonly string[]> {
  try {
    await action;
  } catch (error) {
    if (isBaseError(error)) return error.problems.map(({ code, message }) => `${code} ${message}`);
    throw error;
  }
  return [];
}

describe("training from weights", () => {
  test("three epochs and three more are six, bit for bit, where nothing is kept beside the weights", async () => {
    const net = network();
    const file = save("three.safetensors", await trained(3, net));
    const { weights, report } = await startFrom(net, await openSafetensors(file), 3);
    expect(report).toEqual({
      matched: ["hidden.weight", "hidden.bias", "scores.weight", "scores.bias"],
      missing: [],
      surplus: [],
    });
    expect(await trained(3, weights)).toEqual(await trained(6, net));
  });

  test("a new head starts as it would alone, the rest from the file, and the report says which", async () => {
    const before = await trained(1, network());
    const net = network("fresh", 7);
    const source = await openSafetensors(save("head.safetensors", before));
    const { weights, report } = await startFrom(net, source, 5);
    expect(report).toEqual({
      matched: ["hidden.weight", "hidden.bias"],
      missing: ["fresh.weight", "fresh.bias"],
      surplus: ["scores.bias", "scores.weight"],
    });
    expect(weights["hidden.weight"]).toEqual(before["hidden.weight"]);
    const untouched = await paramserv({
      model: net,
      ...rows(60),
      upd: gradientsOf(net),
      agg: sgd({ learningRate: 1e-30 }),
      utype: "BSP",
      epochs: 1,
      k: 1,
      seed: 5,
    });
    expect(weights["fresh.weight"]).toEqual(untouched.model["fresh.weight"]);
    expect(formatWeightReport(report, "w.safetensors")).toEqual([
      "weights: 2 of 4 arrays start from w.safetensors; the optimizer and its schedule start anew",
      "  missing there, so they start anew: fresh.weight, fresh.bias",
      "  in the file alone, so they are left out: scores.bias, scores.weight",
    ]);
  });

  test("every array of another shape is told, and a file without any known name", async () => {
    const array = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
    const other = save("shapes.safetensors", { "hidden.weight": array(2, 4), "scores.bias": array(9), x: array(1) });
    expect(await problemsOf(openSafetensors(other).then((source) => startFrom(network(), source, 0)))).toEqual([
      'MODEL_WEIGHTS_INVALID "hidden.weight" has the shape [2,4], expected [5,4] as network "small" has it',
      'MODEL_WEIGHTS_INVALID "scores.bias" has the shape [9], expected [3] as network "small" has it',
    ]);
    const foreign = save("foreign.safetensors", { a: array(1), b: array(1) });
    expect(await problemsOf(openSafetensors(foreign).then((source) => startFrom(network(), source, 0)))).toEqual([
      'MODEL_WEIGHTS_INVALID none of its arrays is one of network "small": found "a", "b", expected "hidden.weight", "hidden.bias", "scores.weight", …',
    ]);
  });
});

describe("a safetensors file as a source", () => {
  const array = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };

  test("is read array by array, integers left out", async () => {
    const file = save("lazy.safetensors", { a: array, n: { shape: [1], data: Int32Array.of(7) }, z: array });
    const source = await openSafetensors(file);
    expect(source.entries.map(({ name }) => name)).toEqual(["a", "z"]);
    expect(await source.read("z")).toEqual(array);
    // What is read after this cannot have been read before.
    const bytes = readFileSync(file);
    bytes.writeFloatLE(9, bytes.length - 4);
    writeFileSync(file, bytes);
    expect((await source.read("z")).data.at(-1)).toBe(9);
    truncateSync(file, bytes.length - 4);
    expect(await problemsOf(source.read("z"))).toEqual([
      'SAFETENSORS_INVALID the file ends within "z": found 12 bytes of it, expected 16',
    ]);
    expect(await problemsOf(source.read("n"))).toEqual(['MODEL_WEIGHTS_INVALID it has no array "n"']);
  });

  test("is found in the folder of a result, and by its content", async () => {
    save("model.safetensors", { a: array });
    expect((await openWeights(directory)).file).toBe(join(directory, "model.safetensors"));
    expect((await openWeights(save("weights.bin", { a: array }))).entries).toHaveLength(1);
  });

  test("are found in a package, and beside the network for inference of a result", async () => {
    const inner = join(directory, "package", "result");
    mkdirSync(inner, { recursive: true });
    const array = { shape: [2], data: Float32Array.of(1, 2) };
    writeFileSync(join(inner, "model.safetensors"), writeSafetensors({ a: array }));
    writeFileSync(join(inner, "model.onnx"), "no safetensors");
    expect((await openWeights(join(directory, "package"))).file).toBe(join(inner, "model.safetensors"));
    await expect(openWeights(join(inner, "model.onnx"))).rejects.toThrow(
      `the weights are beside it: ${join(inner, "model.safetensors")}`,
    );
  });

  test("what is none is told so", async () => {
    expect(await problemsOf(openWeights(join(directory, "nowhere")))).toEqual([
      expect.stringMatching(/^MODEL_FILE_MISSING found nothing there/),
    ]);
    const net = new URL("../../fixtures/models/lenet/lenet_train_test.prototxt", import.meta.url).pathname;
    expect(await problemsOf(openWeights(net))).toEqual(["MODEL_WEIGHTS_INVALID the file holds no trained weights"]);
    const short = join(directory, "short.safetensors");
    writeFileSync(short, "abc");
    expect(await problemsOf(openWeights(short))).toEqual([
      expect.stringContaining("it has 3 bytes, expected at least"),
    ]);
  });
});
