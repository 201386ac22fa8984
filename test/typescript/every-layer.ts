import type { Value } from "../../runtime/graph/types.js";
import {
  accuracy,
  add,
  average,
  averagePool1d,
  averagePool2d,
  averagePool3d,
  batchNorm,
  binaryAccuracy,
  binaryCrossEntropy,
  celu,
  concat,
  constant,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  dense,
  dropout,
  elu,
  embedding,
  flatten,
  gaussian,
  gelu,
  globalAveragePool,
  globalMaxPool,
  graph,
  groupNorm,
  gru,
  hardSigmoid,
  hardSwish,
  input,
  instanceNorm,
  label,
  layerNorm,
  leakyRelu,
  linear,
  lstm,
  maximum,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  meanAbsoluteError,
  meanSquaredError,
  minimum,
  mish,
  model,
  msra,
  multiply,
  onnx,
  permute,
  prelu,
  relu,
  relu6,
  reshape,
  selu,
  sigmoid,
  simpleRnn,
  softmax,
  softmaxCrossEntropy,
  softplus,
  softsign,
  split,
  subtract,
  swish,
  tanh,
  target,
  uniform,
  upsample,
  variable,
  xavier,
} from "../../runtime/layers/index.js";
import type { Network, Tensor } from "../../runtime/layers/types.js";

const learning = { lr: 0.5, decay: [1, 0] } as const;
const weighted = { weights: gaussian({ std: 0.01, mean: 0.1 }), bias: constant(0.2), ...learning };
const affine = { epsilon: 0.001, scale: constant(0.5), offset: uniform({ min: -0.1, max: 0.1 }), ...learning };

/** Layers of images, `[3, 17, 19]`, to `[7]`. */
function images(image: Tensor): Tensor {
  const c1 = conv2d(image, {
    name: "c1",
    filters: 6,
    kernel: [3, 5],
    stride: [2, 1],
    pad: [1, 2, 0, 3],
    dilation: [1, 2],
    groups: 3,
    ...weighted,
  });
  const c2 = conv2d(leakyRelu(c1, { name: "leak", slope: 0.25 }), {
    name: "c2",
    filters: 4,
    kernel: 3,
    pad: [1, 2],
    weights: msra({ fan: "out" }),
    bias: false,
    lr: 0,
  });
  const p1 = maxPool2d(elu(c2, { name: "e", alpha: 0.5 }), { name: "p1", kernel: [2, 3], stride: 2, rounding: "ceil" });
  const p2 = averagePool2d(p1, { name: "p2", kernel: 2, stride: 2, pad: 1, rounding: "ceil" });
  const p3 = maxPool2d(p2, { name: "p3", kernel: 2, dilation: [1, 2], pad: [1, 1, 0, 1] });
  const p4 = averagePool2d(p3, { name: "p4", kernel: 2, pad: 1, countPadding: false });
  const t1 = convTranspose2d(p4, {
    name: "t1",
    filters: 4,
    kernel: [3, 2],
    stride: 2,
    pad: [1, 0],
    dilation: [1, 2],
    groups: 2,
    outputPadding: [1, 0],
    ...weighted,
  });
  // Two normalizations keep one mean.
  const running = variable("running", [4], { role: "state", initializer: constant(0.1) });
  const enlarged = batchNorm(upsample(t1, { name: "up", scale: [2, 1] }), {
    name: "n0",
    mean: running,
    momentum: 0.99,
    unbiased: true,
  });
  const n1 = batchNorm(enlarged, {
    name: "n1",
    statistics: "running",
    mean: running,
    variance: constant(2),
    ...affine,
  });
  const n2 = groupNorm(prelu(n1, { name: "slopes", slopes: constant(0.1), shared: true, lr: 2, decay: 0 }), {
    name: "n2",
    groups: 2,
    ...affine,
  });
  const n3 = instanceNorm(n2, { name: "n3", ...affine });
  const pooled = [
    globalAveragePool(n3, { name: "gap" }),
    globalMaxPool(n3, { name: "gmp" }),
    flatten(maxPool2d(n3, { name: "p5", global: true }), { name: "f1" }),
    flatten(averagePool2d(n3, { name: "p6", global: true }), { name: "f2" }),
  ];
  return dense(tanh(concat(pooled, { name: "pooled", axis: -1 }), { name: "t" }), {
    name: "d1",
    units: 7,
    ...weighted,
  });
}

/** Layers of sequences `[2, 9]` and volumes `[2, 4, 5, 6]`, to `[7]` each. */
function otherRanks(series: Tensor, volume: Tensor): readonly [Tensor, Tensor] {
  const window = { filters: 4, kernel: 2, stride: 2, pad: 1, groups: 2 } as const;
  const pool = { kernel: 3, stride: 2, pad: 1, rounding: "ceil" } as const;
  const s1 = convTranspose1d(conv1d(series, { name: "s1", ...window, dilation: 2, ...weighted }), {
    name: "s2",
    ...window,
    dilation: 2,
    outputPadding: 1,
    ...weighted,
  });
  const s2 = averagePool1d(maxPool1d(s1, { name: "sp1", ...pool, dilation: 2 }), { name: "sp2", ...pool });
  const s3 = averagePool1d(maxPool1d(s2, { name: "sp3", kernel: 2, pad: [0, 1] }), {
    name: "sp4",
    kernel: 2,
    countPadding: false,
    pad: [1, 0],
  });
  const ends = [maxPool1d(s3, { name: "sp5", global: true }), averagePool1d(s3, { name: "sp6", global: true })];
  const v1 = convTranspose3d(conv3d(volume, { name: "v1", ...window, dilation: [1, 2, 1], ...weighted }), {
    name: "v2",
    ...window,
    dilation: [1, 2, 1],
    outputPadding: 1,
    ...weighted,
  });
  const v2 = averagePool3d(maxPool3d(v1, { name: "vp1", ...pool, dilation: 2 }), { name: "vp2", ...pool });
  const v3 = averagePool3d(v2, { name: "vp3", kernel: [1, 2, 2], countPadding: false });
  const corners = [maxPool3d(v3, { name: "vp4", global: true }), averagePool3d(v3, { name: "vp5", global: true })];
  return [
    dense(concat(ends, { name: "ends" }), { name: "d3", units: 7 }),
    dense(concat(corners, { name: "corners" }), { name: "d4", units: 7 }),
  ];
}

/** Layers of tokens `["T"]`, some of whose outputs nothing uses, to `["T", 9]` and `[7]`. */
function recurrent(tokens: Tensor): readonly [scores: Tensor, last: Tensor] {
  // Two layers share it, and the scores of words are products with it.
  const words = variable("table", [9, 4], { initializer: uniform({ min: -1, max: 1 }), lr: 2, decay: 0.5 });
  const frozen = variable("frozen", [4], { role: "frozen", initializer: constant(0.5) });
  const seen = embedding(tokens, { name: "seen", rows: 9, units: 4, weights: words });
  const again = embedding(tokens, {
    name: "again",
    rows: 9,
    units: 4,
    weights: gaussian({ std: 2 }),
    lr: [0.1],
    decay: 2,
  });
  const shared = {
    units: 4,
    returnSequences: true,
    reverse: true,
    weights: xavier({ fan: "average" }),
    recurrentWeights: uniform({ min: -0.1, max: 0.1 }),
    bias: constant(1),
    recurrentBias: constant(0.1),
    lr: [1, 2, 3, 4],
    decay: 0,
  };
  const start = add(
    [
      linear(globalAveragePool(permute(seen, { name: "turned", order: [2, 1] }), { name: "mean" }), {
        name: "start",
        units: 4,
        ...weighted,
      }),
      frozen,
    ],
    { name: "from" },
  );
  const [states] = simpleRnn(add([seen, again], { name: "both" }), {
    name: "rnn",
    ...shared,
    activation: "relu",
    initialState: start,
  });
  const [, memory] = gru(states, { name: "gru", ...shared, resetAfter: false, initialState: start });
  const [output, , cell] = lstm(states, { name: "lstm", ...shared, initialState: memory, initialCell: start });
  const [, bare] = lstm(output, { name: "bare", units: 4, bias: false });
  const normal = layerNorm(output, { name: "normal", axis: 2, ...affine });
  const tied = onnx.MatMul(normal, onnx.Transpose(words, { name: "tied", perm: [1, 0] }), { name: "scores" });
  return [tied, dense(concat([cell, bare], { name: "lasts" }), { name: "d5", units: 7 })];
}

/** Operators as layers, with numbers, lists, inputs left out, graphs and tensors among their attributes: `[7]` to `[7]`. */
function operators(x: Tensor): Tensor {
  const [left, right] = split(x, { name: "cut", sizes: [3, 4], axis: -1 });
  const [only] = split(left as Tensor, { name: "whole", parts: 1 });
  const [first, second] = onnx.Split(right as Tensor, [1, 3], { name: "parts", axis: 1, outputs: 2 });
  const clipped = onnx.Clip(second, undefined, 0.75, { name: "clipped" });
  const joined = onnx.Concat([only as Tensor, first, clipped], { name: "joined", axis: 1 });
  const picked = onnx.Gather(joined, [6, 5, 4, 3, 2, 1, 0], { name: "picked", axis: 1 });
  const chosen = onnx.Where(onnx.Greater(picked, 0, { name: "positive" }), picked, -0.5, { name: "chosen" });
  const filled = onnx.ConstantOfShape([7], {
    name: "filled",
    value: { dtype: "float32", shape: [1], data: Float32Array.of(0.1) },
  });
  return onnx.Add(chosen, filled, { name: "shifted" });
}

/** Running sums over `[T, 9]`, each halved while it is large, with values of the graph around in the branches. */
function scanned(x: Tensor): Tensor {
  const body = graph("sums", (g) => {
    const total = g.input("total", "float32", ["N", 9]);
    const row = g.input("row", "float32", ["N", 9]);
    const next = g.op("Add", [total, g.op("Mul", [row, g.scalar(0.5)])]);
    const [low, high] = g.ops("Split", [next, g.ints([4, 5])], { axis: 1 }, 2);
    const large = g.op("Greater", [g.op("ReduceMax", [next], { keepdims: 0 }), g.scalar(10)]);
    const joined = g.op("Concat", [high, low] as readonly Value[], { axis: 1 });
    const kept = g.op("If", [large], {
      then_branch: g.subgraph("halved", (inner) => {
        inner.output("kept", inner.op("Mul", [next, inner.scalar(0.25)]));
      }),
      else_branch: g.subgraph("same", (inner) => {
        inner.output("kept", inner.op("Identity", [next]));
      }),
    });
    g.output("total", kept);
    g.output("sum", g.op("Add", [joined, g.constant({ dtype: "float32", shape: [1], data: [2] })]));
  });
  const start = onnx.Mul(onnx.ReduceSum(x, [1], { name: "rows", keepdims: 0 }), 0, { name: "zeros" });
  const [, sums] = onnx.Scan([start, x], {
    name: "scan",
    body,
    num_scan_inputs: 1,
    scan_input_axes: [1],
    scan_output_axes: [1],
    outputs: 2,
  });
  return sums;
}

function activated(vector: Tensor): Tensor {
  const d2 = dense(dropout(swish(vector, { name: "sw", beta: 1.5 }), { name: "drop", rate: 0.4 }), {
    name: "d2",
    units: 8,
    weights: xavier({ fan: "average" }),
    decay: 0.1,
  });
  const rectified = relu6(relu(d2, { name: "r" }), { name: "r6" });
  const soft = softsign(softplus(sigmoid(rectified, { name: "s" }), { name: "sp" }), { name: "ss" });
  const hard = hardSwish(hardSigmoid(soft, { name: "hs", alpha: 0.2, beta: 0.4 }), { name: "hw" });
  const smooth = mish(selu(celu(hard, { name: "ce", alpha: 0.5 }), { name: "se" }), { name: "mi" });
  const matrix = reshape(gelu(smooth, { name: "g", approximate: "tanh" }), { name: "matrix", shape: [2, 4] });
  return linear(flatten(matrix, { name: "flat" }), { name: "d6", units: 7 });
}

/** Every layer of the table, with every option away from its default somewhere. */
export function everyLayer(): Network {
  const image = input("image", [3, 17, 19]);
  const vector = input("vector", [12]);
  const series = input("series", [2, 9]);
  const volume = input("volume", [2, 4, 5, 6]);
  const tokens = input("tokens", ["T"], { dtype: "int64" });
  const digit = label("digit", { classes: 7 });
  const word = label("word", { classes: 9, shape: ["T"] });
  const goal = target("goal", [7]);
  const mask = target("mask", ["T"]);
  const sampled = target("sampled", []);

  const d1 = images(image);
  const [d3, d4] = otherRanks(series, volume);
  const d6 = activated(vector);
  const [words, d5] = recurrent(tokens);
  const combined = [
    add([d1, d3], { name: "a1" }),
    multiply([d1, d4], { name: "a2" }),
    maximum([d1, d5], { name: "a3" }),
    minimum([d1, d6], { name: "a4" }),
    subtract(d1, d5, { name: "a5" }),
  ];
  const all = operators(average(combined, { name: "a6" }));
  const sums = scanned(words);
  const classes = { ignoreLabel: 255, sampleWeights: mask };
  // Scores before places: [9, T].
  const scores = permute(sums, { name: "scores by place", order: [2, 1] });
  const distance = { weight: 0.5, sampleWeights: sampled };
  return model({
    name: "every layer",
    inputs: [image, vector, series, volume, tokens],
    labels: [digit, word, goal, mask, sampled],
    losses: {
      main: softmaxCrossEntropy(all, digit, { name: "digit loss", classWeights: [1, 1, 1, 2, 1, 1, 0], weight: 2 }),
      next: softmaxCrossEntropy(scores, word, { name: "word loss", ...classes }),
      "far off": meanAbsoluteError(all, goal, { name: "offset", ...distance }),
      squared: meanSquaredError(all, goal, { name: "squares", reduction: "halfSum", ...distance }),
      sides: binaryCrossEntropy(d6, goal, { name: "sides loss", ...distance }),
    },
    lossWeights: { next: 0.3, "far off": 2 },
    outputs: { "the scores": softmax(all, { name: "prob" }), words: softmax(sums, { name: "word prob", axis: -1 }) },
    metrics: {
      accuracy: accuracy(all, digit, { name: "right" }),
      word_accuracy: accuracy(scores, word, { name: "right words", topK: 2, ...classes }),
      side: binaryAccuracy(d6, goal, { name: "right side", threshold: 0.75, sampleWeights: sampled }),
      error: meanSquaredError(all, goal, { name: "error" }),
    },
  });
}
