import { expect, it } from "vitest";
import { rowsFor } from "../../../cli/regress/rows.js";
import { regressDefaults } from "../../../cli/regress/settings.js";
import { loadInMemory } from "../../../runtime/data/in-memory.js";
import {
  dense,
  embedding,
  flatten,
  input,
  label,
  model,
  onnx,
  softmaxCrossEntropy,
} from "../../../runtime/layers/index.js";
import { gradientsOf } from "../../../runtime/paramserv/index.js";
import { imported } from "../../typescript/models.js";

it("makes rows for every type of input: normal numbers, class numbers in their range, open lengths", async () => {
  const pixels = input("pixels", [500]);
  const words = input("words", ["T"], { dtype: "int32" });
  const digit = label("digit", { classes: 3 });
  const read = onnx.ReduceMean(embedding(words, { name: "read", rows: 5, units: 4 }), [1], { keepdims: 0 });
  const scores = onnx.Add(dense(flatten(pixels), { name: "a", units: 3 }), dense(read, { name: "b", units: 3 }));
  const network = model({
    name: "Both",
    inputs: [pixels, words],
    labels: [digit],
    loss: softmaxCrossEntropy(scores, digit),
  });
  const { program } = gradientsOf(network);
  const settings = { ...regressDefaults, seed: 7 };
  const { dataset, source } = await rowsFor({ imported: imported(network), program, directory: ".", settings });
  expect(source).toBe("synthetic");
  const { features, labels } = await loadInMemory(dataset);
  expect(features.words?.shape).toEqual([16, 6]);
  expect(new Set(features.words?.data)).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(labels.digit?.shape).toEqual([16]);
  expect(new Set(labels.digit?.data)).toEqual(new Set([0, 1, 2]));
  const drawn = [...(features.pixels?.data ?? [])];
  expect(drawn).toHaveLength(8000);
  const mean = drawn.reduce((sum, value) => sum + value, 0) / 8000;
  const variance = drawn.reduce((sum, value) => sum + value * value, 0) / 8000;
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  const other = await rowsFor({ imported: imported(network), program, directory: ".", settings: regressDefaults });
  const others = await loadInMemory(other.dataset);
  expect(others.features.pixels?.data).not.toEqual(features.pixels?.data);
});

it("refuses to make more rows than an update could learn from in time", async () => {
  const data = input("data", [3, 224, 224]);
  const digit = label("digit");
  const loss = softmaxCrossEntropy(dense(flatten(data), { name: "fc", units: 2 }), digit);
  const network = model({ name: "Wide", inputs: [data], labels: [digit], loss });
  const { program } = gradientsOf(network);
  const settings = { ...regressDefaults, k: 1024, batchsize: 65_536 };
  const wanted = { imported: imported(network), program, directory: ".", settings };
  await expect(rowsFor(wanted)).rejects.toThrow(/DATA_TOO_LARGE: 67108864 made-up rows/);
});
