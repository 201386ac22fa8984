/** Layer types of BVLC/caffe (2020-02-13) that are not in the layer table yet. */
const notYet = [
  "AbsVal",
  "ArgMax",
  "BatchNorm",
  "BatchReindex",
  "Bias",
  "Clip",
  "Concat",
  "ContrastiveLoss",
  "Crop",
  "Deconvolution",
  "DummyData",
  "Eltwise",
  "Embed",
  "Exp",
  "Filter",
  "HDF5Output",
  "HingeLoss",
  "Im2col",
  "InfogainLoss",
  "LRN",
  "LSTM",
  "LSTMUnit",
  "Log",
  "MVN",
  "MultinomialLogisticLoss",
  "PReLU",
  "Parameter",
  "Power",
  "Python",
  "RNN",
  "Reduction",
  "Reshape",
  "SPP",
  "Scale",
  "SigmoidCrossEntropyLoss",
  "Slice",
  "Threshold",
  "Tile",
  "WindowData",
] as const;

/** Layer types of Caffe's forks that people meet, and where they come from. */
const forks = {
  AnnotatedData: "SSD",
  Axpy: "SENet",
  BN: "SegNet and PSPNet",
  ConvolutionDepthwise: "MobileNet",
  DepthwiseConvolution: "MobileNet",
  DetectionOutput: "SSD",
  Interp: "DeepLab and PSPNet",
  MultiBoxLoss: "SSD",
  Normalize: "SSD",
  PSROIPooling: "R-FCN",
  Permute: "SSD",
  PriorBox: "SSD",
  Proposal: "Faster R-CNN",
  ROIPooling: "Fast R-CNN",
  ReLU6: "MobileNetV2",
  ShuffleChannel: "ShuffleNet",
  SmoothL1Loss: "Fast R-CNN",
  Upsample: "SegNet",
} as const satisfies Readonly<Record<string, string>>;

/** A type that is refused by name; the layer table may have no row of that name. */
export type RefusedType = (typeof notYet)[number] | keyof typeof forks;

export const unsupportedTypes: ReadonlySet<string> = new Set(notYet);

/** Where a layer type of a fork comes from. */
export function forkOf(type: string): string | undefined {
  return Object.hasOwn(forks, type) ? forks[type as keyof typeof forks] : undefined;
}
