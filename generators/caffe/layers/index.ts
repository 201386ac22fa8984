import { accuracyLayer } from "./accuracy.js";
import { bnllLayer } from "./bnll.js";
import { convolutionLayer } from "./convolution.js";
import { dataLayerOf } from "./data.js";
import { dropoutLayer } from "./dropout.js";
import { eluLayer } from "./elu.js";
import { euclideanLossLayer } from "./euclidean-loss.js";
import { flattenLayer } from "./flatten.js";
import { innerProductLayer } from "./inner-product.js";
import { inputLayer } from "./input.js";
import type { RefusedType } from "./known-types.js";
import { poolingLayer } from "./pooling.js";
import { reluLayer } from "./relu.js";
import { sigmoidLayer } from "./sigmoid.js";
import { silenceLayer } from "./silence.js";
import { softmaxLayer } from "./softmax.js";
import { softmaxWithLossLayer } from "./softmax-with-loss.js";
import { splitLayer } from "./split.js";
import { swishLayer } from "./swish.js";
import { tanhLayer } from "./tanh.js";
import type { CaffeLayer } from "./types.js";

/** The layer table: Caffe's type names, which are case-sensitive. A type that is refused by name has no row. */
const table: { readonly [type: string]: CaffeLayer } & { readonly [Type in RefusedType]?: never } = {
  ...dataLayerOf,
  Accuracy: accuracyLayer,
  BNLL: bnllLayer,
  Convolution: convolutionLayer,
  Dropout: dropoutLayer,
  ELU: eluLayer,
  EuclideanLoss: euclideanLossLayer,
  Flatten: flattenLayer,
  InnerProduct: innerProductLayer,
  Input: inputLayer,
  Pooling: poolingLayer,
  ReLU: reluLayer,
  Sigmoid: sigmoidLayer,
  Silence: silenceLayer,
  Softmax: softmaxLayer,
  SoftmaxWithLoss: softmaxWithLossLayer,
  Split: splitLayer,
  Swish: swishLayer,
  TanH: tanhLayer,
};

/** The types that the importer builds. */
export const layerTypes: readonly string[] = Object.keys(table);

export function layerNamed(type: string): CaffeLayer | undefined {
  return Object.hasOwn(table, type) ? table[type] : undefined;
}
