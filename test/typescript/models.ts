import type { ImportedModel } from "../../generators/imported.js";
import {
  accuracy,
  conv2d,
  dense,
  input,
  label,
  maxPool2d,
  model,
  relu,
  softmax,
  softmaxCrossEntropy,
} from "../../runtime/layers/index.js";
import type { Network } from "../../runtime/layers/types.js";

/** An imported model around a network, as an importer would hand it on. */
export function imported(network: Network, rest: Partial<ImportedModel> = {}): ImportedModel {
  return {
    format: "caffe",
    name: network.name,
    files: ["net.prototxt"],
    network,
    training: {},
    data: { preprocessing: {} },
    notes: [],
    ...rest,
  };
}

export function lenet(): ImportedModel {
  const file = "models/lenet/lenet_train_test.prototxt";
  const at = (line: number) => ({ at: { file, line, column: 1 } });
  const data = input("data", [1, 28, 28], at(3));
  const digit = label("label", at(3));
  const conv1 = conv2d(data, { name: "conv1", filters: 20, kernel: 5, lr: [1, 2], ...at(30) });
  const pool1 = maxPool2d(conv1, { name: "pool1", kernel: 2, stride: 2, rounding: "ceil", ...at(52) });
  const conv2 = conv2d(pool1, { name: "conv2", filters: 50, kernel: 5, lr: [1, 2], ...at(63) });
  const pool2 = maxPool2d(conv2, { name: "pool2", kernel: 2, stride: 2, rounding: "ceil", ...at(85) });
  const ip1 = dense(pool2, { name: "ip1", units: 500, lr: [1, 2], ...at(96) });
  const relu1 = relu(ip1, { name: "relu1", ...at(117) });
  const ip2 = dense(relu1, { name: "ip2", units: 10, lr: [1, 2], ...at(123) });
  const network = model({
    name: "LeNet",
    inputs: [data],
    labels: [digit],
    loss: softmaxCrossEntropy(ip2, digit, { name: "loss", ...at(154) }),
    outputs: { prob: softmax(ip2, { name: "prob" }) },
    metrics: { accuracy: accuracy(ip2, digit, { name: "accuracy", ...at(144) }) },
  });
  return imported(network, {
    files: [file, "models/lenet/lenet_solver.prototxt"],
    data: { preprocessing: { data: { scale: 0.00390625 } } },
    training: {
      batchsize: 64,
      optimizer: {
        kind: "optimizer",
        type: "sgd",
        learningRate: { kind: "schedule", policy: "inv", options: { base: 0.01, gamma: 0.0001, power: 0.75 } },
        options: { momentum: 0.9, weightDecay: 0.0005 },
      },
      iterations: 10000,
      validate: true,
    },
  });
}

/** Names that would break naive printing: of layers, of the network and of its outputs. */
export const awkwardNames: readonly string[] = [
  "class",
  "model",
  "dense",
  "relu",
  "input",
  "await",
  "eval",
  "NaN",
  "1x1",
  "conv1/3x3_reduce",
  "conv1_3x3_reduce",
  "*/ throw 1; /*",
  "// @ts-nocheck",
  "quote \" and ' and `",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must not become one
  "${process.exit(1)}",
  "back\\slash",
  "выход",
  "層",
  "🙂",
  "🙂🙂",
  "right‮to left",
  "zero​width",
  "line separator",
  "\ud800 lone surrogate",
  "__proto__",
  "constructor",
  "toString",
  "a b  c",
  "-",
  "_",
  "$",
  "</script>",
  "{{handlebars}}",
  "awkward",
];

export function awkward(): Network {
  const data = input("data", [3]);
  const outputs = Object.fromEntries(
    awkwardNames.map((name) => [`${name} out`, dense(relu(data, { name: `${name} ` }), { name, units: 2 })]),
  );
  return model({ name: "awkward */ {{1}} `x`\u2028", inputs: [data], outputs });
}
