import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import {
  batchNorm,
  dense,
  input,
  label,
  meanSquaredError,
  model,
  relu,
  softmax,
  softmaxCrossEntropy,
  target,
} from "../../runtime/layers/index.js";
import { compile, initialWeights, viewsByName } from "../../runtime/program/index.js";
import { saveModel } from "../../runtime/results/save-model.js";
import { readSafetensors } from "../../runtime/safetensors.js";
import { problemsOf } from "../data/files.js";

const root = mkdtempSync(join(tmpdir(), "paramserv-results-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function tinyNetwork() {
  const data = input("data", [3]);
  const digit = label("digit", { classes: 2 });
  const scores = dense(relu(dense(data, { name: "fc1", units: 4 })), { name: "fc2", units: 2 });
  const loss = softmaxCrossEntropy(scores, digit);
  return model({ name: "tiny", inputs: [data], labels: [digit], loss, outputs: { prob: softmax(scores) } });
}

/** softmax(W₂ · max(0, W₁ · x + b₁) + b₂), by loops. */
function byHand(x: readonly number[], parameter: (name: string) => Float32Array): readonly number[] {
  const affine = (inputs: readonly number[], layer: string) =>
    [...parameter(`${layer}.bias`)].map((bias, unit) =>
      inputs.reduce(
        (sum, value, i) => sum + value * (parameter(`${layer}.weight`)[unit * inputs.length + i] ?? 0),
        bias,
      ),
    );
  const hidden = affine(x, "fc1").map((value) => Math.max(0, value));
  const powers = affine(hidden, "fc2").map(Math.exp);
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

describe("saving a trained network", () => {
  const network = tinyNetwork();
  const program = compile(network);
  const flat = initialWeights(program, 3);
  const named = viewsByName(program, flat);
  const zeros = viewsByName(program, new Float32Array(flat.length));

  it("writes weights and an inference model that onnxruntime loads and that computes the network", async () => {
    const directory = join(root, "new", "deep");
    const saved = await saveModel({ directory, network, weights: named, metadata: { seed: "3" } });
    expect(saved).toEqual({ safetensors: join(directory, "model.safetensors"), onnx: join(directory, "model.onnx") });
    expect(readdirSync(directory).sort()).toEqual(["model.onnx", "model.safetensors"]);
    const { tensors, metadata } = readSafetensors(readFileSync(saved.safetensors), saved.safetensors);
    expect(tensors).toEqual(named);
    expect(metadata).toEqual({ network: "tiny", seed: "3" });
    const session = await InferenceSession.create(saved.onnx);
    const { prob } = await session.run({ data: new Tensor("float32", Float32Array.of(1, -2, 3, 0.5, 0, 1), [2, 3]) });
    await session.release();
    const found = Array.from(prob?.data as Float32Array);
    const weight = (name: string) => named[name]?.data ?? new Float32Array();
    const expected = [...byHand([1, -2, 3], weight), ...byHand([0.5, 0, 1], weight)];
    expected.forEach((value, index) => {
      expect(found[index]).toBeCloseTo(value, 5);
    });
  });

  it("writes the same files each time, and replaces files that are there", async () => {
    const [a, b] = [join(root, "a"), join(root, "b")];
    await saveModel({ directory: a, network, weights: zeros });
    await saveModel({ directory: a, network, weights: named });
    await saveModel({ directory: b, network, weights: named });
    for (const file of ["model.safetensors", "model.onnx"]) {
      expect(readFileSync(join(a, file)).equals(readFileSync(join(b, file)))).toBe(true);
    }
    expect(readdirSync(a)).toHaveLength(2);
  });

  it("keeps states and frozen variables", async () => {
    const data = input("data", [3]);
    const fixed = dense(batchNorm(data, { name: "bn" }), { name: "fc", units: 3, lr: 0 });
    const wanted = target("wanted", [3]);
    const other = model({
      name: "other",
      inputs: [data],
      labels: [wanted],
      loss: meanSquaredError(fixed, wanted),
      outputs: { y: fixed },
    });
    const { size, variables } = compile(other);
    const values = viewsByName(
      { variables },
      Float32Array.from({ length: size }, (_, index) => 1 + index / 64),
    );
    const saved = await saveModel({ directory: join(root, "other"), network: other, weights: values });
    const { tensors } = readSafetensors(readFileSync(saved.safetensors), saved.safetensors);
    expect(Object.keys(tensors).sort()).toEqual([
      "bn.bias",
      "bn.running_mean",
      "bn.running_var",
      "bn.weight",
      "fc.bias",
      "fc.weight",
    ]);
    expect(tensors).toEqual(values);
    const session = await InferenceSession.create(saved.onnx);
    expect(session.inputNames).toEqual(["data"]);
    const x = Float32Array.of(1, -2, 3);
    const { y } = await session.run({ data: new Tensor("float32", x, [1, 3]) });
    await session.release();
    const of = (name: string, index: number) => values[name]?.data[index] ?? Number.NaN;
    const normal = [...x].map((value, index) => {
      const centred = (value - of("bn.running_mean", index)) / Math.sqrt(of("bn.running_var", index) + 1e-5);
      return centred * of("bn.weight", index) + of("bn.bias", index);
    });
    const found = y?.data as Float32Array;
    for (const unit of [0, 1, 2]) {
      const expected = normal.reduce(
        (sum, value, index) => sum + value * of("fc.weight", 3 * unit + index),
        of("fc.bias", unit),
      );
      expect(found[unit]).toBeCloseTo(expected, 4);
    }
  });

  it("writes weights that lie in shared memory", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(flat.byteLength));
    shared.set(flat);
    const [a, b] = [join(root, "private"), join(root, "shared")];
    await saveModel({ directory: a, network, weights: named });
    await saveModel({ directory: b, network, weights: viewsByName(program, shared) });
    for (const file of ["model.safetensors", "model.onnx"]) {
      expect(readFileSync(join(a, file)).equals(readFileSync(join(b, file)))).toBe(true);
    }
  });

  it("names every weight that does not fit, and writes nothing", async () => {
    const directory = join(root, "never");
    const { "fc1.weight": _, ...lacking } = named;
    const weights = { ...lacking, "fc2.bias": { shape: [3], data: new Float32Array(3) } };
    expect(await problemsOf(saveModel({ directory, network, weights }))).toEqual([
      'RESULT_WEIGHTS_INVALID network "tiny": the weights have no "fc1.weight"',
      'RESULT_WEIGHTS_INVALID network "tiny": weight "fc2.bias" has shape [3] with 3 values, expected [2] with 2',
    ]);
    expect(readdirSync(root)).not.toContain("never");
  });

  it("says why a directory cannot be written to, and leaves nothing behind", async () => {
    const file = join(root, "file");
    writeFileSync(file, "kept");
    for (const directory of [file, join(file, "below"), "/proc/paramserv"]) {
      const [problem] = await problemsOf(saveModel({ directory, network, weights: named }));
      expect(problem).toMatch(/^RESULT_DIRECTORY_UNWRITABLE the directory for results cannot be written to: E/);
    }
    expect(readFileSync(file, "utf8")).toBe("kept");
  });

  it("touches neither file if one cannot be put in its place", async () => {
    const directory = join(root, "blocked");
    await saveModel({ directory, network, weights: named });
    const before = readFileSync(join(directory, "model.safetensors"));
    rmSync(join(directory, "model.safetensors"));
    // A directory of that name, not empty: no rename over it can succeed.
    await saveModel({ directory: join(directory, "model.safetensors"), network, weights: named });
    const [problem] = await problemsOf(saveModel({ directory, network, weights: zeros }));
    expect(problem).toMatch(/^RESULT_DIRECTORY_UNWRITABLE found a directory, expected a file/);
    expect(readdirSync(directory).sort()).toEqual(["model.onnx", "model.safetensors"]);
    expect(readFileSync(join(directory, "model.safetensors", "model.safetensors")).equals(before)).toBe(true);
  });
});
