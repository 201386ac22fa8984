import type { Value } from "../graph/types.js";
import { requireNetwork } from "../layers/network.js";
import type { Network } from "../layers/types.js";
import { defaultTarget, targetNamed } from "../targets/index.js";
import { type BoundGraph, executable } from "./executable.js";
import { type Classifier, classifierOf, columnsOf } from "./feeds.js";
import { inferenceGraph } from "./inference.js";
import type { LoweredNetwork } from "./lower.js";
import { type LoweredScalars, lowerScalars, putOutScalars } from "./scalars.js";
import type { Executable, Feed, InputBinding, ProgramScalar } from "./types.js";

/** A label of class numbers, and the graph output that says which class the network takes a row for. */
export interface ClassifiedLabel {
  readonly label: string;
  /** int32, in the shape of the label. */
  readonly output: string;
}

/** A graph that gives arrays of as many rows as it is fed. */
interface OutputGraph {
  readonly bytes: Uint8Array;
  readonly inputs: readonly InputBinding[];
  /** The names of the network's outputs, which are those of the graph. */
  readonly outputs: readonly string[];
}

/** What a trained network needs to be judged and used again, without the model that it came from. Plain data. */
export interface EvaluationProgram {
  readonly name: string;
  readonly target: string;
  /** The columns that rows are made of. */
  readonly feeds: readonly Feed[];
  readonly scalars: readonly ProgramScalar[];
  /** Variables and columns in; the sum and weight of each loss and metric out, and the classes that were told. */
  readonly evaluate: Executable & { readonly classified: readonly ClassifiedLabel[] };
  /** Variables and inputs in, outputs by name out. */
  readonly infer: OutputGraph;
}

/**
 * The evaluation of a network and its inference, both with the variables as inputs.
 *
 * @throws CompileError if there is nothing to put out
 */
export function compileEvaluation(network: Network): EvaluationProgram {
  const target = targetNamed(defaultTarget);
  const all = lowerScalars(requireNetwork(network), "evaluate", false);
  const outputs = putOutScalars(all);
  const classified = putOutClasses(network, all);
  const bound: BoundGraph = { graph: all.lowered.g.build(), inputs: all.lowered.inputs, outputs };
  const inference = inferenceGraph(network);
  const { bytes, inputs } = executable(inference, target);
  return {
    name: network.name,
    target: target.name,
    feeds: columnsOf(network),
    scalars: all.scalars.map(({ name, role, factor, rowWeights: { weights } }) => ({ name, role, factor, weights })),
    evaluate: { ...executable(bound, target), classified },
    infer: { bytes, inputs, outputs: inference.graph.outputs.map(({ name }) => name) },
  };
}

function putOutClasses(network: Network, { lowered }: LoweredScalars): readonly ClassifiedLabel[] {
  return network.labels.flatMap((label): readonly ClassifiedLabel[] => {
    const classifier = classifierOf(label, network.layers);
    if (classifier === undefined) return [];
    const output = lowered.names.fresh(`class:${label.layer.name}`);
    lowered.g.output(output, classOf(lowered, classifier));
    return [{ label: label.layer.name, output }];
  });
}

/** The place of the best score, the first where several are equal; with a threshold 1 above it, else 0. */
function classOf(lowered: LoweredNetwork, { scores, threshold }: Classifier): Value {
  const { g } = lowered;
  const value = lowered.valueFor(scores);
  const told =
    threshold === undefined
      ? g.op("ArgMax", [value], { axis: 1, keepdims: 0 })
      : g.op("Greater", [value, g.scalar(threshold)]);
  return g.op("Cast", [told], { to: "int32" });
}
