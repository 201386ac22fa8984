import { toOnnx } from "../graph/onnx.js";
import { runPasses } from "../graph/passes/index.js";
import type { Network } from "../layers/types.js";
import { layoutOf } from "./layout.js";
import { evaluationGraph, feedsOf, stepGraph, trainable } from "./stages.js";
import type { TrainingProgram } from "./types.js";

/**
 * Compiles a network for training: layers to operators, gradients, passes, serialized graphs and the layout of the
 * parameters. A parameter that the loss does not depend on is frozen (`lr` 0 in the layout).
 *
 * @throws CompileError if the network has no loss, or nothing to train
 * @example const program = compile(lenet);
 */
export function compile(network: Network): TrainingProgram {
  const checked = trainable(network);
  const { graph, masks } = stepGraph(checked);
  const { parameters, size } = layoutOf(network.parameters, checked.trained);
  return Object.freeze({
    name: network.name,
    step: toOnnx(runPasses(graph)),
    evaluate: toOnnx(runPasses(evaluationGraph(checked))),
    parameters,
    size,
    feeds: feedsOf(network, masks),
    scalars: checked.scalars.map(([name]) => name),
  });
}
