import { CompileError } from "../errors.js";
import { accuracyLayer, binaryAccuracyLayer } from "./accuracy.js";
import { activationLayers } from "./activations.js";
import { addLayer, averageLayer, maximumLayer, minimumLayer, multiplyLayer, subtractLayer } from "./arithmetic.js";
import { averagePool1dLayer, averagePool2dLayer, averagePool3dLayer } from "./average-pool.js";
import { batchNormLayer } from "./batch-norm.js";
import { concatLayer } from "./concat.js";
import { convTranspose1dLayer, convTranspose2dLayer, convTranspose3dLayer } from "./conv-transpose.js";
import { conv1dLayer, conv2dLayer, conv3dLayer } from "./convolution.js";
import type { LayerDefinition } from "./definition.js";
import { denseLayer, linearLayer } from "./dense.js";
import { binaryCrossEntropyLayer, meanAbsoluteErrorLayer } from "./distance.js";
import { dropoutLayer } from "./dropout.js";
import { embeddingLayer } from "./embedding.js";
import { globalAveragePoolLayer, globalMaxPoolLayer } from "./global-pool.js";
import { groupNormLayer, instanceNormLayer } from "./group-norm.js";
import { gruLayer } from "./gru.js";
import { inputLayer } from "./input.js";
import { labelLayer } from "./label.js";
import { layerNormLayer } from "./layer-norm.js";
import { lstmLayer } from "./lstm.js";
import { maxPool1dLayer, maxPool2dLayer, maxPool3dLayer } from "./max-pool.js";
import { meanSquaredErrorLayer } from "./mean-squared-error.js";
import { onnxDefinition } from "./onnx-layer.js";
import { permuteLayer } from "./permute.js";
import { preluLayer } from "./prelu.js";
import { flattenLayer, reshapeLayer } from "./reshape.js";
import { simpleRnnLayer } from "./simple-rnn.js";
import { softmaxLayer } from "./softmax.js";
import { softmaxCrossEntropyLayer } from "./softmax-cross-entropy.js";
import { splitLayer } from "./split.js";
import { targetLayer } from "./target.js";
import { upsampleLayer } from "./upsample.js";
import { variableLayer } from "./variable.js";

/** The layer table. A layer is one file and one row here; activations have a table of their own. */
export const layers = {
  input: inputLayer,
  label: labelLayer,
  target: targetLayer,
  variable: variableLayer,
  conv1d: conv1dLayer,
  conv2d: conv2dLayer,
  conv3d: conv3dLayer,
  convTranspose1d: convTranspose1dLayer,
  convTranspose2d: convTranspose2dLayer,
  convTranspose3d: convTranspose3dLayer,
  maxPool1d: maxPool1dLayer,
  maxPool2d: maxPool2dLayer,
  maxPool3d: maxPool3dLayer,
  averagePool1d: averagePool1dLayer,
  averagePool2d: averagePool2dLayer,
  averagePool3d: averagePool3dLayer,
  globalAveragePool: globalAveragePoolLayer,
  globalMaxPool: globalMaxPoolLayer,
  upsample: upsampleLayer,
  dense: denseLayer,
  linear: linearLayer,
  embedding: embeddingLayer,
  simpleRnn: simpleRnnLayer,
  gru: gruLayer,
  lstm: lstmLayer,
  ...activationLayers,
  prelu: preluLayer,
  batchNorm: batchNormLayer,
  layerNorm: layerNormLayer,
  groupNorm: groupNormLayer,
  instanceNorm: instanceNormLayer,
  dropout: dropoutLayer,
  flatten: flattenLayer,
  reshape: reshapeLayer,
  permute: permuteLayer,
  concat: concatLayer,
  split: splitLayer,
  add: addLayer,
  subtract: subtractLayer,
  multiply: multiplyLayer,
  average: averageLayer,
  maximum: maximumLayer,
  minimum: minimumLayer,
  softmax: softmaxLayer,
  softmaxCrossEntropy: softmaxCrossEntropyLayer,
  binaryCrossEntropy: binaryCrossEntropyLayer,
  meanSquaredError: meanSquaredErrorLayer,
  meanAbsoluteError: meanAbsoluteErrorLayer,
  accuracy: accuracyLayer,
  binaryAccuracy: binaryAccuracyLayer,
} as const satisfies Readonly<Record<string, LayerDefinition>>;

export type LayerType = keyof typeof layers;

function findDefinition(type: string): LayerDefinition | undefined {
  const table: Readonly<Record<string, LayerDefinition>> = layers;
  return Object.hasOwn(table, type) ? table[type] : onnxDefinition(type);
}

/** Whether there is a layer of this type: a row of the table, or an operator such as `onnx.Gather`. */
export const hasDefinition = (type: string): boolean => findDefinition(type) !== undefined;

/**
 * The definition of a type of layer: a row of the table, or an operator such as `onnx.Gather`.
 *
 * @throws CompileError if this version of the package has neither
 */
export function definitionOf(type: string): LayerDefinition {
  const definition = findDefinition(type);
  if (definition !== undefined) return definition;
  throw new CompileError({
    code: "MODEL_FORMAT_DIFFERENT",
    message: `a network has a layer of type "${type}", which this version of paramserv does not have`,
  });
}
