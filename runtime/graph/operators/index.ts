import { averagePool } from "./average-pool.js";
import { add, div, max, min, mul, pow, sub, sum } from "./binary.js";
import { argMax, oneHot } from "./classes.js";
import { concat } from "./concat.js";
import { conv } from "./conv.js";
import { convTranspose } from "./conv-transpose.js";
import { expand } from "./expand.js";
import { gather, gatherElements, scatterElements } from "./gather.js";
import { and, equal, not, ordered } from "./logic.js";
import { gemm, matMul } from "./matmul.js";
import { maxPool, maxUnpool } from "./max-pool.js";
import type { Operator } from "./operator.js";
import { pad } from "./pad.js";
import { reduceMax, reduceMean, reduceProd, reduceSum } from "./reduce.js";
import { flatten, reshape, squeeze, unsqueeze } from "./reshape.js";
import { resize } from "./resize.js";
import { cast, clip, where } from "./select.js";
import { constantOfShape, shape } from "./shape.js";
import { slice } from "./slice.js";
import { logSoftmax, softmax } from "./softmax.js";
import { transpose } from "./transpose.js";
import {
  abs,
  elu,
  erf,
  exp,
  identity,
  leakyRelu,
  log,
  neg,
  reciprocal,
  relu,
  sigmoid,
  sign,
  softplus,
  sqrt,
  tanh,
} from "./unary.js";

/** The operator table: ONNX operator name → shape rule, gradient rule and attributes. Keep rows sorted. */
export const operators: Readonly<Record<string, Operator>> = {
  Abs: abs,
  Add: add,
  And: and,
  ArgMax: argMax,
  AveragePool: averagePool,
  Cast: cast,
  Clip: clip,
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Conv: conv,
  ConvTranspose: convTranspose,
  Div: div,
  Elu: elu,
  Equal: equal,
  Erf: erf,
  Exp: exp,
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherElements: gatherElements,
  Gemm: gemm,
  Greater: ordered,
  GreaterOrEqual: ordered,
  Identity: identity,
  LeakyRelu: leakyRelu,
  Less: ordered,
  LessOrEqual: ordered,
  Log: log,
  LogSoftmax: logSoftmax,
  MatMul: matMul,
  Max: max,
  MaxPool: maxPool,
  MaxUnpool: maxUnpool,
  Min: min,
  Mul: mul,
  Neg: neg,
  Not: not,
  OneHot: oneHot,
  Pad: pad,
  Pow: pow,
  Reciprocal: reciprocal,
  ReduceMax: reduceMax,
  ReduceMean: reduceMean,
  ReduceProd: reduceProd,
  ReduceSum: reduceSum,
  Relu: relu,
  Reshape: reshape,
  Resize: resize,
  ScatterElements: scatterElements,
  Shape: shape,
  Sigmoid: sigmoid,
  Sign: sign,
  Slice: slice,
  Softmax: softmax,
  Softplus: softplus,
  Sqrt: sqrt,
  Squeeze: squeeze,
  Sub: sub,
  Sum: sum,
  Tanh: tanh,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
};
