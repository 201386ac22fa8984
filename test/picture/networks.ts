import {
  accuracy,
  add,
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
  type Network,
  relu,
  softmax,
  softmaxCrossEntropy,
  type Tensor,
  variable,
} from "../../runtime/layers/index.js";

function bottleneck(x: Tensor, name: string, { filters, widens }: { filters: number; widens: boolean }): Tensor {
  const part = (from: Tensor, branch: string, options: { filters: number; kernel: number; pad?: number }) =>
    batchNorm(conv2d(from, { name: `${name}_${branch}`, bias: false, ...options }), { name: `${name}_${branch}_bn` });
  const first = relu(part(x, "reduce", { filters, kernel: 1 }));
  const second = relu(part(first, "conv", { filters, kernel: 3, pad: 1 }));
  const third = part(second, "expand", { filters: 4 * filters, kernel: 1 });
  const beside = widens ? part(x, "project", { filters: 4 * filters, kernel: 1 }) : x;
  return relu(add([beside, third], { name }));
}

/** A residual network of bottlenecks, as in ResNet: ten layers and two more for each that widens. */
export function residualNet(blocks: number): Network {
  const image = input("image", [3, 32, 32]);
  const digit = label("digit", { classes: 10 });
  const stem = conv2d(image, { name: "stem", filters: 16, kernel: 3, pad: 1, bias: false });
  let x = maxPool2d(relu(batchNorm(stem, { name: "stem_bn" })), { kernel: 2, stride: 2 });
  for (let at = 0; at < blocks; at++) x = bottleneck(x, `block${at + 1}`, { filters: 8, widens: at % 4 === 0 });
  const scores = dense(flatten(x), { name: "scores", units: 10 });
  return model({
    name: "Residual",
    inputs: [image],
    labels: [digit],
    loss: softmaxCrossEntropy(scores, digit),
    outputs: { prob: softmax(scores) },
    metrics: { accuracy: accuracy(scores, digit) },
  });
}

/** Two inputs, each with a chain of its own, that meet. */
export function towers(length: number): Network {
  const inputs = ["left", "right"].map((name) => input(name, [8]));
  const ends = inputs.map((start) => {
    let x = start;
    for (let at = 1; at <= length; at++) x = dense(x, { name: `${start.layer.name}${at}`, units: 8 });
    return x;
  });
  const scores = dense(concat(ends), { name: "scores", units: 4 });
  return model({ name: "Towers", inputs, outputs: { scores } });
}

/** Two embeddings with one table. */
export function sharedWeights(): Network {
  const words = variable("words", [50, 8]);
  const inputs = ["first", "second"].map((name) => input(name, [6], { dtype: "int32" }));
  const read = inputs.map((x, at) => embedding(x, { name: `read${at + 1}`, rows: 50, units: 8, weights: words }));
  const scores = dense(flatten(concat(read)), { name: "scores", units: 4 });
  return model({ name: "Shared", inputs, outputs: { scores } });
}

/** A chain with losses on the way, as GoogLeNet has them. */
export function withAuxiliary(length: number): Network {
  const x = input("x", [16]);
  const digit = label("digit", { classes: 4 });
  const aux: Record<string, ReturnType<typeof softmaxCrossEntropy>> = {};
  let y = x;
  for (let at = 1; at <= length; at++) {
    y = relu(dense(y, { name: `hidden${at}`, units: 16 }));
    if (at % 4 === 0 && at < length) {
      const name = `aux${at / 4}`;
      aux[name] = softmaxCrossEntropy(dense(y, { name: `${name}_scores`, units: 4 }), digit, { name: `${name}_loss` });
    }
  }
  const main = softmaxCrossEntropy(dense(y, { name: "scores", units: 4 }), digit);
  const lossWeights = Object.fromEntries(Object.keys(aux).map((name) => [name, 0.3]));
  return model({ name: "Auxiliary", inputs: [x], labels: [digit], losses: { main, ...aux }, lossWeights });
}
