export { type AccuracyOptions, accuracy } from "./accuracy.js";
export { type AveragePool2dOptions, averagePool2d } from "./average-pool2d.js";
export type { LayerOptions } from "./call.js";
export { type Conv2dOptions, conv2d } from "./conv2d.js";
export type { LayerDefinition } from "./define-layer.js";
export { type DenseOptions, dense } from "./dense.js";
export { describeNetwork, type NetworkDescription, networksEqual, printNetwork } from "./describe.js";
export { type DropoutOptions, dropout } from "./dropout.js";
export { type EluOptions, elu } from "./elu.js";
export { type FlattenOptions, flatten } from "./flatten.js";
export { type GeluOptions, gelu } from "./gelu.js";
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
export { input } from "./input.js";
export { type LabelOptions, label } from "./label.js";
export { type LeakyReluOptions, leakyRelu } from "./leaky-relu.js";
export { type MaxPool2dOptions, maxPool2d } from "./max-pool2d.js";
export { type MeanSquaredErrorOptions, meanSquaredError } from "./mean-squared-error.js";
export { type ModelOptions, model } from "./model.js";
export type { LayerRole } from "./records.js";
export { type ReluOptions, relu } from "./relu.js";
export { type SigmoidOptions, sigmoid } from "./sigmoid.js";
export { type SoftmaxOptions, softmax } from "./softmax.js";
export { type SoftmaxCrossEntropyOptions, softmaxCrossEntropy } from "./softmax-cross-entropy.js";
export { type SoftplusOptions, softplus } from "./softplus.js";
export { type SwishOptions, swish } from "./swish.js";
export { type LayerType, layers } from "./table.js";
export { type TanhOptions, tanh } from "./tanh.js";
export { target } from "./target.js";
export type { LayerNode, Network, OptionValue, Parameter, Shape, Tensor } from "./types.js";
