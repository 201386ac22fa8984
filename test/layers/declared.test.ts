import { describe, expect, test } from "vitest";
import {
  batchNorm,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  dense,
  embedding,
  formatInitializer,
  groupNorm,
  gru,
  input,
  instanceNorm,
  label,
  layerNorm,
  linear,
  lstm,
  onnx,
  prelu,
  simpleRnn,
  type Tensor,
  target,
} from "../../runtime/layers/index.js";

const steps = input("steps", ["T", 4]);
const sequence = input("sequence", [4, 9]);
const image = input("image", [4, 9, 9]);
const volume = input("volume", [4, 9, 9, 9]);

/** A layer's variables as text: name, shape, start and, if it is not trained, role. */
function declared(made: Tensor | readonly Tensor[]): readonly string[] {
  const [first] = "kind" in made ? [made] : made;
  return Object.values(first?.layer.variables ?? {}).map(({ name, shape, initializer, role, lr, decay }) => {
    const multipliers = lr === 1 && decay === 1 ? "" : ` × ${lr}, ${decay}`;
    return `${name} [${shape}] ${formatInitializer(initializer)}${role === "trained" ? "" : ` ${role}`}${multipliers}`;
  });
}

const name = "a";
const statistics = ["a.running_mean [4] constant(0)", "a.running_var [4] constant(1)"];

test.each<readonly [string, Tensor | readonly Tensor[], readonly string[]]>([
  [
    "conv1d",
    conv1d(sequence, { name, filters: 2, kernel: 3 }),
    ["a.weight [2,4,3] xavier()", "a.bias [2] constant(0)"],
  ],
  [
    "conv2d",
    conv2d(image, { name, filters: 2, kernel: [3, 2] }),
    ["a.weight [2,4,3,2] xavier()", "a.bias [2] constant(0)"],
  ],
  [
    "conv2d depthwise",
    conv2d(image, { name, filters: 8, kernel: 3, groups: 4, bias: false }),
    ["a.weight [8,1,3,3] xavier()"],
  ],
  ["conv3d", conv3d(volume, { name, filters: 2, kernel: 3, bias: false }), ["a.weight [2,4,3,3,3] xavier()"]],
  [
    "convTranspose1d",
    convTranspose1d(sequence, { name, filters: 2, kernel: 3, bias: false }),
    ["a.weight [4,2,3] xavier()"],
  ],
  [
    "convTranspose2d",
    convTranspose2d(image, { name, filters: 2, kernel: 3, groups: 2 }),
    ["a.weight [4,1,3,3] xavier()", "a.bias [2] constant(0)"],
  ],
  [
    "convTranspose3d",
    convTranspose3d(volume, { name, filters: 2, kernel: 3, bias: false }),
    ["a.weight [4,2,3,3,3] xavier()"],
  ],
  [
    "dense",
    dense(sequence, { name, units: 2, lr: [1, 2], decay: [1, 0] }),
    ["a.weight [2,36] xavier()", "a.bias [2] constant(0) × 2, 0"],
  ],
  ["linear", linear(steps, { name, units: 2 }), ["a.weight [2,4] xavier()", "a.bias [2] constant(0)"]],
  [
    "embedding",
    embedding(input("t", ["T"], { dtype: "int64" }), { name, rows: 7, units: 2, lr: 3 }),
    ["a.weight [7,2] gaussian() × 3, 1"],
  ],
  ["prelu", prelu(image, { name }), ["a.weight [4] constant(0.25)"]],
  ["prelu shared", prelu(image, { name, shared: true, decay: 0 }), ["a.weight [1] constant(0.25) × 1, 0"]],
  [
    "batchNorm",
    batchNorm(image, { name }),
    ["a.weight [4] constant(1)", "a.bias [4] constant(0)", ...statistics.map((text) => `${text} state`)],
  ],
  [
    "batchNorm frozen",
    batchNorm(image, { name, scale: false, offset: false, statistics: "running" }),
    statistics.map((text) => `${text} frozen`),
  ],
  ["layerNorm", layerNorm(image, { name, axis: -2 }), ["a.weight [9,9] constant(1)", "a.bias [9,9] constant(0)"]],
  ["groupNorm", groupNorm(image, { name, groups: 2, offset: false }), ["a.weight [4] constant(1)"]],
  ["instanceNorm", instanceNorm(image, { name, scale: false, lr: 2 }), ["a.bias [4] constant(0) × 2, 1"]],
  [
    "simpleRnn",
    simpleRnn(steps, { name, units: 3 }),
    ["a.weight_ih [3,4] xavier()", "a.weight_hh [3,3] xavier()", "a.bias_ih [3] constant(0)"],
  ],
  ["gru", gru(steps, { name, units: 3, bias: false }), ["a.weight_ih [9,4] xavier()", "a.weight_hh [9,3] xavier()"]],
  [
    "lstm",
    lstm(steps, { name, units: 3 }),
    ["a.weight_ih [12,4] xavier()", "a.weight_hh [12,3] xavier()", "a.bias_ih [12] constant(0)"],
  ],
])("the variables of %s", (_, made, wanted) => {
  expect(declared(made)).toEqual(wanted);
});

describe("sources", () => {
  test("have the batch before their shape, and their dtype", () => {
    const shapes = [input("a", [2, "T"]), input("b", [], { dtype: "int64" }), label("c"), target("d", [3])];
    expect(shapes.map(({ dtype, shape }) => [dtype, ...shape])).toEqual([
      ["float32", "N", 2, "T"],
      ["int64", "N"],
      ["int32", "N"],
      ["float32", "N", 3],
    ]);
  });
});

describe("recurrence", () => {
  test("gives the output, then its states", () => {
    const shapes = (tensors: readonly Tensor[]) => tensors.map(({ shape }) => shape);
    expect(shapes(gru(steps, { name, units: 3 }))).toEqual([
      ["N", 3],
      ["N", 3],
    ]);
    expect(shapes(lstm(steps, { name, units: 3, returnSequences: true }))).toEqual([
      ["N", "T", 3],
      ["N", 3],
      ["N", 3],
    ]);
  });

  test("goes over rows that are not the batch alone", () => {
    const rows = onnx.Reshape(input("x", [2, 5, 4]), [-1, 5, 4]);
    const [output] = simpleRnn(rows, { name, units: 3, returnSequences: true });
    expect(output.shape).toEqual(["2N", 5, 3]);
  });
});
