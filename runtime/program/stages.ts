import { CompileError, type Problem } from "../errors.js";
import { extendGraph, graphBuilder } from "../graph/builder.js";
import { differentiate } from "../graph/differentiate.js";
import { runPasses } from "../graph/passes/index.js";
import type { Graph, GraphBuilder, Value } from "../graph/types.js";
import { reachableLayers } from "../layers/model-checks.js";
import { show } from "../layers/plain.js";
import type { LayerNode, Network, Tensor } from "../layers/types.js";
import { declareInputs, lowerLayers } from "./lower.js";
import type { Feed } from "./types.js";

/** A network that can be trained: it has a loss, and the loss depends on parameters with lr ≠ 0. */
export interface Trainable {
  readonly network: Network;
  readonly loss: Tensor;
  /** Names of the parameters that training changes. */
  readonly trained: ReadonlySet<string>;
  /** The loss, then the metrics, by the names they are reported under. */
  readonly scalars: readonly (readonly [name: string, tensor: Tensor])[];
}

/** Checks that there is something to make smaller, and something to make it smaller with. */
export function trainable(network: Network): Trainable {
  const fail = (problem: Problem): never => {
    throw new CompileError({ ...problem, message: `network ${show(network.name)}: ${problem.message}` });
  };
  const { loss } = network;
  if (loss === undefined) {
    return fail({
      code: "MODEL_LOSS_MISSING",
      message: "it has no loss, expected one to train it",
      hint: "give model() a loss, for example loss: softmaxCrossEntropy(scores, label)",
    });
  }
  const reached = reachableLayers([loss]).flatMap(({ parameters }) => parameters);
  const trained = new Set(reached.filter(({ lr }) => lr !== 0).map(({ name }) => name));
  if (trained.size === 0) {
    return fail({
      code: "MODEL_PARAMETERS_MISSING",
      message: `its loss depends on ${reached.length} parameters and on none with lr ≠ 0, expected something to train`,
      hint: "add a layer with parameters, such as dense(), or give one an lr above 0",
    });
  }
  return { network, loss, trained, scalars: [["loss", loss], ...Object.entries(network.metrics)] };
}

interface Forward {
  readonly g: GraphBuilder;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly scalars: readonly (readonly [name: string, value: Value])[];
  readonly masks: readonly Feed[];
}

function forward({ network, scalars }: Trainable, part: "step" | "evaluate"): Forward {
  const g = graphBuilder(`${network.name} ${part}`);
  const inputs = declareInputs(g, network);
  const nodes = reachableLayers(scalars.map(([, tensor]) => tensor));
  const { valueFor, masks } = lowerLayers({ g, nodes, training: part === "step", inputs });
  return { g, inputs, masks, scalars: scalars.map(([name, tensor]) => [name, valueFor(tensor)]) };
}

function putOutScalars({ g, scalars }: Forward): void {
  for (const [name, value] of scalars) g.output(name, value);
}

/** The evaluation graph: parameters, features and labels in, scalars out. */
export function evaluationGraph(trainable: Trainable): Graph {
  const lowered = forward(trainable, "evaluate");
  putOutScalars(lowered);
  return lowered.g.build();
}

export interface StepGraph {
  /** Layers as operators, before differentiation and before passes. */
  readonly forward: Graph;
  /** After passes, with gradients; passes have not been over the gradients yet. */
  readonly graph: Graph;
  readonly masks: readonly Feed[];
}

/**
 * The training graph: parameters and feeds in, scalars and gradients out. Passes go over the layers first, because what
 * they make cheaper there (a rectifier behind its pool) has cheaper gradients too.
 */
export function stepGraph(trainable: Trainable): StepGraph {
  const lowered = forward(trainable, "step");
  putOutScalars(lowered);
  const before = lowered.g.build();
  const better = runPasses(before);
  const g = extendGraph(better);
  const wanted = trainable.network.parameters.filter(({ name }) => trainable.trained.has(name));
  const parameters = wanted.flatMap(({ name }) => lowered.inputs.get(name) ?? []);
  const loss = better.outputs[0]?.value;
  const gradients = loss === undefined ? [] : differentiate(g, loss, parameters);
  for (const [index, gradient] of gradients.entries()) g.output(`grad:${wanted[index]?.name}`, gradient);
  return { forward: before, graph: g.build(), masks: lowered.masks };
}

/** Number of classes that a label's layer says, or the scores that it is compared with. */
function classesOf(label: Tensor, nodes: readonly LayerNode[]): number | undefined {
  const known = [label.layer, ...nodes.filter(({ inputs }) => inputs.some(({ name }) => name === label.name))]
    .map(({ attributes }) => attributes.classes)
    .filter((classes) => typeof classes === "number");
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What each batch brings: features, labels and masks. */
export function feedsOf({ inputs, labels, layers }: Network, masks: readonly Feed[]): readonly Feed[] {
  return [
    ...inputs.map(({ name, shape }): Feed => ({ kind: "features", name, shape, dtype: "float32" })),
    ...labels.map((label): Feed => {
      const { name, shape, dtype } = label;
      const classes = dtype === "int32" ? classesOf(label, layers) : undefined;
      return { kind: "labels", name, shape, dtype, ...(classes === undefined ? {} : { classes }) };
    }),
    ...masks,
  ];
}
