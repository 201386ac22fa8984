import { describe, expect, test } from "vitest";
import {
  add,
  batchNorm,
  constant,
  dense,
  embedding,
  gaussian,
  input,
  model,
  multiply,
  onnx,
  printNetwork,
  relu,
  type Tensor,
  variable,
} from "../../runtime/layers/index.js";
import { hashedUniform } from "./hashed.js";
import { refusal } from "./refusal.js";
import { type Feeds, relativeError, runLayer } from "./run-layer.js";

const feed = (dims: readonly number[], salt: number) => ({
  data: hashedUniform(
    dims.reduce((size, length) => size * length, 1),
    salt,
  ),
  dims,
});

describe("variable()", () => {
  test("is a source without a batch axis that says how it starts and changes", () => {
    const words = variable("words", [10, 4]);
    expect(words).toMatchObject({ kind: "tensor", dtype: "float32", shape: [10, 4], index: 0 });
    expect(words.layer.variables.value).toEqual({
      name: "words",
      shape: [10, 4],
      role: "trained",
      initializer: { kind: "initializer", type: "xavier", options: {} },
      lr: 1,
      decay: 1,
    });
    const offset = variable("offset", [4], { role: "frozen", lr: 2, decay: 0 });
    expect(offset.layer.variables.value).toMatchObject({ role: "frozen", initializer: constant(0), lr: 2, decay: 0 });
    const scale = variable("scale", [], { initializer: gaussian({ std: 0.1 }) });
    expect(scale.layer.variables.value?.initializer).toEqual(gaussian({ std: 0.1 }));
  });

  test("need not be listed, and comes in the order in which layers take it", () => {
    const x = input("x", [4]);
    const offset = variable("offset", [3], { role: "frozen" });
    const weights = variable("weights", [3, 4]);
    const y = add([dense(x, { name: "d", units: 3, weights }), offset]);
    const network = model({ name: "n", inputs: [x], outputs: { y } });
    expect(network.layers.map(({ name }) => name)).toEqual(["x", "weights", "d", "offset", "add1"]);
    expect(network.variables.map(({ name }) => name)).toEqual(["weights", "d.bias", "offset"]);
    expect(network.layers[2]).toMatchObject({ options: { units: 3 }, tensors: { weights } });
    expect(printNetwork(network)).toContain("  d = dense(x, weights: weights, units: 3)  # [3], d.bias [3]\n");
    expect(printNetwork(network)).toContain(
      'offset = variable(shape: [3], role: "frozen")  # [3], offset [3] frozen\n',
    );
  });
});

describe("a variable that several layers share", () => {
  test("gets the sum of their gradients (siamese branches)", async () => {
    const [left, right] = [input("left", [3]), input("right", [3])];
    const weights = variable("w", [2, 3]);
    const branch = (x: Tensor, name: string) => dense(x, { name, units: 2, weights, bias: false });
    const y = multiply([branch(left, "a"), branch(right, "b")]);
    const feeds: Feeds = {
      left: feed([2, 3], 1),
      right: feed([2, 3], 2),
      w: feed([2, 3], 3),
      cotangent0: feed([2, 2], 4),
    };
    const found = await runLayer({ y, feeds, gradients: ["w"] });

    const at = (name: string, row: number, column: number, width: number) =>
      Number(feeds[name]?.data[row * width + column]);
    const dot = (name: string, row: number, unit: number) =>
      [0, 1, 2].reduce((sum, i) => sum + at(name, row, i, 3) * at("w", unit, i, 3), 0);
    const wanted = [0, 1].flatMap((unit) =>
      [0, 1, 2].map((i) =>
        [0, 1].reduce((sum, row) => {
          const c = at("cotangent0", row, unit, 2);
          return (
            sum +
            c * (at("left", row, i, 3) * dot("right", row, unit) + at("right", row, i, 3) * dot("left", row, unit))
          );
        }, 0),
      ),
    );
    expect(relativeError(found.gradients.w ?? [], wanted)).toBeLessThan(1e-5);
  });

  test("may be transposed on the way (tied embeddings)", async () => {
    const tokens = input("tokens", [], { dtype: "int32" });
    const words = variable("words", [5, 3]);
    const state = embedding(tokens, { name: "embedded", rows: 5, units: 3, weights: words });
    const y = onnx.MatMul(state, onnx.Transpose(words, { perm: [1, 0] }));
    const feeds: Feeds = {
      tokens: { data: Int32Array.of(4, 0), dims: [2] },
      words: feed([5, 3], 1),
      cotangent0: feed([2, 5], 2),
    };
    const found = await runLayer({ y, feeds, gradients: ["words"] });
    const w = (row: number, i: number) => Number(feeds.words?.data[row * 3 + i]);
    const c = (row: number, i: number) => Number(feeds.cotangent0?.data[row * 5 + i]);
    const wanted = new Float32Array(15);
    for (const [row, token] of [4, 0].entries())
      for (let word = 0; word < 5; word += 1)
        for (let i = 0; i < 3; i += 1) {
          wanted[word * 3 + i] = (wanted[word * 3 + i] ?? 0) + c(row, word) * w(token, i);
          wanted[token * 3 + i] = (wanted[token * 3 + i] ?? 0) + c(row, word) * w(word, i);
        }
    expect(relativeError(found.gradients.words ?? [], wanted)).toBeLessThan(1e-5);
  });

  test("of role state is written by one layer after the other", async () => {
    const [left, right] = [input("left", [1]), input("right", [1])];
    const mean = variable("mean", [1], { role: "state" });
    const variance = variable("variance", [1], { role: "state", initializer: constant(1) });
    const shared = { mean, variance, momentum: 0.75 };
    const y = add([batchNorm(left, { name: "a", ...shared }), batchNorm(right, { name: "b", ...shared })]);
    const one = { data: Float32Array.of(1), dims: [1] };
    const feeds: Feeds = {
      left: { data: Float32Array.of(1, 3), dims: [2, 1] },
      right: { data: Float32Array.of(10, 20), dims: [2, 1] },
      ...{ mean: { data: Float32Array.of(8), dims: [1] }, variance: one },
      ...{ "a.weight": one, "a.bias": one, "b.weight": one, "b.bias": one },
    };
    const found = await runLayer({ y, feeds, gradients: false });
    // 8 → ¾·8 + ¼·2 = 6.5 → ¾·6.5 + ¼·15 = 8.625, and 1 → ¾·1 + ¼·1 = 1 → ¾·1 + ¼·25 = 7.
    expect(Object.keys(found.next)).toEqual(["mean", "variance"]);
    expect(found.next.mean?.[0]).toBeCloseTo(8.625, 5);
    expect(found.next.variance?.[0]).toBeCloseTo(7, 4);
    const evaluated = await runLayer({ y, feeds, training: false, gradients: false });
    expect(evaluated.next).toEqual({});
    expect(evaluated.y[0]).toBeCloseTo(1 - 8 + 10 - 8 + 2, 3);
  });
});

describe("a layer's own states", () => {
  test("are state where it writes them and frozen where it does not", () => {
    const x = input("x", [2]);
    const written = batchNorm(x, { name: "bn" });
    expect(Object.values(written.layer.variables).map(({ name, role }) => [name, role])).toEqual([
      ["bn.weight", "trained"],
      ["bn.bias", "trained"],
      ["bn.running_mean", "state"],
      ["bn.running_var", "state"],
    ]);
    const read = batchNorm(x, { name: "bn", statistics: "running" });
    expect(Object.values(read.layer.variables).map(({ role }) => role)).toEqual([
      ...["trained", "trained", "frozen", "frozen"],
    ]);
  });
});

describe("variables are refused,", () => {
  const x = input("x", [4]);
  test.each([
    [
      "of the wrong shape",
      () => dense(x, { name: "d", units: 3, weights: variable("w", [3, 5]) }),
      ["LAYER_SHAPE_MISMATCH"],
      ['layer "d" (dense): its weight is "w" (float32 [3, 5]), expected float32 [3, 4]'],
    ],
    [
      "in the place of a state that is written, if they are trained or computed",
      () => {
        const variance = variable("v", [4]);
        return batchNorm(x, { name: "bn", mean: relu(variable("m", [4], { role: "state" })), variance });
      },
      ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      [
        'its running_mean is "relu" (float32 [4]), which cannot be written, expected a variable of role "state"',
        'its running_var is "v" (float32 [4])',
      ],
    ],
    [
      "of one name, unless they are one",
      () => {
        const both = add([variable("v", [4]), variable("v", [4]), dense(x, { name: "d", units: 4 })]);
        return model({ name: "n", inputs: [x], outputs: { y: add([both, variable("d.weight", [4])]) } });
      },
      ["MODEL_NAME_DUPLICATE", "MODEL_NAME_DUPLICATE"],
      ['two layers named "v" (variable and variable)', 'parameter "d.weight" has the name of parameter "d.weight"'],
    ],
    [
      "with multipliers of a layer that they are given to",
      () => dense(x, { name: "d", units: 4, weights: variable("v", [4, 4]), lr: [0, 2], decay: [1, 2] }),
      ["LAYER_OPTION_INVALID"],
      ['its option "lr" has no effect on its weight'],
    ],
    [
      "with options that they do not take",
      () => variable("v", [0], { role: "constant", lr: -1, initializer: "zeros" } as never),
      ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      ['"shape" is [0]', '"role" is "constant"', '"lr" is -1', '"initializer" is "zeros"'],
    ],
    [
      "too large",
      () => variable("v", [65536, 65536]),
      ["LAYER_SIZE_TOO_LARGE"],
      ["has 4294967296 numbers, expected at most 2147483647"],
    ],
  ])("%s", (_, make, codes, says) => {
    const found = refusal(make);
    expect(found.codes, found.text).toEqual(codes);
    for (const part of says) expect(found.text).toContain(part);
  });
});
