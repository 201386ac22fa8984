import type { Message } from "../../source/prototxt/message.js";
import { commonParts, type LayerDefinition, type ParameterSpec } from "./definition.js";

/** The type names of old `layers` entries (BVLC/caffe src/caffe/util/upgrade_proto.cpp, UpgradeV1LayerType). */
const newTypes: Readonly<Record<string, string>> = {
  NONE: "",
  ABSVAL: "AbsVal",
  ACCURACY: "Accuracy",
  ARGMAX: "ArgMax",
  BNLL: "BNLL",
  CONCAT: "Concat",
  CONTRASTIVE_LOSS: "ContrastiveLoss",
  CONVOLUTION: "Convolution",
  DATA: "Data",
  DECONVOLUTION: "Deconvolution",
  DROPOUT: "Dropout",
  DUMMY_DATA: "DummyData",
  ELTWISE: "Eltwise",
  EUCLIDEAN_LOSS: "EuclideanLoss",
  EXP: "Exp",
  FLATTEN: "Flatten",
  HDF5_DATA: "HDF5Data",
  HDF5_OUTPUT: "HDF5Output",
  HINGE_LOSS: "HingeLoss",
  IM2COL: "Im2col",
  IMAGE_DATA: "ImageData",
  INFOGAIN_LOSS: "InfogainLoss",
  INNER_PRODUCT: "InnerProduct",
  LRN: "LRN",
  MEMORY_DATA: "MemoryData",
  MULTINOMIAL_LOGISTIC_LOSS: "MultinomialLogisticLoss",
  MVN: "MVN",
  POOLING: "Pooling",
  POWER: "Power",
  RELU: "ReLU",
  SIGMOID: "Sigmoid",
  SIGMOID_CROSS_ENTROPY_LOSS: "SigmoidCrossEntropyLoss",
  SILENCE: "Silence",
  SLICE: "Slice",
  SOFTMAX: "Softmax",
  SOFTMAX_LOSS: "SoftmaxWithLoss",
  SPLIT: "Split",
  TANH: "TanH",
  THRESHOLD: "Threshold",
  WINDOW_DATA: "WindowData",
};

/** Whether an entry is of the first form, which had everything inside a `layer` of its own. */
export function isFirstForm(message: Message): boolean {
  return message.has("layer");
}

/** Reads an old `layers { type: CONVOLUTION blobs_lr: 1 … }` entry (caffe.proto, V1LayerParameter). */
export function readOldLayer(message: Message, index: number): LayerDefinition {
  const type = newTypes[message.text("type")] ?? "";
  const common = commonParts(message, type, index);
  return { ...common, parameters: oldParameters(message) };
}

function oldParameters(message: Message): readonly ParameterSpec[] {
  const rates = message.numbers("blobs_lr");
  const decays = message.numbers("weight_decay");
  const names = message.texts("param");
  return Array.from({ length: Math.max(rates.length, decays.length, names.length) }, (_, index) => ({
    lr: rates[index] ?? 1,
    decay: decays[index] ?? 1,
    ...(names[index] === undefined || names[index] === "" ? {} : { sharedName: names[index] }),
    at: message.at(rates.length > index ? "blobs_lr" : "weight_decay", index),
  }));
}
