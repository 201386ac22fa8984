import type { ConstantData, Dim, Graph } from "../graph/types.js";
import { formatInitializer, isInitializer } from "./initializers.js";
import { requireNetwork } from "./network.js";
import { deepEqual, show } from "./plain.js";
import { formatSample, isTensor, nameOf } from "./tensors.js";
import type { LayerInput, LayerNode, LayerRole, Network, OptionValue, Variable } from "./types.js";

/** What a layer takes: the name of a tensor, numbers as a list, one number, or null for nothing. */
export type InputDescription = string | number | readonly number[] | null;

/** A layer of a network as plain data. */
export interface LayerDescription {
  readonly type: string;
  readonly role: LayerRole;
  readonly name: string;
  readonly inputs: readonly InputDescription[];
  /** Names of tensors by option. */
  readonly tensors: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly outputs: LayerNode["outputs"];
  readonly variables: Readonly<Record<string, Variable>>;
}

/** A network as plain data: everything that matters to what it computes, and not where it was written. */
export interface NetworkDescription {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly labels: readonly string[];
  /** Layers and factors of losses by name. */
  readonly losses: Readonly<Record<string, { readonly layer: string; readonly weight: number }>>;
  /** Names of tensors by output name. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, string>>;
  readonly layers: readonly LayerDescription[];
}

const mapRecord = <From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([key, value]): [string, To] => [key, change(value)]));

function describeInput(input: LayerInput): InputDescription {
  return isTensor(input) ? nameOf(input) : (input ?? null);
}

function describeLayer({
  type,
  role,
  name,
  inputs,
  tensors,
  options,
  outputs,
  variables,
}: LayerNode): LayerDescription {
  return {
    type,
    role,
    name,
    inputs: inputs.map(describeInput),
    tensors: mapRecord(tensors, nameOf),
    options,
    outputs,
    variables,
  };
}

/** A network as plain data, for comparing, inspecting and writing as JSON. */
export function describeNetwork(network: Network): NetworkDescription {
  const { name, inputs, labels, losses, outputs, metrics, layers } = requireNetwork(network);
  return {
    name,
    inputs: inputs.map(nameOf),
    labels: labels.map(nameOf),
    losses: mapRecord(losses, ({ scalar, weight }) => ({ layer: scalar.layer.name, weight })),
    outputs: mapRecord(outputs, nameOf),
    metrics: mapRecord(metrics, ({ layer }) => layer.name),
    layers: layers.map(describeLayer),
  };
}

/** Whether two networks have the same names, layers in the same order, options, variables and ends. */
export function networksEqual(left: Network, right: Network): boolean {
  return deepEqual(describeNetwork(left), describeNetwork(right));
}

const isGraph = (value: object): value is Graph => "kind" in value && value.kind === "graph";
const isConstant = (value: object): value is ConstantData => "dtype" in value && "data" in value;

/** The value of an option as text: `5`, `[1, 2]`, `xavier()`. */
export function printValue(value: OptionValue): string {
  if (typeof value !== "object") return show(value);
  if (isInitializer(value)) return formatInitializer(value);
  if (isGraph(value)) return `graph ${show(value.name)} (${value.nodes.length} nodes)`;
  if (isConstant(value)) return `${value.dtype} ${formatShape(value.shape)}`;
  return `[${value.map(printValue).join(", ")}]`;
}

const formatShape = (shape: readonly Dim[]): string => `[${shape.join(", ")}]`;

/** What a reader sees behind a layer: outputs, then variables. */
function printResults({ role, outputs, variables }: LayerDescription): string {
  const types = outputs.map(({ dtype, shape }) => `${dtype === "float32" ? "" : `${dtype} `}${formatSample(shape)}`);
  const ends = role === "loss" || role === "metric" ? [role] : types;
  const held = Object.values(variables).map(({ name, shape, role: kind }) => {
    return `${name} ${formatShape(shape)}${kind === "trained" ? "" : ` ${kind}`}`;
  });
  return [...ends, ...held].join(", ");
}

/** A tensor by its name, numbers as they are, `undefined` for nothing. */
function printInput(input: InputDescription): string {
  if (typeof input === "object" && input !== null) return `[${input.join(", ")}]`;
  return String(input ?? undefined);
}

function printLayer(layer: LayerDescription): string {
  const { name, type, inputs, tensors, options } = layer;
  const given = [
    ...inputs.map(printInput),
    ...Object.entries(tensors).map(([key, tensor]) => `${key}: ${tensor}`),
    ...Object.entries(options).map(([key, value]) => `${key}: ${printValue(value)}`),
  ];
  return `  ${name} = ${type}(${given.join(", ")})  # ${printResults(layer)}`;
}

/** `loss: ce1` for one loss with weight 1, else `losses: main = ce1, aux = 0.3 × ce2`. */
function printLosses(losses: NetworkDescription["losses"]): readonly string[] {
  const entries = Object.entries(losses);
  const [only] = entries;
  if (only === undefined) return [];
  const [name, { layer, weight }] = only;
  if (entries.length === 1 && name === "loss" && weight === 1) return [`  loss: ${layer}`];
  const factor = (value: number) => (value === 1 ? "" : `${value} × `);
  return [`  losses: ${entries.map(([key, loss]) => `${key} = ${factor(loss.weight)}${loss.layer}`).join(", ")}`];
}

function printEnds(title: string, ends: Readonly<Record<string, string>>): readonly string[] {
  const entries = Object.entries(ends).map(([key, end]) => `${key} = ${end}`);
  return entries.length === 0 ? [] : [`  ${title}: ${entries.join(", ")}`];
}

/** A network as text, one layer a line, shapes those of one sample: the first stage of `--dump`. */
export function printNetwork(network: Network): string {
  const { name, inputs, labels, losses, outputs, metrics, layers } = describeNetwork(network);
  return [
    `network ${show(name)}`,
    ...layers.map(printLayer),
    `  inputs: ${inputs.join(", ")}`,
    ...(labels.length === 0 ? [] : [`  labels: ${labels.join(", ")}`]),
    ...printLosses(losses),
    ...printEnds("outputs", outputs),
    ...printEnds("metrics", metrics),
    "",
  ].join("\n");
}
