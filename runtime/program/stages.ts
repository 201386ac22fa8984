import { CompileError, type Problem } from "../errors.js";
import { beforeGradients } from "../graph/passes/index.js";
import type { Graph, Value } from "../graph/types.js";
import { show } from "../layers/plain.js";
import type { Network } from "../layers/types.js";
import type { BoundGraph } from "./executable.js";
import { layoutOf } from "./layout.js";
import { type LoweredScalars, lowerScalars, putOutScalars, type ScalarValue } from "./scalars.js";
import { reaching, totalLoss, withGradients } from "./total-loss.js";
import type { Feed, OutputBinding, VariableBuffer } from "./types.js";

/** The training step on its way to be one. */
export interface Step {
  /** Layers as operators, with the total loss, before anything was done to them. */
  readonly forward: Graph;
  /** As it is differentiated. */
  readonly prepared: Graph;
  /** With gradients; nothing has been done to these yet. */
  readonly bound: BoundGraph;
  readonly scalars: readonly ScalarValue[];
  readonly buffer: VariableBuffer;
  /** Masks and normalizers. */
  readonly feeds: readonly Feed[];
}

function problemOf({ name }: Network, problem: Problem): CompileError {
  return new CompileError({ ...problem, message: `network ${show(name)}: ${problem.message}` });
}

function requireLoss(network: Network): void {
  if (Object.keys(network.losses).length > 0) return;
  throw problemOf(network, {
    code: "MODEL_LOSS_MISSING",
    message: "it has no loss, expected one to train it",
    hint: "give model() a loss, for example loss: softmaxCrossEntropy(scores, label)",
  });
}

/** Where the variables lie, once it is known which of them a step changes; there has to be one to train. */
function bufferFor(network: Network, { lowered }: LoweredScalars, total: Value): VariableBuffer {
  const reached = reaching(lowered.g.nodes, total);
  const named = network.variables.filter(({ name, role }) => {
    return role !== "state" && reached.has(lowered.variables.get(name)?.name ?? "");
  });
  const trained = new Set(named.map(({ name }) => name));
  const buffer = layoutOf(network.variables, { trained, written: new Set(lowered.next.keys()) });
  if (buffer.trained > 0) return buffer;
  throw problemOf(network, {
    code: "MODEL_PARAMETERS_MISSING",
    message: `its loss depends on ${named.length} parameters and on none with lr ≠ 0, expected something to train`,
    hint: "add a layer with parameters, such as dense(), or give one an lr above 0",
  });
}

/** Puts out the next value of each state that a layer wrote. */
function putOutStates({ lowered: { g, names, next } }: LoweredScalars): readonly OutputBinding[] {
  return [...next].map(([variable, value]) => {
    const output = names.fresh(`next:${variable}`);
    g.output(output, value);
    return { role: "state", output, variable };
  });
}

/** What the gradients are to be of, and the outputs that give them. */
function gradientsOf({ lowered }: LoweredScalars, { variables }: VariableBuffer) {
  return variables.flatMap(({ name: variable, role }) => {
    const input = lowered.variables.get(variable)?.name;
    if (role !== "trained" || input === undefined) return [];
    return [{ role: "gradient", variable, input, output: lowered.names.fresh(`grad:${variable}`) } as const];
  });
}

/**
 * The training step: variables and feeds in, sums and weights, gradients and next states out. Phases go over the layers
 * before they are differentiated, because what they make cheaper there (a rectifier behind its pool) has cheaper
 * gradients too.
 *
 * @throws CompileError if there is no loss, nothing to train, or rows weigh what depends on variables
 */
export function stepGraph(network: Network): Step {
  requireLoss(network);
  const all = lowerScalars(network, "step", true);
  const { g, names, inputs, masks } = all.lowered;
  const { value, normalizers } = g.within("total", undefined, () => totalLoss(all));
  const buffer = bufferFor(network, all, value);
  const outputs = [...putOutScalars(all), ...putOutStates(all)];
  const gradients = gradientsOf(all, buffer);
  const total = names.fresh("total");
  g.output(total, value);
  const forward = g.build();
  const prepared = beforeGradients(
    forward,
    gradients.map(({ input }) => input),
  );
  const graph = withGradients(prepared, total, gradients);
  const bindings = gradients.map(({ role, variable, output }) => ({ role, variable, output }));
  return {
    forward,
    prepared,
    bound: { graph, inputs, outputs: [...outputs, ...bindings] },
    scalars: all.scalars,
    buffer,
    feeds: [...masks, ...normalizers],
  };
}

/** The evaluation: variables and data columns in, sums and weights out. */
export function evaluationGraph(network: Network): BoundGraph {
  const all = lowerScalars(network, "evaluate", false);
  const outputs = putOutScalars(all);
  return { graph: all.lowered.g.build(), inputs: all.lowered.inputs, outputs };
}

/** Data columns in; out, what each row weighs in the losses and metrics where the data say so. */
export function weighingGraph(network: Network): BoundGraph {
  const { lowered, scalars } = lowerScalars(network, "weigh", false);
  const outputs = scalars.flatMap(({ name, rowWeights }): OutputBinding[] => {
    if (rowWeights.weights === "rows") return [];
    const output = lowered.names.fresh(`rows:${name}`);
    lowered.g.output(output, rowWeights.rows);
    return [{ role: "rowWeights", output, scalar: name }];
  });
  return { graph: lowered.g.build(), inputs: lowered.inputs, outputs };
}
