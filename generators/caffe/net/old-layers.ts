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
  const common = commonParts(withTransform(message), type, index);
  return { ...common, parameters: oldParameters(message) };
}

/** Data parameters of old entries that held what is in transform_param today. */
const dataParameters = ["data_param", "image_data_param"];
const movedFields = ["scale", "mean_file", "crop_size", "mirror"];

/** Moves the fields of a data parameter to where they are read today (upgrade_proto.cpp, UpgradeNetDataTransformation). */
function withTransform(message: Message): Message {
  const name = dataParameters.find((field) => message.has(field));
  const data = name === undefined ? undefined : message.message(name);
  const moved = movedFields.filter((field) => data?.has(field));
  if (name === undefined || data === undefined || moved.length === 0) return message;
  const given = message.message("transform_param");
  const transform = message.messageOrDefaults("transform_param");
  const fields = Object.fromEntries(moved.map((field) => [field, data.entries(field)]));
  const place = { line: 1, column: 1, ...(given === undefined ? data.at() : transform.at()) };
  return message.with({
    transform_param: [{ ...place, value: transform.with(fields) }],
    [name]: [{ ...place, value: data.with(Object.fromEntries(moved.map((field) => [field, []]))) }],
  });
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
