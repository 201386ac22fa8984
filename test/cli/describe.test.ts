import { expect, test } from "vitest";
import { describeModel, formatModel } from "../../cli/describe.js";
import {
  batchNorm,
  concat,
  dense,
  embedding,
  input,
  label,
  lstm,
  meanSquaredError,
  model,
  softmax,
  softmaxCrossEntropy,
  target,
  variable,
} from "../../runtime/layers/index.js";
import { imported } from "../typescript/models.js";

/** Two inputs, of which one has a length by name, a layer of several outputs, shared vectors and two losses. */
function several() {
  const image = input("image", [1, 2, 2]);
  const tokens = input("tokens", ["T"], { dtype: "int32" });
  const table = variable("table", [8, 4]);
  const words = embedding(tokens, { name: "words", rows: 8, units: 4, weights: table });
  const [output, , cell] = lstm(words, { name: "lstm", units: 3 });
  const seen = batchNorm(dense(image, { name: "seen", units: 5 }), { name: "bn" });
  const both = concat([output, cell, seen], { name: "both" });
  const scores = dense(both, { name: "scores", units: 2 });
  const digit = label("digit");
  const place = target("place", [2]);
  return model({
    name: "several",
    inputs: [image, tokens],
    labels: [digit, place],
    losses: { class: softmaxCrossEntropy(scores, digit), offset: meanSquaredError(scores, place) },
    lossWeights: { offset: 0.5 },
    outputs: { prob: softmax(scores, { name: "prob" }) },
  });
}

test("a network of several inputs, outputs and losses reads well", () => {
  const trimmed = formatModel(imported(several()))
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
  expect(trimmed).toMatchInlineSnapshot(`
    "several (caffe), from net.prototxt

    layer                 type                 output   parameters  source
    tokens                input                T
    table                 variable             8×4              32
    words                 embedding            T×4
    lstm                  lstm                 3, 3, 3          96
    image                 input                1×2×2
    seen                  dense                5                25
    bn                    batchNorm            5                20
    both                  concat               11
    scores                dense                2                24
    digit                 label                -
    softmaxCrossEntropy1  softmaxCrossEntropy  -
    place                 target               2
    meanSquaredError1     meanSquaredError     -
    prob                  softmax              2

    parameters  197 in 12 arrays
    inputs      image 1×2×2, tokens T; labels digit, place 2
    outputs     prob 2
    loss        class + 0.5 · offset"
  `);
});

test("its description has the shape of each input and output, lengths by name among them", () => {
  const { inputs, outputs, parameters } = describeModel(imported(several()));
  expect(inputs).toEqual([
    { name: "image", shape: [1, 2, 2] },
    { name: "tokens", shape: ["T"] },
  ]);
  expect(outputs).toEqual([{ name: "prob", shape: [2] }]);
  // Vectors, LSTM, dense layer, normalization with its statistics, dense layer.
  expect(parameters).toBe(8 * 4 + 12 * (4 + 3 + 1) + 5 * (4 + 1) + 4 * 5 + 2 * (11 + 1));
});

test("says how inputs are prepared as a formula, by input where there are several", () => {
  const found = imported(several());
  const preprocessing = { image: { mean: [4], scale: 0.0625 }, tokens: { mean: [1, 2] } };
  const lines = formatModel({ ...found, data: { ...found.data, preprocessing } }).split("\n");
  expect(lines).toContain("prepared    image: (x − 4) · 0.0625");
  expect(lines).toContain("            tokens: x − 1 / 2");
});
