import { formatInitializer, isInitializer } from "./initializers.js";
import { deepEqual, show } from "./plain.js";
import type { LayerNode, Network, OptionValue, Parameter, Shape, Tensor } from "./types.js";

/** A layer of a network as plain data. */
export interface LayerDescription {
  readonly type: string;
  readonly name: string;
  /** Names of the layers it takes. */
  readonly inputs: readonly string[];
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly shape: Shape;
  readonly dtype: Tensor["dtype"];
  readonly parameters: readonly Parameter[];
}

/** A network as plain data: everything that matters to what it computes, and not where it was written. */
export interface NetworkDescription {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly labels: readonly string[];
  readonly loss?: string;
  /** Names of layers by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, string>>;
  readonly layers: readonly LayerDescription[];
}

const namesOf = (tensors: readonly Tensor[]): readonly string[] => tensors.map(({ name }) => name);

const namesIn = (tensors: Readonly<Record<string, Tensor>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tensors).map(([key, { name }]) => [key, name]));

function describeLayer({ type, name, inputs, options, shape, parameters }: LayerNode): LayerDescription {
  const dtype = type === "label" ? "int32" : "float32";
  return { type, name, inputs: namesOf(inputs), options, shape, dtype, parameters };
}

/** A network as plain data, for comparing, inspecting and writing as JSON. */
export function describeNetwork(network: Network): NetworkDescription {
  const { name, inputs, labels, loss, outputs, metrics, layers } = network;
  return {
    name,
    inputs: namesOf(inputs),
    labels: namesOf(labels),
    ...(loss === undefined ? {} : { loss: loss.name }),
    outputs: namesIn(outputs),
    metrics: namesIn(metrics),
    layers: layers.map(describeLayer),
  };
}

/** Whether two networks have the same names, layers in the same order, options, parameters and ends. */
export function networksEqual(left: Network, right: Network): boolean {
  return deepEqual(describeNetwork(left), describeNetwork(right));
}

function printValue(value: OptionValue): string {
  if (typeof value === "object" && isInitializer(value)) return formatInitializer(value);
  return Array.isArray(value) ? `[${(value as readonly OptionValue[]).map(printValue).join(", ")}]` : show(value);
}

function printLayer({ name, type, inputs, options, shape, parameters }: LayerDescription): string {
  const entries = Object.entries(options).map(([key, value]) => `${key}: ${printValue(value)}`);
  const call = `${name} = ${type}(${[...inputs, ...entries].join(", ")})`;
  const learned = parameters.map((parameter) => `${parameter.name} ${show(parameter.shape)}`).join(", ");
  return `  ${call}  # ${show(shape)}${learned === "" ? "" : `, ${learned}`}`;
}

/** A network as text, one layer a line: the first stage of `--dump`. */
export function printNetwork(network: Network): string {
  const { name, inputs, labels, loss, outputs, metrics, layers } = describeNetwork(network);
  const ends = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).map(([key, layer]) => `${key} = ${layer}`);
  return [
    `network ${show(name)}`,
    ...layers.map(printLayer),
    `  inputs: ${inputs.join(", ")}`,
    ...(labels.length === 0 ? [] : [`  labels: ${labels.join(", ")}`]),
    ...(loss === undefined ? [] : [`  loss: ${loss}`]),
    ...(Object.keys(outputs).length === 0 ? [] : [`  outputs: ${ends(outputs).join(", ")}`]),
    ...(Object.keys(metrics).length === 0 ? [] : [`  metrics: ${ends(metrics).join(", ")}`]),
    "",
  ].join("\n");
}
