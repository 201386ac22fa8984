import {
  celu,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  relu,
  selu,
  sigmoid,
  softplus,
  softsign,
  tanh,
  thresholdedRelu,
} from "./activations.js";
import { averagePool } from "./average-pool.js";
import { batchNormalization } from "./batch-normalization.js";
import { add, div, mod, mul, sub } from "./binary.js";
import { argMax, oneHot } from "./classes.js";
import { concat } from "./concat.js";
import { conv } from "./conv.js";
import { convTranspose } from "./conv-transpose.js";
import { cumSum } from "./cumsum.js";
import { depthToSpace, spaceToDepth } from "./depth-space.js";
import { expand } from "./expand.js";
import { gather } from "./gather.js";
import { gatherElements, scatterElements } from "./gather-elements.js";
import { gatherNd } from "./gather-nd.js";
import { gemm } from "./gemm.js";
import { globalAveragePool, globalMaxPool } from "./global-pool.js";
import { groupNormalization } from "./group-normalization.js";
import { ifElse } from "./if.js";
import { instanceNormalization } from "./instance-normalization.js";
import { layerNormalization } from "./layer-normalization.js";
import { and, equal, greater, greaterOrEqual, less, lessOrEqual, not, or, xor } from "./logic.js";
import { lpNormalization } from "./lp-normalization.js";
import { lrn } from "./lrn.js";
import { matMul } from "./matmul.js";
import { maxPool } from "./max-pool.js";
import { maxUnpool } from "./max-unpool.js";
import { meanVarianceNormalization } from "./mean-variance-normalization.js";
import type { Operator } from "./operator.js";
import { pad } from "./pad.js";
import { pow } from "./power.js";
import { range } from "./range.js";
import {
  reduceL1,
  reduceL2,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
  reduceSumSquare,
} from "./reductions.js";
import { flatten, reshape, squeeze, unsqueeze } from "./reshape.js";
import { resize } from "./resize.js";
import { scan } from "./scan.js";
import { cast, clip, where } from "./select.js";
import { constantOfShape, shape, size } from "./shape.js";
import { slice } from "./slice.js";
import { logSoftmax, softmax } from "./softmax.js";
import { split } from "./split.js";
import { tile } from "./tile.js";
import { transpose } from "./transpose.js";
import {
  abs,
  ceil,
  cos,
  erf,
  exp,
  floor,
  identity,
  isNan,
  log,
  neg,
  reciprocal,
  round,
  sign,
  sin,
  sqrt,
} from "./unary.js";
import { max, min, sum } from "./variadic.js";

/** The operator table: ONNX operator name → shape rule, gradient rule and attributes. Keep rows sorted. */
export const operators = {
  Abs: abs,
  Add: add,
  And: and,
  ArgMax: argMax,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: cast,
  Ceil: ceil,
  Celu: celu,
  Clip: clip,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Conv: conv,
  ConvTranspose: convTranspose,
  Cos: cos,
  CumSum: cumSum,
  DepthToSpace: depthToSpace,
  Div: div,
  Elu: elu,
  Equal: equal,
  Erf: erf,
  Exp: exp,
  Expand: expand,
  Flatten: flatten,
  Floor: floor,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  Gelu: gelu,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  Greater: greater,
  GreaterOrEqual: greaterOrEqual,
  GroupNormalization: groupNormalization,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: identity,
  If: ifElse,
  InstanceNormalization: instanceNormalization,
  IsNaN: isNan,
  LRN: lrn,
  LayerNormalization: layerNormalization,
  LeakyRelu: leakyRelu,
  Less: less,
  LessOrEqual: lessOrEqual,
  Log: log,
  LogSoftmax: logSoftmax,
  LpNormalization: lpNormalization,
  MatMul: matMul,
  Max: max,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
  MeanVarianceNormalization: meanVarianceNormalization,
  Min: min,
  Mish: mish,
  Mod: mod,
  Mul: mul,
  Neg: neg,
  Not: not,
  OneHot: oneHot,
  Or: or,
  Pad: pad,
  Pow: pow,
  Range: range,
  Reciprocal: reciprocal,
  ReduceL1: reduceL1,
  ReduceL2: reduceL2,
  ReduceLogSumExp: reduceLogSumExp,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceMin: reduceMin,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  ReduceSumSquare: reduceSumSquare,
  Relu: relu,
  Reshape: reshape,
  Resize: resize,
  Round: round,
  Scan: scan,
  ScatterElements: scatterElements,
  Selu: selu,
  Shape: shape,
  Sigmoid: sigmoid,
  Sign: sign,
  Sin: sin,
  Size: size,
  Slice: slice,
  Softmax: softmax,
  Softplus: softplus,
  Softsign: softsign,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Sqrt: sqrt,
  Squeeze: squeeze,
  Sub: sub,
  Sum: sum,
  Tanh: tanh,
  ThresholdedRelu: thresholdedRelu,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
  Xor: xor,
} as const satisfies Readonly<Record<string, Operator>>;
