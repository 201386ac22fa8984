import {
  accuracy,
  conv2d,
  dense,
  input,
  label,
  maxPool2d,
  model,
  type Network,
  relu,
  softmax,
  softmaxCrossEntropy,
} from "../../runtime/layers/index.js";

export interface LenetSizes {
  readonly filters: readonly [number, number];
  readonly units: number;
}

/** Caffe's LeNet; default 20 and 50 filters, 500 units. */
export function lenet({ filters, units }: LenetSizes = { filters: [20, 50], units: 500 }): Network {
  const data = input("data", [1, 28, 28]);
  const digit = label("label", { classes: 10 });
  const conv1 = conv2d(data, { name: "conv1", filters: filters[0], kernel: 5, lr: [1, 2] });
  const pool1 = maxPool2d(conv1, { name: "pool1", kernel: 2, stride: 2 });
  const conv2 = conv2d(pool1, { name: "conv2", filters: filters[1], kernel: 5, lr: [1, 2] });
  const pool2 = maxPool2d(conv2, { name: "pool2", kernel: 2, stride: 2 });
  const ip1 = dense(pool2, { name: "ip1", units, lr: [1, 2] });
  const ip2 = dense(relu(ip1), { name: "ip2", units: 10, lr: [1, 2] });
  return model({
    name: "LeNet",
    inputs: [data],
    labels: [digit],
    loss: softmaxCrossEntropy(ip2, digit),
    outputs: { prob: softmax(ip2) },
    metrics: { accuracy: accuracy(ip2, digit) },
  });
}
