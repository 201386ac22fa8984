import { CompileError, type Problem } from "../errors.js";
import { checkNames, checkOutputs, checkSize, checkSources, layersOf, type Note, type Roots } from "./model-checks.js";
import { type ModelOptions, readModelOptions } from "./model-options.js";
import { nameLayers } from "./naming.js";
import { networkFormat } from "./network.js";
import { show } from "./plain.js";
import type { LayerNode, Network, Variable, WeightedLoss } from "./types.js";

function notes(list: Problem[], network: string): Note {
  return (code, message, { at, hint } = {}) => {
    list.push({
      code,
      message: `network ${show(network)}: ${message}`,
      ...(at !== undefined && { at }),
      ...(hint !== undefined && { hint }),
    });
  };
}

/** The variables of all layers, in the order in which layers name them. */
function variablesOf(layers: readonly LayerNode[]): readonly Variable[] {
  return layers.flatMap(({ variables }) => Object.values(variables));
}

/**
 * Makes a network from its ends: all layers that losses, metrics and outputs need are collected, each after those that it
 * takes. Layers without a name are numbered in that order, by type: `relu1`, `relu2`.
 *
 * @throws CompileError with every problem: duplicate names, sources that are not listed or not needed, ends of the
 *   wrong sort
 * @example
 * const lenet = model({ name: "LeNet", inputs: [data], labels: [digit], loss: softmaxCrossEntropy(ip2, digit),
 *   outputs: { prob: softmax(ip2) }, metrics: { accuracy: accuracy(ip2, digit) } });
 * const two = model({ name: "Two", inputs: [data], labels: [digit], losses: { main, auxiliary }, lossWeights: { auxiliary: 0.3 } });
 */
export function model(options: ModelOptions): Network {
  if (typeof options !== "object" || options === null) {
    const message = `model() is given ${show(options)}, expected options`;
    throw new CompileError({ code: "MODEL_OPTION_INVALID", message });
  }
  const problems: Problem[] = [];
  const note = notes(problems, options.name);
  const throwIfAny = () => {
    if (problems.length > 0) throw new CompileError(problems);
  };
  const roots = readModelOptions(note, options);
  throwIfAny();
  const nodes = layersOf(roots);
  checkSources(note, roots, nodes);
  checkOutputs(note, roots, nodes);
  checkNames(note, roots, nodes);
  checkSize(note, variablesOf(nodes));
  throwIfAny();
  return assemble(options.name, roots, nodes);
}

function mapRecord<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To) {
  const entries = Object.entries(record).map(([key, value]): [string, To] => [key, change(value)]);
  return Object.freeze(Object.fromEntries(entries));
}

function assemble(
  name: string,
  { inputs, labels, losses, outputs, metrics }: Roots,
  nodes: readonly LayerNode[],
): Network {
  const named = nameLayers(nodes);
  const layers = Object.freeze(nodes.map(named.layer));
  return Object.freeze({
    kind: "network",
    format: networkFormat,
    name,
    inputs: Object.freeze(inputs.map(named.get)),
    labels: Object.freeze(labels.map(named.get)),
    losses: mapRecord(
      losses,
      ({ scalar, weight }): WeightedLoss => Object.freeze({ scalar: named.get(scalar), weight }),
    ),
    outputs: mapRecord(outputs, named.get),
    metrics: mapRecord(metrics, named.get),
    layers,
    variables: Object.freeze(variablesOf(layers)),
  });
}
