import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accuracy,
  concat,
  dense,
  embedding,
  flatten,
  input,
  label,
  layerNorm,
  meanSquaredError,
  model,
  relu,
  softmax,
  softmaxCrossEntropy,
  target,
} from "../../runtime/layers/index.js";
import { bytesOf, npyBytes, npzBytes } from "../data/files.js";
import { imported } from "./models.js";
import { makePackage, run } from "./package-runner.js";

/** An image and three tokens, which share a table of vectors, to a class and an offset. */
function columns() {
  const image = input("image", [1, 4, 4]);
  const tokens = input("tokens", [3], { dtype: "int32" });
  const digit = label("digit");
  const place = target("place", [2]);
  const words = flatten(embedding(tokens, { name: "words", rows: 8, units: 4 }));
  const both = concat([relu(dense(image, { name: "seen", units: 8 })), words]);
  const hidden = layerNorm(both, { name: "normal" });
  const scores = dense(hidden, { name: "scores", units: 3 });
  const moved = dense(hidden, { name: "moved", units: 2 });
  return imported(
    model({
      name: "columns",
      inputs: [image, tokens],
      labels: [digit, place],
      losses: {
        class: softmaxCrossEntropy(scores, digit, { ignoreLabel: 9 }),
        offset: meanSquaredError(moved, place),
      },
      lossWeights: { offset: 0.5 },
      outputs: { prob: softmax(scores), moved },
      metrics: { accuracy: accuracy(scores, digit, { ignoreLabel: 9 }) },
    }),
    { training: { batchsize: 16 } },
  );
}

/** Rows whose class is that of their first token and whose offset is in their image. */
function archive(rows: number, names: Readonly<Record<"image" | "tokens" | "digit" | "place", string>>): Uint8Array {
  const each = (count: number, value: (row: number, index: number) => number) =>
    Array.from({ length: rows * count }, (_, at) => value(Math.floor(at / count), at % count));
  const token = (row: number, index: number) => (row * 5 + index * 3) % 8;
  const pixel = (row: number, index: number) => ((row * 7 + index * 11) % 13) / 13;
  const float = (shape: readonly number[], values: readonly number[]) =>
    npyBytes({ descr: "<f4", shape, data: bytesOf(Float32Array.from(values)) });
  const whole = (shape: readonly number[], values: readonly number[]) =>
    npyBytes({ descr: "<i4", shape, data: bytesOf(Int32Array.from(values)) });
  return npzBytes({
    [names.image]: float([rows, 4, 4], each(16, pixel)),
    [names.tokens]: whole([rows, 3], each(3, token)),
    // Every seventh row has no class.
    [names.digit]: whole(
      [rows],
      each(1, (row) => (row % 7 === 0 ? 9 : token(row, 0) % 3)),
    ),
    [names.place]: float([rows, 2], each(2, pixel)),
  });
}

let directory = "";
const train = (...args: readonly string[]) => run(directory, ["dist/train.js", ...args]);

beforeAll(async () => {
  directory = await makePackage(columns(), { k: 2, seed: 1 });
  const own = { image: "image", tokens: "tokens", digit: "digit", place: "place" };
  writeFileSync(join(directory, "own.npz"), archive(240, own));
  writeFileSync(join(directory, "other.npz"), archive(240, { ...own, image: "pixels", digit: "y" }));
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the package of a network with several inputs and losses", () => {
  test("trains on the arrays of these names and tells every loss", async () => {
    const { status, stdout, stderr } = await train("--data", "own.npz", "--epochs", "8", "--json");
    expect(status, stderr).toBe(0);
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const epochs = events.filter(({ event }) => event === "epoch");
    const [first, last] = [epochs[0], epochs.at(-1)];
    expect(last.train.loss).toBeLessThan(first.train.loss / 2);
    for (const means of [last.train, last.validation]) {
      expect(means.loss).toBeCloseTo(means.class + 0.5 * means.offset, 5);
    }
    expect(last.validation.accuracy).toBeGreaterThan(0.8);
  });

  test("prints epochs that keep within 80 columns", async () => {
    const { status, stderr } = await train("--data", "own.npz", "--epochs", "1", "--out", "lines");
    expect(status, stderr).toBe(0);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.at(-3)).toMatch(/^epoch 1\/1 {2}loss [\d.]+ {2}class [\d.]+ {2}offset [\d.]+ {2}accuracy [\d.]+$/);
    expect(lines.at(-2)).toMatch(/^ {6}val {2}loss [\d.]+ {2}class [\d.]+ {2}offset [\d.]+ {2}accuracy [\d.]+/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("takes arrays of other names, and says which are missing", async () => {
    const missing = await train("--data", "other.npz", "--epochs", "1", "--out", "missing");
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('expected an array of the same name for the input "image"');
    expect(missing.stderr).toContain("--label digit=ARRAY");
    const named = ["--input", "image=pixels", "--label", "digit=y"];
    const [own, other] = [
      await train("--data", "own.npz", "--epochs", "1", "--out", "own"),
      await train("--data", "other.npz", "--epochs", "1", "--out", "other", ...named),
    ];
    expect(other.status, other.stderr).toBe(0);
    expect(own.status, own.stderr).toBe(0);
    const [left, right] = ["own", "other"].map((name) => readFileSync(join(directory, name, "model.safetensors")));
    expect(left?.equals(right ?? Buffer.of())).toBe(true);
  });
});
