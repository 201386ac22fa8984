import { accuracyLayer } from "./accuracy.js";
import { averagePool2dLayer } from "./average-pool2d.js";
import { conv2dLayer } from "./conv2d.js";
import type { LayerDefinition } from "./define-layer.js";
import { denseLayer } from "./dense.js";
import { dropoutLayer } from "./dropout.js";
import { eluLayer } from "./elu.js";
import { flattenLayer } from "./flatten.js";
import { geluLayer } from "./gelu.js";
import { inputLayer } from "./input.js";
import { labelLayer } from "./label.js";
import { leakyReluLayer } from "./leaky-relu.js";
import { maxPool2dLayer } from "./max-pool2d.js";
import { meanSquaredErrorLayer } from "./mean-squared-error.js";
import { reluLayer } from "./relu.js";
import { sigmoidLayer } from "./sigmoid.js";
import { softmaxLayer } from "./softmax.js";
import { softmaxCrossEntropyLayer } from "./softmax-cross-entropy.js";
import { softplusLayer } from "./softplus.js";
import { swishLayer } from "./swish.js";
import { tanhLayer } from "./tanh.js";
import { targetLayer } from "./target.js";

/** The layer table. A layer is one file and one row here. */
export const layers = {
  input: inputLayer,
  label: labelLayer,
  target: targetLayer,
  conv2d: conv2dLayer,
  maxPool2d: maxPool2dLayer,
  averagePool2d: averagePool2dLayer,
  dense: denseLayer,
  relu: reluLayer,
  leakyRelu: leakyReluLayer,
  elu: eluLayer,
  sigmoid: sigmoidLayer,
  tanh: tanhLayer,
  softplus: softplusLayer,
  swish: swishLayer,
  gelu: geluLayer,
  dropout: dropoutLayer,
  flatten: flattenLayer,
  softmax: softmaxLayer,
  softmaxCrossEntropy: softmaxCrossEntropyLayer,
  meanSquaredError: meanSquaredErrorLayer,
  accuracy: accuracyLayer,
} as const satisfies Readonly<Record<string, LayerDefinition>>;

export type LayerType = keyof typeof layers;
