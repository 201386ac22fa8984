import { requireNetwork } from "../layers/network.js";
import type { Network } from "../layers/types.js";
import { defaultTarget, targetNamed } from "../targets/index.js";
import type { Target } from "../targets/target.js";
import { executable } from "./executable.js";
import { columnsOf } from "./feeds.js";
import { evaluationGraph, type Step, stepGraph, weighingGraph } from "./stages.js";
import type { Executable, Feed, TrainingProgram } from "./types.js";

export interface CompileOptions {
  /** A key of the target table: whose engine will execute the program. Default "onnxruntime". */
  readonly target?: string;
}

/** What a batch has to bring for these executables. */
function neededFeeds(feeds: readonly Feed[], executables: readonly Executable[]): readonly Feed[] {
  const bound = executables.flatMap(({ inputs }) => inputs);
  const needed = new Set(bound.flatMap((input) => (input.role === "feed" ? [input.feed] : [])));
  return feeds.filter(({ name }) => needed.has(name));
}

/** The program of a network whose step is known. */
export function programOf(network: Network, { bound, scalars, buffer, feeds }: Step, target: Target): TrainingProgram {
  const step = executable(bound, target);
  const evaluate = executable(evaluationGraph(network), target);
  const weighing = scalars.some(({ rowWeights }) => rowWeights.weights === "data");
  const weigh = weighing ? executable(weighingGraph(network), target) : undefined;
  return Object.freeze({
    name: network.name,
    target: target.name,
    step,
    evaluate,
    ...(weigh && { weigh }),
    ...buffer,
    feeds: neededFeeds([...columnsOf(network), ...feeds], [step, evaluate, ...(weigh ? [weigh] : [])]),
    scalars: scalars.map(({ name, role, factor, rowWeights: { weights } }) => ({ name, role, factor, weights })),
  });
}

/**
 * Compiles a network for training: layers to operators, gradients, the phases of its target, serialized graphs and the
 * layout of the variables. A variable that the losses do not depend on is frozen.
 *
 * @throws CompileError if the network has no loss, or nothing to train
 * @example const program = compile(lenet);
 */
export function compile(network: Network, { target = defaultTarget }: CompileOptions = {}): TrainingProgram {
  return programOf(network, stepGraph(requireNetwork(network)), targetNamed(target));
}
