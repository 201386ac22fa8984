import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import {
  accuracy,
  averagePool2d,
  conv2d,
  dense,
  describeNetwork,
  dropout,
  elu,
  flatten,
  gelu,
  input,
  label,
  layers,
  leakyRelu,
  maxPool2d,
  meanSquaredError,
  model,
  networksEqual,
  relu,
  sigmoid,
  softmax,
  softmaxCrossEntropy,
  softplus,
  swish,
  type Tensor,
  tanh,
  target,
} from "../../runtime/layers/index.js";
import { buildCase, layerFunction, recordedCases } from "./recorded.js";
import { runLayer } from "./run-layer.js";

/** Runs what must throw one of our errors; gives its codes and text. */
function refusal(body: () => unknown): { readonly codes: readonly string[]; readonly text: string } {
  try {
    body();
  } catch (error) {
    if (isBaseError(error)) return { codes: error.problems.map(({ code }) => code), text: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

/** For callers without types. */
const untyped = (value: unknown) => value as never;

const image = input("image", [4, 6, 6]);
const vector = input("vector", [5]);
const digit = label("digit", { classes: 5 });
const at = { file: "net.prototxt", line: 12, column: 3 };

interface Misuse {
  readonly make: () => unknown;
  readonly codes: readonly string[];
  /** Found and expected, as the message spells them. */
  readonly says: readonly string[];
}

const wrongInput = (make: (x: Tensor) => unknown): Misuse => ({
  make: () => make(digit),
  codes: ["LAYER_INPUT_INVALID"],
  says: ['"digit" (int32 [])', "expected a float32 tensor"],
});

const misuses: Readonly<Record<keyof typeof layers, readonly Misuse[]>> = {
  input: [
    {
      make: () => input("x", []),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['layer "x" (input)', '"shape" is []', "at least 1"],
    },
    { make: () => input("x", [3, 0, 2]), codes: ["LAYER_OPTION_INVALID"], says: ["[3, 0, 2]", "whole numbers ≥ 1"] },
    { make: () => input("", [3]), codes: ["LAYER_NAME_INVALID"], says: ['its name is ""'] },
    {
      make: () => input("x", [65536, 65536]),
      codes: ["LAYER_SIZE_TOO_LARGE"],
      says: ["4294967296", "at most 2147483647"],
    },
  ],
  label: [
    { make: () => label("y", { classes: 0 }), codes: ["LAYER_OPTION_INVALID"], says: ['"classes" is 0', "≥ 1"] },
    { make: () => label(untyped(7)), codes: ["LAYER_NAME_INVALID"], says: ["its name is 7"] },
  ],
  target: [{ make: () => target("y", [-1]), codes: ["LAYER_OPTION_INVALID"], says: ["[-1]", "≥ 1"] }],
  conv2d: [
    {
      make: () => conv2d(vector, { name: "c", filters: 2, kernel: 3, at }),
      codes: ["LAYER_RANK_WRONG"],
      says: ["net.prototxt:12:3", 'layer "c" (conv2d)', '"vector" (float32 [5])', "rank 3, [channels, height, width]"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 3, kernel: [9, 3], pad: 1, groups: 3, lr: [1, 2, 3] }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_SHAPE_MISMATCH", "LAYER_OPTION_INVALID"],
      says: [
        "3 groups",
        "4 input channels and 3 filters",
        "kernel height is 9",
        "8 (1 + 6 + 1)",
        "3 entries, expected 2",
      ],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: 3, dilation: 3 }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_SHAPE_MISMATCH"],
      says: ["3, 7 with dilation 3", "padded input height is 6"],
    },
    {
      make: () => conv2d(image, untyped({ filters: 1.5, stride: 0, pad: [1, 2, 3], strides: 2 })),
      codes: [
        "LAYER_NAME_INVALID",
        "LAYER_OPTION_UNKNOWN",
        "LAYER_OPTION_INVALID",
        "LAYER_OPTION_INVALID",
        "LAYER_OPTION_INVALID",
        "LAYER_OPTION_INVALID",
      ],
      says: [
        "layer conv2d",
        '"strides" is unknown',
        '"filters" is 1.5',
        '"kernel" is missing',
        '"stride" is 0',
        "[1, 2, 3]",
      ],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: 3, lr: -1, weights: untyped("xavier") }),
      codes: ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      says: ['"lr" is -1', '"weights" is "xavier"', "an initializer such as xavier()"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2 ** 31 - 1, kernel: 1 }),
      codes: ["LAYER_SIZE_TOO_LARGE", "LAYER_SIZE_TOO_LARGE"],
      says: ["expected at most 2147483647"],
    },
  ],
  maxPool2d: [
    { make: () => maxPool2d(image, {}), codes: ["LAYER_OPTION_INVALID"], says: ['"kernel" is missing'] },
    {
      make: () => maxPool2d(image, { kernel: 7 }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_SHAPE_MISMATCH"],
      says: ["is 7", "is 6"],
    },
    {
      make: () => maxPool2d(image, { kernel: 2, pad: [2, 0] }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["padding on height is 2 and its kernel 2"],
    },
    {
      make: () => maxPool2d(input("small", [1, 5, 5]), { kernel: 1, stride: 3, rounding: "ceil", name: "p" }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_SHAPE_MISMATCH"],
      says: ["starts at pixel 6 of 5", 'rounding: "floor" avoids it'],
    },
    {
      make: () => maxPool2d(image, { global: true, stride: 2 }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["global alone"],
    },
    {
      make: () => maxPool2d(image, { kernel: 2, rounding: untyped("up") }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"up"', '"floor" or "ceil"'],
    },
  ],
  averagePool2d: [
    { make: () => averagePool2d(vector, { kernel: 2 }), codes: ["LAYER_RANK_WRONG"], says: ["rank 3"] },
    {
      make: () => averagePool2d(image, { kernel: 2, countPadding: untyped(1) }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["true or false"],
    },
  ],
  dense: [
    {
      make: () => dense(vector, { name: "d", units: 0 }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"units" is 0', "≥ 1"],
    },
    {
      make: () => dense(vector, untyped({ units: 2 })),
      codes: ["LAYER_NAME_INVALID"],
      says: ["parameters are named after it"],
    },
    {
      make: () => dense(untyped("vector"), { name: "d", units: 2 }),
      codes: ["LAYER_INPUT_INVALID"],
      says: ['"vector"'],
    },
    wrongInput((x) => dense(x, { name: "d", units: 2 })),
  ],
  relu: [
    wrongInput(relu),
    { make: () => relu(untyped(undefined)), codes: ["LAYER_INPUT_INVALID"], says: ["input x is undefined"] },
    { make: () => relu(vector, untyped(image)), codes: ["LAYER_OPTION_INVALID"], says: ["options are", "an object"] },
    {
      make: () => relu(softmaxCrossEntropy(vector, digit, { name: "loss" })),
      codes: ["LAYER_INPUT_INVALID"],
      says: ['"loss" (one number for the whole batch)'],
    },
  ],
  leakyRelu: [
    { make: () => leakyRelu(vector, { slope: Number.NaN }), codes: ["LAYER_OPTION_INVALID"], says: ["slope", "NaN"] },
  ],
  elu: [
    { make: () => elu(vector, { alpha: untyped("1") }), codes: ["LAYER_OPTION_INVALID"], says: ['"alpha" is "1"'] },
  ],
  sigmoid: [wrongInput(sigmoid)],
  tanh: [wrongInput(tanh)],
  softplus: [wrongInput(softplus)],
  swish: [
    {
      make: () => swish(vector, { beta: Number.POSITIVE_INFINITY }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["Infinity"],
    },
  ],
  gelu: [
    {
      make: () => gelu(vector, { approximate: untyped("erf") }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"none" or "tanh"'],
    },
  ],
  dropout: [
    { make: () => dropout(vector, { rate: 1 }), codes: ["LAYER_OPTION_INVALID"], says: ['"rate" is 1', "≥ 0 and < 1"] },
    {
      make: () => dropout(vector, untyped({ ratio: 0.4 })),
      codes: ["LAYER_OPTION_UNKNOWN"],
      says: ['"ratio"', "name, rate"],
    },
  ],
  flatten: [wrongInput(flatten)],
  softmax: [
    wrongInput(softmax),
    { make: () => softmax(target("y", [])), codes: ["LAYER_RANK_WRONG"], says: ["[classes, …]"] },
  ],
  softmaxCrossEntropy: [
    {
      make: () => softmaxCrossEntropy(image, digit, { name: "loss" }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_SHAPE_MISMATCH"],
      says: ['layer "loss"', '"image" are [4, 6, 6]', '"digit" []', "each of the 36 places"],
    },
    {
      make: () => softmaxCrossEntropy(vector, label("y", { classes: 6 })),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"y" has 6 classes', '"vector" 5'],
    },
    {
      make: () => softmaxCrossEntropy(digit, vector),
      codes: ["LAYER_INPUT_INVALID", "LAYER_INPUT_INVALID"],
      says: ["logits", "label"],
    },
  ],
  meanSquaredError: [
    {
      make: () => meanSquaredError(vector, target("y", [4])),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"vector" is [5]', '"y" [4]', "the same shape"],
    },
  ],
  accuracy: [
    {
      make: () => accuracy(vector, digit, { topK: 6 }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["topK is 6 of 5 classes"],
    },
    { make: () => accuracy(vector, vector), codes: ["LAYER_INPUT_INVALID"], says: ["int32"] },
  ],
};

/** Rows whose numbers are not in PyTorch's record, and where they are checked instead. */
const checkedElsewhere: Readonly<Record<string, string>> = {
  input: "sources are fed: every recorded case",
  label: "sources are fed: the recorded losses",
  target: "sources are fed: the recorded losses",
  accuracy: "accuracy.test.ts",
};

const rows = Object.keys(layers) as readonly (keyof typeof layers)[];

describe.each(rows)("the layer %s", (type) => {
  test("has its own name as the key of its row", () => {
    expect(layers[type].type).toBe(type);
  });

  test("has values and gradients that PyTorch recorded", () => {
    const cases = recordedCases.filter(({ layer }) => layer === type);
    expect(checkedElsewhere[type] === undefined ? cases.length : 1).toBeGreaterThan(0);
    for (const { gradients, parameters } of cases) {
      expect(Object.keys(gradients)).toEqual(["x", ...Object.keys(parameters)]);
    }
  });

  test("refuses misuse with what it found and what it expected", () => {
    expect(misuses[type].length).toBeGreaterThan(0);
    for (const { make, codes, says } of misuses[type]) {
      const { codes: found, text } = refusal(make);
      expect(found, text).toEqual(codes);
      for (const part of says) expect(text).toContain(part);
    }
  });

  test("has a documented function with an example", () => {
    const file = type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const source = readFileSync(new URL(`../../runtime/layers/${file}.ts`, import.meta.url), "utf8");
    const doc = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport function ${type}\\(`).exec(source)?.[1];
    expect(doc).toContain("@example");
    expect(source).toMatch(new RegExp(`/\\*\\*(?:(?!\\*/)[^])*\\*/\\nexport const ${type}Layer\\b`));
  });
});

/** Calls a layer function as a generated package would: with the name and the options of its node. */
function rebuild(tensor: Tensor): Tensor {
  const { type, name, inputs, options, shape } = tensor.layer;
  const make = layerFunction(type);
  if (layers[type as keyof typeof layers].role !== "source") return make(...inputs.map(rebuild), { name, ...options });
  return type === "label" ? make(name, options) : make(name, shape);
}

describe("options", () => {
  test.each(recordedCases.map((recorded) => [`${recorded.layer}: ${recorded.name}`, recorded] as const))(
    "a layer made from its printed options is the same layer: %s",
    (_, recorded) => {
      const { y } = buildCase(recorded);
      const again = rebuild(y);
      expect(again.layer.options).toEqual(y.layer.options);
      expect(again.layer.attributes).toEqual(y.layer.attributes);
      expect(again.layer.parameters).toEqual(y.layer.parameters);
    },
  );

  test("are kept as a reader would write them: shortest form, defaults left out", () => {
    const options = {
      kernel: [3, 3],
      stride: [1, 1],
      pad: [2, 2, 2, 2],
      dilation: 1,
      groups: 1,
      lr: [1, 1],
      decay: [1, 0],
    } as const;
    const { layer } = conv2d(image, { name: "c", filters: 8, ...options });
    expect(layer.options).toEqual({ filters: 8, kernel: 3, pad: 2, decay: [1, 0] });
    expect(layer.attributes).toMatchObject({ kernel: [3, 3], pad: [2, 2, 2, 2], stride: [1, 1], groups: 1 });
    expect(conv2d(image, { name: "c", filters: 8, kernel: [3, 2], pad: [1, 0, 1, 0] }).layer.options).toEqual({
      filters: 8,
      kernel: [3, 2],
      pad: [1, 0],
    });
  });

  test("layers, tensors and their options are frozen", () => {
    const { layer } = conv2d(image, { name: "c", filters: 8, kernel: [3, 2] });
    for (const part of [layer, layer.options, layer.options.kernel, layer.attributes, layer.parameters, layer.shape]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test("a caller's array may change afterwards", () => {
    const kernel: [number, number] = [3, 2];
    const { layer } = conv2d(image, { name: "c", filters: 8, kernel });
    kernel[0] = 1;
    expect(layer.options.kernel).toEqual([3, 2]);
  });
});

test("a network rebuilt from its printed layers is equal, and one with another option is not", () => {
  const build = (units: number) => {
    const hidden = tanh(dense(vector, { name: "hidden", units }));
    const scores = dense(dropout(hidden, { rate: 0.2 }), { name: "scores", units: 5 });
    return model({
      name: "n",
      inputs: [vector],
      labels: [digit],
      loss: softmaxCrossEntropy(scores, digit),
      outputs: { prob: softmax(scores) },
    });
  };
  const first = build(7);
  const seen = new Map<string, Tensor>();
  const again = (tensor: Tensor): Tensor => {
    const known = seen.get(tensor.name);
    if (known !== undefined) return known;
    const { type, name, inputs, options, shape } = tensor.layer;
    const make = layerFunction(type);
    const source = type === "label" ? () => make(name, options) : () => make(name, shape);
    const made = inputs.length === 0 ? source() : make(...inputs.map(again), { name, ...options });
    seen.set(name, made);
    return made;
  };
  const tensors = new Map(first.layers.flatMap(({ inputs }) => inputs.map((tensor) => [tensor.name, tensor] as const)));
  for (const { name } of first.layers) {
    const tensor = tensors.get(name);
    if (tensor !== undefined) again(tensor);
  }
  const second = model({
    name: "n",
    inputs: first.inputs.map(again),
    labels: first.labels.map(again),
    ...(first.loss === undefined ? {} : { loss: again(first.loss) }),
    outputs: Object.fromEntries(Object.entries(first.outputs).map(([name, tensor]) => [name, again(tensor)])),
  });
  expect(describeNetwork(second)).toEqual(describeNetwork(first));
  expect(networksEqual(first, build(7))).toBe(true);
  expect(networksEqual(first, build(8))).toBe(false);
});

test("dropout is the identity in evaluation", async () => {
  const y = dropout(input("x", [3]), { name: "layer", rate: 0.4 });
  const data = Float32Array.of(1, -2, 3);
  const outcome = await runLayer({ y, feeds: { x: { data, dims: [1, 3] } }, training: false, gradients: false });
  expect([...outcome.y]).toEqual([...data]);
});
