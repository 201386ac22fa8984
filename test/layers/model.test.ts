import { describe, expect, test } from "vitest";
import { defineLayer } from "../../runtime/layers/define-layer.js";
import {
  accuracy,
  add,
  constant,
  conv2d,
  dense,
  describeNetwork,
  input,
  label,
  meanSquaredError,
  model,
  networksEqual,
  printNetwork,
  relu,
  softmax,
  softmaxCrossEntropy,
  target,
} from "../../runtime/layers/index.js";
import { isTensor, nameOf } from "../../runtime/layers/tensors.js";
import type { LayerNode } from "../../runtime/layers/types.js";
import { lenet } from "../program/lenet.js";
import { refusal } from "./refusal.js";

const takes = ({ inputs }: LayerNode) => inputs.filter(isTensor).map(nameOf).join();

const data = input("data", [4]);
const digit = label("label", { classes: 3 });
const scores = dense(data, { name: "scores", units: 3 });

describe("names", () => {
  test("layers without one are numbered by type, each after those that it takes", () => {
    const first = relu(dense(data, { name: "a", units: 2 }));
    const second = relu(dense(first, { name: "b", units: 2 }));
    const network = model({ name: "n", inputs: [data], outputs: { y: softmax(second) } });
    expect(network.layers.map(({ name }) => name)).toEqual(["data", "a", "relu1", "b", "relu2", "softmax1"]);
    expect(network.layers.map(takes)).toEqual(["", "data", "a", "relu1", "b", "relu2"]);
    expect(network.outputs.y?.layer).toBe(network.layers.at(-1));
  });

  test("are given in the order losses, metrics, outputs, and of inputs of each layer", () => {
    const left = relu(data, { name: "left" });
    const right = relu(data, { name: "right" });
    const both = add([right, left], { name: "both" });
    const network = model({
      name: "n",
      inputs: [data],
      labels: [digit],
      outputs: { b: both, a: left },
      metrics: { m: accuracy(dense(left, { name: "m", units: 3 }), digit) },
      loss: softmaxCrossEntropy(scores, digit),
    });
    expect(network.layers.map(({ name }) => name)).toEqual([
      ...["data", "scores", "label", "softmaxCrossEntropy1"],
      ...["left", "m", "accuracy1"],
      ...["right", "both"],
    ]);
  });

  test("variables of a numbered layer are named after it", () => {
    const scale = defineLayer({
      type: "scale",
      inputs: ["x: float"],
      options: {},
      lower: (l, { x }) => l.g.op("Mul", [x, l.variable("weight", { shape: [4], start: constant(1) })]),
    });
    const network = model({ name: "n", inputs: [data], outputs: { y: scale.make([relu(data)], {}) } });
    expect(network.variables.map(({ name }) => name)).toEqual(["scale1.weight"]);
    expect(network.layers.at(-1)?.variables.weight).toBe(network.variables[0]);
  });

  test("a number that a given name has taken is left out", () => {
    const second = relu(relu(data, { name: "relu1" }));
    const network = model({ name: "n", inputs: [data], outputs: { y: relu(second, { name: "relu3" }) } });
    expect(network.layers.map(({ name }) => name)).toEqual(["data", "relu1", "relu2", "relu3"]);
  });

  test("two builds of one model are equal, whatever was built in between", () => {
    const first = lenet();
    relu(relu(data));
    expect(networksEqual(lenet(), first)).toBe(true);
    expect(printNetwork(lenet())).toBe(printNetwork(first));
  });

  test("one tensor may go into several networks", () => {
    const hidden = relu(relu(data));
    const last = relu(data);
    const small = model({ name: "small", inputs: [data], outputs: { y: last } });
    const large = model({ name: "large", inputs: [data], outputs: { x: hidden, y: last } });
    expect(small.outputs.y?.layer.name).toBe("relu1");
    expect(large.outputs.y?.layer.name).toBe("relu3");
    const again = model({ name: "again", inputs: small.inputs, outputs: small.outputs });
    expect(describeNetwork(again).layers).toEqual(describeNetwork(small).layers);
  });
});

describe("a network", () => {
  test("holds only the layers that its ends need, with their parameters in order", () => {
    dense(scores, { name: "unused", units: 2 });
    const network = model({ name: "n", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(scores, digit) });
    expect(network.layers.map(({ type }) => type)).toEqual(["input", "dense", "label", "softmaxCrossEntropy"]);
    expect(network.variables).toEqual([
      {
        name: "scores.weight",
        shape: [3, 4],
        role: "trained",
        initializer: { kind: "initializer", type: "xavier", options: {} },
        lr: 1,
        decay: 1,
      },
      {
        name: "scores.bias",
        shape: [3],
        role: "trained",
        initializer: { kind: "initializer", type: "constant", options: {} },
        lr: 1,
        decay: 1,
      },
    ]);
    expect(Object.isFrozen(network)).toBe(true);
    expect(Object.isFrozen(network.layers)).toBe(true);
  });

  test("is made of ten thousand layers, one behind the other", () => {
    let deep = data;
    for (let i = 0; i < 10_000; i += 1) deep = relu(deep);
    const network = model({ name: "deep", inputs: [data], outputs: { y: deep } });
    expect(network.layers).toHaveLength(10_001);
    expect(network.layers.at(-1)?.name).toBe("relu10000");
    expect(networksEqual(network, network)).toBe(true);
  });

  test("has named losses with weights, or one that is called loss", () => {
    const main = softmaxCrossEntropy(scores, digit);
    const aside = meanSquaredError(data, data, { name: "aside" });
    const network = model({
      name: "n",
      inputs: [data],
      labels: [digit],
      losses: { main, aside },
      lossWeights: { aside: 0.3 },
    });
    expect(Object.entries(network.losses).map(([key, { weight }]) => [key, weight])).toEqual([
      ["main", 1],
      ["aside", 0.3],
    ]);
    expect(network.losses.main?.scalar.layer.name).toBe("softmaxCrossEntropy1");
    expect(printNetwork(network)).toContain("  losses: main = softmaxCrossEntropy1, aside = 0.3 × aside\n");
    const one = model({ name: "n", inputs: [data], labels: [digit], loss: main, lossWeights: { loss: 2 } });
    expect(one.losses.loss?.weight).toBe(2);
    const named = model({ name: "n", inputs: [data], labels: [digit], losses: { loss: main } });
    expect(printNetwork(named)).toContain("  loss: softmaxCrossEntropy1\n");
    expect(networksEqual(named, one)).toBe(false);
  });

  test("takes any text as the name of a metric or variable: programs make their names free of clashes", () => {
    const network = model({
      name: "n",
      inputs: [data],
      labels: [digit],
      loss: softmaxCrossEntropy(dense(data, { name: "mask:grad:x", units: 3 }), digit),
      metrics: { "grad:scores.weight": accuracy(scores, digit), "next:a/b": accuracy(scores, digit) },
    });
    expect(Object.keys(network.metrics)).toEqual(["grad:scores.weight", "next:a/b"]);
    expect(network.variables.map(({ name }) => name)).toContain("mask:grad:x.weight");
  });

  test("may call a metric as training calls figures of its own", () => {
    const loss = softmaxCrossEntropy(dense(data, { name: "scores", units: 3 }), digit);
    const names = ["event", "epoch", "seconds", "val_loss", "train"];
    const metrics = Object.fromEntries(names.map((name) => [name, loss]));
    expect(Object.keys(model({ name: "n", inputs: [data], labels: [digit], loss, metrics }).metrics)).toEqual(names);
  });

  test("may learn its own input, without labels", () => {
    const code = dense(relu(dense(data, { name: "encode", units: 2 })), { name: "decode", units: 4 });
    const network = model({ name: "autoencoder", inputs: [data], loss: meanSquaredError(code, data) });
    expect(network.labels).toEqual([]);
  });

  test("prints one layer a line, with shapes and parameters", () => {
    expect(printNetwork(lenet())).toMatchInlineSnapshot(`
      "network "LeNet"
        data = input(shape: [1, 28, 28])  # [1, 28, 28]
        conv1 = conv2d(data, filters: 20, kernel: 5, lr: [1, 2])  # [20, 24, 24], conv1.weight [20, 1, 5, 5], conv1.bias [20]
        pool1 = maxPool2d(conv1, kernel: 2, stride: 2)  # [20, 12, 12]
        conv2 = conv2d(pool1, filters: 50, kernel: 5, lr: [1, 2])  # [50, 8, 8], conv2.weight [50, 20, 5, 5], conv2.bias [50]
        pool2 = maxPool2d(conv2, kernel: 2, stride: 2)  # [50, 4, 4]
        ip1 = dense(pool2, units: 500, lr: [1, 2])  # [500], ip1.weight [500, 800], ip1.bias [500]
        relu1 = relu(ip1)  # [500]
        ip2 = dense(relu1, units: 10, lr: [1, 2])  # [10], ip2.weight [10, 500], ip2.bias [10]
        label = label(classes: 10)  # int32 []
        softmaxCrossEntropy1 = softmaxCrossEntropy(ip2, label)  # loss
        accuracy1 = accuracy(ip2, label)  # metric
        softmax1 = softmax(ip2)  # [10]
        inputs: data
        labels: label
        loss: softmaxCrossEntropy1
        outputs: prob = softmax1
        metrics: accuracy = accuracy1
      "
    `);
  });
});

describe("model() refuses, naming what it found and what it expected,", () => {
  test.each([
    [
      "an input of another shape under a listed name",
      () => {
        const at = { file: "net.prototxt", line: 9 };
        return model({
          name: "n",
          inputs: [data],
          outputs: { y: conv2d(input("data", [1, 4, 4]), { name: "c", filters: 1, kernel: 1, at }) },
        });
      },
      ["MODEL_SOURCE_UNLISTED", "MODEL_SOURCE_UNUSED"],
      ['network "n": it depends on layer "data" (input), which is not among its inputs'],
    ],
    [
      "duplicate layer names",
      () =>
        model({
          name: "n",
          inputs: [data],
          outputs: {
            y: dense(dense(data, { name: "d", units: 2 }), { name: "d", units: 3, at: { file: "f", line: 3 } }),
          },
        }),
      ["MODEL_NAME_DUPLICATE"],
      ['f:3 MODEL_NAME_DUPLICATE: network "n": it has two layers named "d" (dense and dense), expected unique names'],
    ],
    [
      "names that a program uses twice",
      () => {
        const clash = input("scores.bias", [3]);
        return model({
          name: "n",
          inputs: [data, clash],
          labels: [digit],
          loss: softmaxCrossEntropy(scores, digit),
          outputs: { data: clash },
          metrics: { loss: accuracy(scores, digit), label: accuracy(scores, digit) },
        });
      },
      ["MODEL_NAME_DUPLICATE", "MODEL_NAME_DUPLICATE", "MODEL_NAME_DUPLICATE", "MODEL_NAME_DUPLICATE"],
      [
        'layer "scores.bias" (input) has the name of parameter "scores.bias"',
        'output "data"',
        'metric "loss" has the name of the loss',
        'metric "label"',
      ],
    ],
    [
      "an input that is not listed, as one of another model",
      () => model({ name: "n", inputs: [data], outputs: { y: relu(input("other", [4])) } }),
      ["MODEL_SOURCE_UNLISTED", "MODEL_SOURCE_UNUSED"],
      ['it depends on layer "other" (input), which is not among its inputs', "add it to inputs"],
    ],
    [
      "a label that neither loss nor metrics need",
      () => model({ name: "n", inputs: [data], labels: [digit], outputs: { y: scores } }),
      ["MODEL_SOURCE_UNUSED"],
      ['its layer "label" (label) is not needed by the loss, outputs or metrics'],
    ],
    [
      "an output that needs a label",
      () => {
        const price = target("price", [4]);
        return model({
          name: "n",
          inputs: [data],
          labels: [price],
          loss: meanSquaredError(data, price),
          outputs: { y: relu(price) },
        });
      },
      ["MODEL_OUTPUT_NEEDS_LABEL"],
      ['its output "y" depends on layer "price" (target), expected inputs only'],
    ],
    [
      "ends of the wrong sort",
      () =>
        model({
          name: "",
          inputs: [digit],
          labels: [data],
          loss: accuracy(scores, digit),
          outputs: { y: softmaxCrossEntropy(scores, digit) as never },
          metrics: { m: scores as never },
        }),
      [
        "MODEL_OPTION_INVALID",
        "MODEL_OPTION_INVALID",
        "MODEL_OPTION_INVALID",
        "MODEL_OPTION_INVALID",
        "MODEL_OPTION_INVALID",
        "MODEL_OPTION_INVALID",
      ],
      [
        'its inputs[0] is made by layer "label" (label), expected a tensor made by input()',
        "its labels[0]",
        "its loss is made by layer accuracy, expected a loss such as softmaxCrossEntropy()",
        "its outputs.y",
        'its metrics.m is made by layer "scores" (dense), expected a metric',
        'its name is ""',
      ],
    ],
    [
      "losses and weights that do not go together",
      () => {
        const main = softmaxCrossEntropy(scores, digit);
        return model({
          name: "n",
          inputs: [data],
          labels: [digit],
          loss: main,
          losses: { main, other: scores as never },
          lossWeights: { aside: 1, main: Number.NaN },
        });
      },
      ["MODEL_OPTION_INVALID", "MODEL_OPTION_INVALID", "MODEL_OPTION_INVALID", "MODEL_OPTION_INVALID"],
      [
        "it has both a loss and losses",
        'its losses.other is made by layer "scores" (dense), expected a loss',
        "its lossWeights.aside belongs to no loss, expected one of main, other",
        "its lossWeights.main is NaN, expected a finite number",
      ],
    ],
    [
      "a loss called like the total of several",
      () => {
        const loss = softmaxCrossEntropy(scores, digit);
        return model({ name: "n", inputs: [data], labels: [digit], losses: { loss, data: loss } });
      },
      ["MODEL_NAME_DUPLICATE", "MODEL_NAME_DUPLICATE"],
      ['loss "loss" has the name of the loss', 'loss "data" has the name of layer "data" (input)'],
    ],
    [
      "neither loss nor outputs",
      () => model({ name: "n", inputs: [data] }),
      ["MODEL_OPTION_INVALID"],
      ["neither a loss nor outputs"],
    ],
    [
      "unknown options and values from callers without types",
      () => model({ name: "n", inputs: "data", layers: [], outputs: [scores] } as never),
      ["MODEL_OPTION_INVALID", "MODEL_OPTION_INVALID", "MODEL_OPTION_INVALID"],
      ['its option "layers" is unknown', 'its inputs are "data"', "its outputs are"],
    ],
    ["no options", () => model(undefined as never), ["MODEL_OPTION_INVALID"], ["is given undefined"]],
    [
      "more parameters than fit into memory",
      () => {
        const wide = dense(input("wide", [40000]), { name: "wide1", units: 40000 });
        return model({ name: "n", inputs: [], outputs: { y: wide } });
      },
      ["MODEL_SOURCE_UNLISTED", "MODEL_SIZE_TOO_LARGE"],
      ["it has 1600040000 parameters, expected at most 1073741824"],
    ],
  ])("%s", (_, make, codes, says) => {
    const found = refusal(make);
    expect(found.codes, found.text).toEqual(codes);
    for (const part of says) expect(found.text).toContain(part);
  });
});
