/**
 * The network TwoInputs, converted from net.prototxt: 23 layers, 3,562 parameters.
 *
 * The comment above a layer says what it puts out for one sample, how many parameters it has and where it stands in the
 * original. This file is yours: change layers, then `npm start -- --force`; `npm run shapes` prints these
 * comments again.
 */
import {
  accuracy,
  batchNorm,
  concat,
  conv2d,
  dense,
  embedding,
  flatten,
  input,
  label,
  maxPool2d,
  model,
  onnx,
  relu,
  softmax,
  softmaxCrossEntropy,
  variable,
} from "paramserv";

// 1×8×8
const image = input("image", [1, 8, 8]);

// 8×8×8 · 80 parameters
const conv1 = conv2d(image, { name: "conv1", filters: 8, kernel: 3, pad: 1 });

// 8×8×8 · 32 parameters
const norm1 = batchNorm(conv1, { name: "norm1" });
// 8×8×8
const relu1 = relu(norm1, { name: "relu1" });
// 8×4×4
const maxPool2d1 = maxPool2d(relu1, { name: "maxPool2d1", kernel: 2, stride: 2 });
// 128 values
const flatten1 = flatten(maxPool2d1, { name: "flatten1" });

// 4 whole numbers
const text = input("text", [4], { dtype: "int32" });

// 12×16 · 192 parameters
const words = variable("words", [12, 16]);
// 4×16
const read = embedding(text, { name: "read", rows: 12, units: 16, weights: words });
// 64 values
const flatten2 = flatten(read, { name: "flatten2" });
// 192 values
const concat1 = concat([flatten1, flatten2], { name: "concat1" });

// 16 values · 3,088 parameters
const both = dense(concat1, { name: "both", units: 16 });
// 16 values
const relu2 = relu(both, { name: "relu2" });

// 10 values · 170 parameters
const scores = dense(relu2, { name: "scores", units: 10 });

// one class number
const digit = label("digit", { classes: 10 });
// mean over the batch
const softmaxCrossEntropy1 = softmaxCrossEntropy(scores, digit, { name: "softmaxCrossEntropy1" });
// 12 values
const guess = onnx.Gemm(relu2, words, { name: "guess", transB: 1 });

// one class number
const next = label("next", { classes: 12 });
// mean over the batch
const softmaxCrossEntropy2 = softmaxCrossEntropy(guess, next, {
  name: "softmaxCrossEntropy2",
  ignoreLabel: -1,
});
// mean over the batch
const accuracy1 = accuracy(scores, digit, { name: "accuracy1" });
// mean over the batch
const accuracy2 = accuracy(guess, next, { name: "accuracy2", ignoreLabel: -1 });
// 10 values
const softmax1 = softmax(scores, { name: "softmax1" });
// 12 values
const softmax2 = softmax(guess, { name: "softmax2" });

export const twoinputs = model({
  name: "TwoInputs",
  inputs: [image, text],
  labels: [digit, next],
  losses: { digit_loss: softmaxCrossEntropy1, next_loss: softmaxCrossEntropy2 },
  lossWeights: { next_loss: 0.5 },
  outputs: { digit_prob: softmax1, next_prob: softmax2 },
  metrics: { digit_accuracy: accuracy1, next_accuracy: accuracy2 },
});
