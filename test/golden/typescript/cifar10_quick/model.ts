/**
 * The network CIFAR10_quick, converted from cifar10_quick_train_test.prototxt: 16 layers, 145,578 parameters.
 *
 * The comment above a layer says what it puts out for one sample, how many parameters it has and where it stands in the
 * original. This file is yours: change layers, then `npm start -- --force`; `npm run shapes` prints these
 * comments again.
 */
import {
  accuracy,
  averagePool2d,
  conv2d,
  dense,
  gaussian,
  input,
  label,
  maxPool2d,
  model,
  relu,
  softmax,
  softmaxCrossEntropy,
} from "paramserv";

// 3×32×32 · cifar10_quick_train_test.prototxt:6
const data = input("data", [3, 32, 32]);

// 32×32×32 · 2,432 parameters · cifar10_quick_train_test.prototxt:22
const conv1 = conv2d(data, {
  name: "conv1",
  filters: 32,
  kernel: 5,
  pad: 2,
  weights: gaussian({ std: 0.0001 }),
  lr: [1, 2],
});
// 32×16×16 · cifar10_quick_train_test.prototxt:38
const pool1 = maxPool2d(conv1, { name: "pool1", kernel: 3, stride: 2, rounding: "ceil" });
// 32×16×16 · cifar10_quick_train_test.prototxt:45
const relu1 = relu(pool1, { name: "relu1" });

// 32×16×16 · 25,632 parameters · cifar10_quick_train_test.prototxt:46
const conv2 = conv2d(relu1, {
  name: "conv2",
  filters: 32,
  kernel: 5,
  pad: 2,
  weights: gaussian({ std: 0.01 }),
  lr: [1, 2],
});
// 32×16×16 · cifar10_quick_train_test.prototxt:62
const relu2 = relu(conv2, { name: "relu2" });
// 32×8×8 · cifar10_quick_train_test.prototxt:63
const pool2 = averagePool2d(relu2, { name: "pool2", kernel: 3, stride: 2, rounding: "ceil" });

// 64×8×8 · 51,264 parameters · cifar10_quick_train_test.prototxt:70
const conv3 = conv2d(pool2, {
  name: "conv3",
  filters: 64,
  kernel: 5,
  pad: 2,
  weights: gaussian({ std: 0.01 }),
  lr: [1, 2],
});
// 64×8×8 · cifar10_quick_train_test.prototxt:86
const relu3 = relu(conv3, { name: "relu3" });
// 64×4×4 · cifar10_quick_train_test.prototxt:87
const pool3 = averagePool2d(relu3, { name: "pool3", kernel: 3, stride: 2, rounding: "ceil" });

// 64 values · 65,600 parameters · cifar10_quick_train_test.prototxt:94
const ip1 = dense(pool3, { name: "ip1", units: 64, weights: gaussian({ std: 0.1 }), lr: [1, 2] });

// 10 values · 650 parameters · cifar10_quick_train_test.prototxt:107
const ip2 = dense(ip1, { name: "ip2", units: 10, weights: gaussian({ std: 0.1 }), lr: [1, 2] });

// one class number · cifar10_quick_train_test.prototxt:7
const labels = label("label");
// mean over the batch · cifar10_quick_train_test.prototxt:128
const loss = softmaxCrossEntropy(ip2, labels, { name: "loss" });
// mean over the batch · cifar10_quick_train_test.prototxt:120
const accuracyMetric = accuracy(ip2, labels, { name: "accuracy" });
// 10 values · cifar10_quick_train_test.prototxt:128
const prob = softmax(ip2, { name: "prob" });

export const cifar10_quick = model({
  name: "CIFAR10_quick",
  inputs: [data],
  labels: [labels],
  loss,
  outputs: { prob },
  metrics: { accuracy: accuracyMetric },
});
