export { type AccuracyOptions, accuracy, type BinaryAccuracyOptions, binaryAccuracy } from "./accuracy.js";
export {
  type ActivationOptions,
  type CeluOptions,
  celu,
  type EluOptions,
  elu,
  type GeluOptions,
  gelu,
  type HardSigmoidOptions,
  hardSigmoid,
  hardSwish,
  type LeakyReluOptions,
  leakyRelu,
  mish,
  relu,
  relu6,
  type SwishOptions,
  selu,
  sigmoid,
  softplus,
  softsign,
  swish,
  tanh,
} from "./activations.js";
export { type ArithmeticOptions, add, average, maximum, minimum, multiply, subtract } from "./arithmetic.js";
export {
  type AveragePool1dOptions,
  type AveragePool2dOptions,
  type AveragePool3dOptions,
  averagePool1d,
  averagePool2d,
  averagePool3d,
} from "./average-pool.js";
export { type BatchNormOptions, batchNorm } from "./batch-norm.js";
export { type ConcatOptions, concat } from "./concat.js";
export {
  type ConvTranspose1dOptions,
  type ConvTranspose2dOptions,
  type ConvTranspose3dOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "./conv-transpose.js";
export {
  type Conv1dOptions,
  type Conv2dOptions,
  type Conv3dOptions,
  conv1d,
  conv2d,
  conv3d,
} from "./convolution.js";
export type { LayerDefinition } from "./definition.js";
export { type DenseOptions, dense, type LinearOptions, linear } from "./dense.js";
export {
  describeNetwork,
  type LayerDescription,
  type NetworkDescription,
  networksEqual,
  printNetwork,
} from "./describe.js";
export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  type MeanAbsoluteErrorOptions,
  meanAbsoluteError,
} from "./distance.js";
export { type DropoutOptions, dropout } from "./dropout.js";
export { type EmbeddingOptions, embedding } from "./embedding.js";
export { type GlobalPoolOptions, globalAveragePool, globalMaxPool } from "./global-pool.js";
export { graph } from "./graph.js";
export { type GroupNormOptions, groupNorm, type InstanceNormOptions, instanceNorm } from "./group-norm.js";
export { type GruOptions, gru } from "./gru.js";
export {
  constant,
  type Fan,
  formatInitializer,
  gaussian,
  type Initializer,
  initializers,
  msra,
  uniform,
  xavier,
} from "./initializers.js";
export { type InputOptions, input } from "./input.js";
export { type LabelOptions, label } from "./label.js";
export { type LayerNormOptions, layerNorm } from "./layer-norm.js";
export { type LstmOptions, lstm } from "./lstm.js";
export {
  type MaxPool1dOptions,
  type MaxPool2dOptions,
  type MaxPool3dOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./max-pool.js";
export { type MeanSquaredErrorOptions, meanSquaredError } from "./mean-squared-error.js";
export { model } from "./model.js";
export type { ModelOptions } from "./model-options.js";
export { networkFormat, requireNetwork } from "./network.js";
export { onnx } from "./onnx-layer.js";
export type { LayerOptions, OptionsOf } from "./options.js";
export { type PermuteOptions, permute } from "./permute.js";
export { type PreluOptions, prelu } from "./prelu.js";
export { type FlattenOptions, flatten, type ReshapeOptions, reshape } from "./reshape.js";
export { type SimpleRnnOptions, simpleRnn } from "./simple-rnn.js";
export { type SoftmaxOptions, softmax } from "./softmax.js";
export { type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from "./softmax-cross-entropy.js";
export { type SplitOptions, split } from "./split.js";
export { type LayerType, layers } from "./table.js";
export { target } from "./target.js";
export type {
  LayerInput,
  LayerNode,
  LayerRole,
  Lowering,
  Mean,
  Network,
  OptionValue,
  Scalar,
  Shape,
  Tensor,
  Variable,
  VariableRole,
  WeightedLoss,
} from "./types.js";
export { type UpsampleOptions, upsample } from "./upsample.js";
export { type VariableOptions, variable } from "./variable.js";
