import { accuracyLayer } from "./accuracy.js";
import { bnllLayer } from "./bnll.js";
import { convolutionLayer } from "./convolution.js";
import { dataLayers } from "./data.js";
import { dropoutLayer } from "./dropout.js";
import { eluLayer } from "./elu.js";
import { euclideanLossLayer } from "./euclidean-loss.js";
import { flattenLayer } from "./flatten.js";
import { innerProductLayer } from "./inner-product.js";
import { inputLayer } from "./input.js";
import { isBuilt, type LayerType, notYet, ofFork, reasons, type UnbuiltLayer } from "./known-types.js";
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

/** The layer table: type names, which are case-sensitive. A second row for a type does not compile. */
const table: Readonly<Record<string, LayerType>> = {
  Data: dataLayers.Data,
  ImageData: dataLayers.ImageData,
  HDF5Data: dataLayers.HDF5Data,
  MemoryData: dataLayers.MemoryData,

  AbsVal: notYet(reasons.arithmetic),
  Accuracy: accuracyLayer,
  ArgMax: notYet(reasons.arithmetic),
  BNLL: bnllLayer,
  BatchNorm: notYet(reasons.normalization),
  BatchReindex: notYet(reasons.rows),
  Bias: notYet(reasons.weights),
  Clip: notYet(reasons.arithmetic),
  Concat: notYet(reasons.shape),
  ContrastiveLoss: notYet(reasons.loss),
  Convolution: convolutionLayer,
  Crop: notYet(reasons.shape),
  Deconvolution: notYet(reasons.weights),
  Dropout: dropoutLayer,
  DummyData: notYet(reasons.data),
  ELU: eluLayer,
  Eltwise: notYet(reasons.arithmetic),
  Embed: notYet(reasons.weights),
  EuclideanLoss: euclideanLossLayer,
  Exp: notYet(reasons.arithmetic),
  Filter: notYet(reasons.rows),
  Flatten: flattenLayer,
  HDF5Output: notYet(reasons.output),
  HingeLoss: notYet(reasons.loss),
  Im2col: notYet(reasons.shape),
  InfogainLoss: notYet(reasons.loss),
  InnerProduct: innerProductLayer,
  Input: inputLayer,
  LRN: notYet(reasons.normalization),
  LSTM: notYet(reasons.recurrent),
  LSTMUnit: notYet(reasons.recurrent),
  Log: notYet(reasons.arithmetic),
  MVN: notYet(reasons.normalization),
  MultinomialLogisticLoss: notYet(reasons.loss),
  PReLU: notYet(reasons.weights),
  Parameter: notYet(reasons.weights),
  Pooling: poolingLayer,
  Power: notYet(reasons.arithmetic),
  Python: notYet(reasons.program),
  RNN: notYet(reasons.recurrent),
  ReLU: reluLayer,
  Reduction: notYet(reasons.arithmetic),
  Reshape: notYet(reasons.shape),
  SPP: notYet(reasons.shape),
  Scale: notYet(reasons.weights),
  Sigmoid: sigmoidLayer,
  SigmoidCrossEntropyLoss: notYet(reasons.loss),
  Silence: silenceLayer,
  Slice: notYet(reasons.shape),
  Softmax: softmaxLayer,
  SoftmaxWithLoss: softmaxWithLossLayer,
  Split: splitLayer,
  Swish: swishLayer,
  TanH: tanhLayer,
  Threshold: notYet(reasons.arithmetic),
  Tile: notYet(reasons.shape),
  WindowData: notYet(reasons.data),

  AnnotatedData: ofFork("SSD"),
  Axpy: ofFork("SENet"),
  BN: ofFork("SegNet and PSPNet"),
  ConvolutionDepthwise: ofFork("MobileNet"),
  DepthwiseConvolution: ofFork("MobileNet"),
  DetectionOutput: ofFork("SSD"),
  Interp: ofFork("DeepLab and PSPNet"),
  MultiBoxLoss: ofFork("SSD"),
  Normalize: ofFork("SSD"),
  PSROIPooling: ofFork("R-FCN"),
  Permute: ofFork("SSD"),
  PriorBox: ofFork("SSD"),
  Proposal: ofFork("Faster R-CNN"),
  ROIPooling: ofFork("Fast R-CNN"),
  ReLU6: ofFork("MobileNetV2"),
  ShuffleChannel: ofFork("ShuffleNet"),
  SmoothL1Loss: ofFork("Fast R-CNN"),
  Upsample: ofFork("SegNet"),
};

/** The types that the importer builds. */
export const layerTypes: readonly string[] = Object.keys(table).filter((type) => layerNamed(type) !== undefined);

/** Caffe's own types that the importer does not build. */
export const unsupportedTypes: readonly string[] = Object.keys(table).filter((type) => {
  const row = unbuiltNamed(type);
  return row !== undefined && row.fork === undefined;
});

function rowOf(type: string): LayerType | undefined {
  return Object.hasOwn(table, type) ? table[type] : undefined;
}

export function layerNamed(type: string): CaffeLayer | undefined {
  const row = rowOf(type);
  return row !== undefined && isBuilt(row) ? row : undefined;
}

/** A type that is known and not built. */
export function unbuiltNamed(type: string): UnbuiltLayer | undefined {
  const row = rowOf(type);
  return row !== undefined && !isBuilt(row) ? row : undefined;
}
