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
  gelu,
  globalAveragePool,
  globalMaxPool,
  groupNorm,
  gru,
  hardSigmoid,
  hardSwish,
  input,
  instanceNorm,
  label,
  layerNorm,
  type layers,
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
  multiply,
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
  type Tensor,
  tanh,
  target,
  upsample,
  variable,
} from "../../runtime/layers/index.js";
import { untyped } from "./refusal.js";

export const image = input("image", [4, 6, 6]);
export const vector = input("vector", [5]);
export const digit = label("digit", { classes: 5 });
const at = { file: "net.prototxt", line: 12, column: 3 };

/** A call that has to be refused. */
export interface Misuse {
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

const sequence = input("sequence", ["T", 4]);
const tokens = input("tokens", ["T"], { dtype: "int64" });
const weights = target("weights", [3]);

/** A layer of images is given a vector. */
const wrongRank = (make: (x: Tensor) => unknown, axes: string): Misuse => ({
  make: () => make(vector),
  codes: ["LAYER_RANK_WRONG"],
  says: ['"vector" (float32 [5])', axes],
});

/** A convolution whose kernel does not fit into its padded image. */
const tooLarge = (make: () => unknown): Misuse => ({
  make,
  codes: ["LAYER_SHAPE_MISMATCH"],
  says: ['layer "c" (conv', "a kernel of extent 9 does not fit", "of length 6"],
});

/** Several tensors of shapes that do not broadcast, and none. */
const misfits = (make: (tensors: readonly Tensor[]) => unknown): readonly Misuse[] => [
  { make: () => make([vector, input("other", [4])]), codes: ["LAYER_SHAPE_MISMATCH"], says: ["[N,5]", "[N,4]"] },
  { make: () => make([]), codes: ["LAYER_INPUT_INVALID"], says: ["input xs is undefined"] },
];

/** A tensor is needed where there is another thing. */
const noTensor = (make: (x: Tensor) => unknown): Misuse => ({
  make: () => make(untyped("x")),
  codes: ["LAYER_INPUT_INVALID"],
  says: ['is "x"', "expected a", "tensor"],
});

const recurrent = (make: typeof simpleRnn | typeof gru | typeof lstm): readonly Misuse[] => [
  wrongRank((x) => make(x, { name: "r", units: 2 }), "rank 2, [steps, features]"),
  {
    make: () => make(input("open", ["T", "F"]), { name: "r", units: 2 }),
    codes: ["LAYER_SHAPE_MISMATCH"],
    says: ['number of features is "F"', "known beforehand"],
  },
  {
    make: () => make(sequence, { name: "r", units: 2, initialState: vector }),
    codes: ["LAYER_SHAPE_MISMATCH"],
    says: ['its state is "vector" (float32 [5])', "expected float32 [2]"],
  },
  {
    make: () => make(sequence, { name: "r", units: 2, lr: [1, 2], bias: false, recurrentBias: untyped(0) }),
    codes: ["LAYER_OPTION_INVALID"],
    says: ['"recurrentBias" is 0'],
  },
  {
    make: () => make(sequence, { name: "r", units: 2, lr: [1, 2] }),
    codes: ["LAYER_OPTION_INVALID"],
    says: ["2 entries, expected 3: weight_ih, weight_hh, bias_ih"],
  },
];

/** Misuse of each layer. */
export const misuses: Readonly<Record<keyof typeof layers, readonly Misuse[]>> = {
  input: [
    {
      make: () => input("x", [3, 0, 2]),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['layer "x" (input)', "[3, 0, 2]", "whole numbers ≥ 1", 'names of lengths such as "T"'],
    },
    { make: () => input("x", ["T +"]), codes: ["LAYER_OPTION_INVALID"], says: ['"shape" is ["T +"]'] },
    { make: () => input("", [3]), codes: ["LAYER_NAME_INVALID"], says: ['its name is ""'] },
    {
      make: () => input("x", [65536, 65536]),
      codes: ["LAYER_SIZE_TOO_LARGE"],
      says: ["4294967296", "at most 2147483647"],
    },
    {
      make: () => input("x", [2], { dtype: untyped("float64") }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"float64"', '"float32" or "int32" or "int64"'],
    },
  ],
  label: [
    { make: () => label("y", { classes: 0 }), codes: ["LAYER_OPTION_INVALID"], says: ['"classes" is 0', "≥ 1"] },
    { make: () => label(untyped(7)), codes: ["LAYER_NAME_INVALID"], says: ["its name is 7"] },
  ],
  target: [{ make: () => target("y", [-1]), codes: ["LAYER_OPTION_INVALID"], says: ["[-1]", "≥ 1"] }],
  variable: [
    { make: () => variable("v", untyped(["T"])), codes: ["LAYER_OPTION_INVALID"], says: ['["T"]', "≥ 1"] },
    { make: () => variable("v", [1], { role: untyped("fixed") }), codes: ["LAYER_OPTION_INVALID"], says: ['"fixed"'] },
  ],
  conv1d: [
    wrongRank((x) => conv1d(x, { name: "c", filters: 2, kernel: 3 }), "rank 2, [channels, length]"),
    tooLarge(() => conv1d(input("x", [4, 6]), { name: "c", filters: 2, kernel: 9 })),
  ],
  conv2d: [
    {
      make: () => conv2d(vector, { name: "c", filters: 2, kernel: 3, at }),
      codes: ["LAYER_RANK_WRONG"],
      says: ["net.prototxt:12:3", 'layer "c" (conv2d)', '"vector" (float32 [5])', "rank 3, [channels, height, width]"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 3, kernel: 3, pad: 1, groups: 3, lr: [1, 2, 3] }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_OPTION_INVALID"],
      says: ["3 groups", "4 input channels and 3 filters", "3 entries, expected 2: weight, bias"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 3, kernel: [9, 3], pad: 1 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['layer "c" (conv2d): Conv', "extent 9", "of length 6", "8 with pads"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: 3, dilation: 3 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["extent 7", "of length 6"],
    },
    {
      make: () => conv2d(image, untyped({ filters: 1.5, stride: 0, pad: -1, strides: 2 })),
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
        '"pad" is -1',
      ],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: 3, pad: untyped([1, 2, 3]) }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"pad" has 3 entries, expected 2 or 4'],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: untyped([1, 2, 3]) }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"kernel" has 3 entries, expected 2'],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: 3, lr: -1, weights: untyped("xavier") }),
      codes: ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      says: ['"lr" is -1', '"weights" is "xavier"', "an initializer such as xavier()"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2, kernel: 3, weights: variable("w", [2, 4, 3, 2]) }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['its weight is "w" (float32 [2, 4, 3, 2])', "expected float32 [2, 4, 3, 3]"],
    },
    {
      make: () => conv2d(image, { name: "c", filters: 2 ** 31 - 1, kernel: 1 }),
      codes: ["LAYER_SIZE_TOO_LARGE", "LAYER_SIZE_TOO_LARGE"],
      says: ["expected at most 2147483647"],
    },
  ],
  conv3d: [
    wrongRank((x) => conv3d(x, { name: "c", filters: 2, kernel: 3 }), "rank 4, [channels, depth, height, width]"),
    tooLarge(() => conv3d(input("x", [4, 9, 9, 6]), { name: "c", filters: 2, kernel: 9 })),
  ],
  convTranspose1d: [wrongRank((x) => convTranspose1d(x, { name: "c", filters: 2, kernel: 3 }), "[channels, length]")],
  convTranspose2d: [
    wrongRank((x) => convTranspose2d(x, { name: "c", filters: 2, kernel: 3 }), "[channels, height, width]"),
    {
      make: () => convTranspose2d(image, { name: "c", filters: 3, kernel: 3, groups: 2 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["2 groups do not divide its 4 input channels and 3 filters"],
    },
    {
      make: () => convTranspose2d(image, { name: "c", filters: 3, kernel: 3, stride: 2, outputPadding: 2 }),
      codes: ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      says: ["its outputPadding is 2, expected at most 1"],
    },
  ],
  convTranspose3d: [
    wrongRank((x) => convTranspose3d(x, { name: "c", filters: 2, kernel: 3 }), "[channels, depth, height, width]"),
  ],
  maxPool1d: [
    wrongRank((x) => maxPool1d(x, { kernel: 2 }), "[channels, length]"),
    {
      make: () => maxPool1d(input("x", [3, "T"]), { kernel: 2, rounding: "ceil" }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['its length under rounding: "ceil" is "T"', "known beforehand"],
    },
    {
      make: () => maxPool1d(input("x", [3, "T"]), { global: true }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['its length is "T"', "known beforehand"],
    },
  ],
  maxPool2d: [
    { make: () => maxPool2d(image, {}), codes: ["LAYER_OPTION_INVALID"], says: ['"kernel" is missing'] },
    {
      make: () => maxPool2d(image, { kernel: 7 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["layer maxPool2d: MaxPool", "extent 7", "length 6"],
    },
    {
      make: () => maxPool2d(image, { kernel: 7, rounding: "ceil", stride: 3 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["extent 7", "length 6"],
    },
    {
      make: () => maxPool2d(image, { kernel: 2, pad: [2, 0] }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["the pads [2,0,2,0] are not smaller than the kernel [2,2]"],
    },
    {
      make: () => maxPool2d(image, { kernel: 2, stride: 3, pad: 2, rounding: "ceil" }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["the pads [2,2,2,2] are not smaller than the kernel [2,2]"],
    },
    {
      make: () => maxPool2d(input("small", [1, 5, 5]), { kernel: 1, stride: 3, rounding: "ceil", name: "p" }),
      codes: ["LAYER_SHAPE_MISMATCH", "LAYER_SHAPE_MISMATCH"],
      says: ["on height starts at pixel 6 of 5", "on width", 'rounding: "floor" avoids it'],
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
  maxPool3d: [wrongRank((x) => maxPool3d(x, { kernel: 2 }), "[channels, depth, height, width]")],
  averagePool1d: [wrongRank((x) => averagePool1d(x, { kernel: 2 }), "[channels, length]")],
  averagePool2d: [
    wrongRank((x) => averagePool2d(x, { kernel: 2 }), "rank 3"),
    {
      make: () => averagePool2d(image, { kernel: 2, countPadding: untyped(1) }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["true or false"],
    },
  ],
  averagePool3d: [wrongRank((x) => averagePool3d(x, { kernel: 2 }), "[channels, depth, height, width]")],
  globalAveragePool: [
    {
      make: () => globalAveragePool(vector),
      codes: ["LAYER_RANK_WRONG"],
      says: ["its sample has rank 1", "[channels, …]"],
    },
  ],
  globalMaxPool: [{ make: () => globalMaxPool(vector), codes: ["LAYER_RANK_WRONG"], says: ["[channels, …]"] }],
  upsample: [
    wrongRank((x) => upsample(x, { scale: 2 }), "[channels, …]"),
    { make: () => upsample(image, { scale: 1.5 }), codes: ["LAYER_OPTION_INVALID"], says: ['"scale" is 1.5'] },
    {
      make: () => upsample(image, { scale: [1, 2, 3] }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["3 entries, expected 2"],
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
    {
      make: () => dense(sequence, { name: "d", units: 2 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['its sample\'s size is "4T"', "known beforehand"],
    },
    wrongInput((x) => dense(x, { name: "d", units: 2 })),
  ],
  linear: [
    wrongInput((x) => linear(x, { name: "d", units: 2 })),
    {
      make: () => linear(target("y", []), { name: "d", units: 2 }),
      codes: ["LAYER_RANK_WRONG"],
      says: ["rank 0", "a last axis of features"],
    },
  ],
  embedding: [
    {
      make: () => embedding(vector, { name: "e", rows: 4, units: 2 }),
      codes: ["LAYER_INPUT_INVALID"],
      says: ['"vector" (float32 [5])', "int32 or int64"],
    },
    {
      make: () => embedding(tokens, { name: "e", rows: 4, units: 2, weights: variable("w", [2, 4]) }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"w" (float32 [2, 4])', "expected float32 [4, 2]"],
    },
  ],
  simpleRnn: recurrent(simpleRnn),
  gru: recurrent(gru),
  lstm: [
    ...recurrent(lstm),
    {
      make: () => lstm(sequence, { name: "r", units: 5, initialCell: vector, initialState: untyped(0) }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"initialState" is 0', "a tensor"],
    },
  ],
  relu: [
    wrongInput(relu),
    { make: () => relu(untyped(undefined)), codes: ["LAYER_INPUT_INVALID"], says: ["input x is undefined"] },
    { make: () => relu(vector, untyped(image)), codes: ["LAYER_OPTION_INVALID"], says: ["options are", "an object"] },
    {
      make: () => relu(untyped(softmaxCrossEntropy(vector, digit, { name: "loss" }))),
      codes: ["LAYER_INPUT_INVALID"],
      says: ['"loss" (one number for the whole batch)'],
    },
  ],
  relu6: [wrongInput(relu6)],
  leakyRelu: [
    { make: () => leakyRelu(vector, { slope: Number.NaN }), codes: ["LAYER_OPTION_INVALID"], says: ["slope", "NaN"] },
  ],
  prelu: [
    wrongInput((x) => prelu(x, { name: "p" })),
    {
      make: () => prelu(sequence, { name: "p" }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['number of channels is "T"', "known beforehand"],
    },
  ],
  elu: [
    { make: () => elu(vector, { alpha: untyped("1") }), codes: ["LAYER_OPTION_INVALID"], says: ['"alpha" is "1"'] },
  ],
  celu: [{ make: () => celu(vector, { alpha: 0 }), codes: ["LAYER_OPTION_INVALID"], says: ['"alpha" is 0', "> 0"] }],
  selu: [wrongInput(selu)],
  sigmoid: [wrongInput(sigmoid)],
  hardSigmoid: [
    {
      make: () => hardSigmoid(vector, { alpha: Number.POSITIVE_INFINITY }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"alpha" is Infinity'],
    },
  ],
  tanh: [wrongInput(tanh)],
  softplus: [wrongInput(softplus)],
  softsign: [wrongInput(softsign)],
  swish: [
    {
      make: () => swish(vector, { beta: Number.POSITIVE_INFINITY }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["Infinity"],
    },
  ],
  hardSwish: [wrongInput(hardSwish)],
  mish: [wrongInput(mish)],
  gelu: [
    {
      make: () => gelu(vector, { approximate: untyped("erf") }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['"none" or "tanh"'],
    },
  ],
  batchNorm: [
    wrongInput((x) => batchNorm(x, { name: "b" })),
    {
      make: () => batchNorm(vector, { name: "b", momentum: 1.5, epsilon: 0, statistics: untyped("all") }),
      codes: ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      says: ['"momentum" is 1.5', "from 0 to 1", '"epsilon" is 0', '"batch" or "running"'],
    },
    {
      make: () =>
        batchNorm(vector, { name: "b", mean: variable("m", [5]), variance: variable("v", [5], { role: "state" }) }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ['its running_mean is "m"', "cannot be written", 'role "state"'],
    },
    {
      make: () => batchNorm(sequence, { name: "b" }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['number of channels is "T"'],
    },
  ],
  layerNorm: [
    {
      make: () => layerNorm(sequence, { name: "n", axis: 1 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['its normalized axis is "T"', "known beforehand"],
    },
    {
      make: () => layerNorm(sequence, { name: "n", axis: 0 }),
      codes: ["LAYER_RANK_WRONG"],
      says: ["its axis is 0 and its sample has rank 2", "1 to 2, or -2 to -1"],
    },
  ],
  groupNorm: [
    {
      make: () => groupNorm(image, { name: "n", groups: 3 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"num_groups" is 3', "does not divide 4 channels"],
    },
  ],
  instanceNorm: [
    {
      make: () => instanceNorm(vector, { name: "n" }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["InstanceNormalization", "[N,5]", "rank 3 or more"],
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
  flatten: [noTensor(flatten)],
  reshape: [
    {
      make: () => reshape(image, { shape: [5, -1] }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["Reshape", "[N,4,6,6]"],
    },
    {
      make: () => reshape(image, { shape: [-1, -1] }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["[-1, -1]", "one of which may be -1"],
    },
  ],
  permute: [
    { make: () => permute(image, { order: [1, 3] }), codes: ["LAYER_SHAPE_MISMATCH"], says: ["Transpose", "[0,1,3]"] },
    { make: () => permute(image, { order: [0, 1, 2] }), codes: ["LAYER_OPTION_INVALID"], says: ["[0, 1, 2]", "≥ 1"] },
  ],
  concat: [
    {
      make: () => concat([image, input("wide", [4, 6, 7])]),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["Concat", "[N,4,6,6]", "[N,4,6,7]"],
    },
    { make: () => concat([image, image], { axis: 4 }), codes: ["LAYER_RANK_WRONG"], says: ["its axis is 4", "1 to 3"] },
    { make: () => concat([]), codes: ["LAYER_INPUT_INVALID"], says: ["input xs is undefined"] },
  ],
  split: [
    {
      make: () => split(image, { parts: 3 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["its 3 parts do not divide the length 4", "expected a divisor"],
    },
    {
      make: () => split(image, { sizes: [1, 2] }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["Split", "3", "4"],
    },
    { make: () => split(image, {}), codes: ["LAYER_OPTION_INVALID"], says: ['either "parts" or "sizes"'] },
    { make: () => split(image, { parts: 2, sizes: [2, 2] }), codes: ["LAYER_OPTION_INVALID"], says: ["either"] },
  ],
  add: misfits(add),
  subtract: [
    {
      make: () => subtract(vector, input("other", [4])),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["Sub", "[N,5]", "[N,4]"],
    },
    { make: () => subtract(vector, digit), codes: ["LAYER_SHAPE_MISMATCH"], says: ["float32", "int32"] },
  ],
  multiply: misfits(multiply),
  average: misfits(average),
  maximum: misfits(maximum),
  minimum: misfits(minimum),
  softmax: [
    wrongInput(softmax),
    { make: () => softmax(target("y", [])), codes: ["LAYER_RANK_WRONG"], says: ["its axis is 1", "rank 0"] },
    { make: () => softmax(vector, { axis: 0 }), codes: ["LAYER_RANK_WRONG"], says: ["its axis is 0", "1 to 1"] },
  ],
  softmaxCrossEntropy: [
    {
      make: () => softmaxCrossEntropy(image, digit, { name: "loss" }),
      codes: ["LAYER_SHAPE_MISMATCH"],
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
    {
      make: () => softmaxCrossEntropy(vector, digit, { classWeights: [1, 2] }),
      codes: ["LAYER_OPTION_INVALID"],
      says: ["its classWeights are 2 numbers for 5 classes"],
    },
    {
      make: () => softmaxCrossEntropy(vector, digit, { classWeights: [1, 2, -1], ignoreLabel: 0.5 }),
      codes: ["LAYER_OPTION_INVALID", "LAYER_OPTION_INVALID"],
      says: ['"classWeights" is [1, 2, -1]', "≥ 0", '"ignoreLabel" is 0.5'],
    },
    {
      make: () => softmaxCrossEntropy(vector, digit, { sampleWeights: weights }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["its sampleWeights are float32 [3]", "expected []"],
    },
    {
      make: () => softmaxCrossEntropy(vector, digit, { sampleWeights: digit }),
      codes: ["LAYER_INPUT_INVALID"],
      says: ["its sampleWeights are int32 []", "expected float32"],
    },
  ],
  binaryCrossEntropy: [
    {
      make: () => binaryCrossEntropy(vector, target("y", [4])),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"vector" is [5]', '"y" [4]', "the same shape"],
    },
  ],
  meanSquaredError: [
    {
      make: () => meanSquaredError(vector, target("y", [4])),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"vector" is [5]', '"y" [4]', "the same shape"],
    },
    {
      make: () => meanSquaredError(vector, vector, { reduction: "halfSum", sampleWeights: vector }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["its sampleWeights are float32 [5]", "expected []"],
    },
    {
      make: () => meanSquaredError(vector, vector, { sampleWeights: weights }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ["its sampleWeights are float32 [3]", "expected [] or [5]"],
    },
  ],
  meanAbsoluteError: [
    {
      make: () => meanAbsoluteError(vector, target("y", [4])),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"vector" is [5]', '"y" [4]'],
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
  binaryAccuracy: [
    {
      make: () => binaryAccuracy(vector, target("y", [4]), { threshold: 0 }),
      codes: ["LAYER_SHAPE_MISMATCH"],
      says: ['"vector" is [5]', '"y" [4]'],
    },
  ],
};
