/**
 * The network LeNet, converted from lenet_train_test.prototxt: 12 layers, 431,080 parameters.
 *
 * The comment above a layer says what it puts out for one sample, how many parameters it has and where it stands in the
 * original. This file is yours: change layers, then `npm start -- --force`; `npm run shapes` prints these
 * comments again.
 */
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
} from "paramserv";

// 1×28×28 · lenet_train_test.prototxt:8
const data = input("data", [1, 28, 28]);

// 20×24×24 · 520 parameters · lenet_train_test.prototxt:25
const conv1 = conv2d(data, { name: "conv1", filters: 20, kernel: 5, lr: [1, 2] });
// 20×12×12 · lenet_train_test.prototxt:41
const pool1 = maxPool2d(conv1, { name: "pool1", kernel: 2, stride: 2, rounding: "ceil" });

// 50×8×8 · 25,050 parameters · lenet_train_test.prototxt:48
const conv2 = conv2d(pool1, { name: "conv2", filters: 50, kernel: 5, lr: [1, 2] });
// 50×4×4 · lenet_train_test.prototxt:63
const pool2 = maxPool2d(conv2, { name: "pool2", kernel: 2, stride: 2, rounding: "ceil" });

// 500 values · 400,500 parameters · lenet_train_test.prototxt:70
const ip1 = dense(pool2, { name: "ip1", units: 500, lr: [1, 2] });
// 500 values · lenet_train_test.prototxt:83
const relu1 = relu(ip1, { name: "relu1" });

// 10 values · 5,010 parameters · lenet_train_test.prototxt:89
const ip2 = dense(relu1, { name: "ip2", units: 10, lr: [1, 2] });

// one class number · lenet_train_test.prototxt:9
const labels = label("label");
// mean over the batch · lenet_train_test.prototxt:111
const loss = softmaxCrossEntropy(ip2, labels, { name: "loss" });
// mean over the batch · lenet_train_test.prototxt:103
const accuracyMetric = accuracy(ip2, labels, { name: "accuracy" });
// 10 values · lenet_train_test.prototxt:111
const prob = softmax(ip2, { name: "prob" });

export const lenet = model({
  name: "LeNet",
  inputs: [data],
  labels: [labels],
  loss,
  outputs: { prob },
  metrics: { accuracy: accuracyMetric },
});
