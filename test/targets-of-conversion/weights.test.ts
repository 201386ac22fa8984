import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { convertModel } from "../../generators/targets/index.js";
import type { NDArray } from "../../runtime/array.js";
import { joinChunks } from "../../runtime/chunks.js";
import { conv2d, dense, input, model, relu } from "../../runtime/layers/index.js";
import { compileInference } from "../../runtime/program/index.js";
import { readSafetensors } from "../../runtime/results/index.js";
import { sizeOf } from "../../runtime/shape.js";
import { imported } from "../typescript/models.js";

const image = input("image", [2, 5, 4]);
const scores = dense(relu(conv2d(image, { name: "conv", filters: 3, kernel: 2 })), { name: "scores", units: 4 });
const network = model({ name: "Net", inputs: [image], outputs: { scores } });

const arrays: Record<string, NDArray<Float32Array>> = {};
for (const [place, { name, shape }] of network.variables.entries()) {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index * 7 + place));
  arrays[name] = { shape, data };
}
const weights = {
  file: "net.weights",
  entries: network.variables.map(({ name, shape }) => ({ name, shape })),
  read: (name: string) => Promise.resolve(arrays[name] as NDArray<Float32Array>),
};
const [mean, scale] = [[3, -2], 0.25];
const data = { preprocessing: { image: { mean, scale } }, classNames: { kind: ["a", "b", "c", "d"] } };

async function run(bytes: Uint8Array, rows: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes);
  const { scores: found } = await session.run({ image: new Tensor("float32", rows, [3, 2, 5, 4]) });
  await session.release();
  return found?.data as Float32Array;
}

test("the target onnx holds the weights, and scale and mean in front: raw rows in", async () => {
  const files = await convertModel(imported(network, { weights, data }), "onnx", { runtime: "" });
  expect(Object.keys(files)).toEqual(["model.onnx", ".paramserv.json"]);
  const bytes = joinChunks(files["model.onnx"] as readonly Uint8Array[]);
  const raw = Float32Array.from({ length: 3 * 40 }, (_, index) => (index * 37) % 255);
  const prepared = raw.map((value, index) => (value - (mean[Math.floor(index / 20) % 2] ?? 0)) * scale);
  expect(await run(bytes, raw)).toEqual(await run(compileInference(network, arrays), prepared));
  const text = new TextDecoder("latin1").decode(bytes);
  for (const told of ["preparation_json", '{"kind":["a","b","c","d"]}', "net.prototxt"]) expect(text).toContain(told);
});

test("a model without all of its weights is refused with the names of those that lack", async () => {
  const some = { ...weights, entries: weights.entries.slice(1) };
  await expect(convertModel(imported(network, { weights: some, data }), "onnx", { runtime: "" })).rejects.toThrow(
    "net.weights TARGET_WEIGHTS_MISSING: found no weights for conv.weight, expected all 4 arrays",
  );
});

test("a package keeps the weights of its model's file, and what the file says of the data", async () => {
  const described = { ...data, layout: "channels_last" } as const;
  const files = await convertModel(imported(network, { weights, data: described }), "typescript", {
    runtime: "^0.1.0",
  });
  const kept = readSafetensors(joinChunks(files["weights.safetensors"] as readonly Uint8Array[]), "w");
  expect(kept.tensors).toEqual(arrays);
  for (const line of ['from: "weights.safetensors",', 'layout: "channels_last",', 'kind: ["a", "b", "c", "d"]']) {
    expect(files["train.ts"]).toContain(line);
  }
  const named = { ...weights, file: "other/model.safetensors" };
  const options = { runtime: "^0.1.0", from: "../other" };
  const referring = await convertModel(imported(network, { weights: named, data }), "typescript", options);
  expect(Object.keys(referring)).not.toContain("weights.safetensors");
  expect(referring["train.ts"]).toContain('from: "../other",');
});
