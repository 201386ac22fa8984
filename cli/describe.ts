import { basename } from "node:path";
import type { ImportedModel, ImportedTraining, Preprocessing, WeightSource } from "../generators/imported.js";
import { formatNote, formatSourceRef, type Note, type Problem, type SourceRef } from "../runtime/errors.js";
import type { Dim } from "../runtime/graph/types.js";
import { sampleShape } from "../runtime/layers/tensors.js";
import type { LayerNode, Network, Tensor } from "../runtime/layers/types.js";
import type { OptimizerConfig } from "../runtime/optimizers/types.js";
import { formatCount } from "../runtime/report/format.js";
import { countElements } from "../runtime/shape.js";
import { formatTable } from "./ui.js";

interface NamedShape {
  readonly name: string;
  /** The shape of one sample. */
  readonly shape: readonly Dim[];
}

/** An error keeps a model from being read; a note says what had no effect or was adjusted. */
type ProblemDescription = (Problem & { readonly severity: "error" }) | (Note & { readonly severity: "note" });

/** What `inspect --json` prints. Shapes are those of one sample: there is no batch axis. */
export interface ModelDescription {
  /** Absent knowledge is null: the file may not have been readable. */
  readonly format: string | null;
  readonly name: string | null;
  readonly inputs: readonly NamedShape[];
  readonly outputs: readonly NamedShape[];
  readonly layers: readonly {
    readonly name: string;
    readonly type: string;
    readonly output_shape: readonly Dim[];
    /** Number of learnable values. */
    readonly parameters: number;
  }[];
  readonly parameters: number;
  readonly problems: readonly ProblemDescription[];
}

const namedShape = ({ layer, shape }: Tensor): NamedShape => ({ name: layer.name, shape: sampleShape(shape) });

export function describeModel({ format, name, network, notes }: ImportedModel): ModelDescription {
  return {
    format,
    name,
    inputs: network.inputs.map(namedShape),
    outputs: Object.entries(network.outputs).map(([name, { shape }]) => ({ name, shape: sampleShape(shape) })),
    layers: network.layers.map((layer) => ({
      name: layer.name,
      type: layer.type,
      output_shape: firstShape(layer),
      parameters: countElements(Object.values(layer.variables)),
    })),
    parameters: countElements(network.variables),
    problems: notes.map((note) => ({ severity: "note", ...note })),
  };
}

/** The description of a model that could not be read: only its problems are known. */
export function describeFailure(problems: readonly Problem[]): ModelDescription {
  return {
    format: null,
    name: null,
    inputs: [],
    outputs: [],
    layers: [],
    parameters: 0,
    problems: problems.map((problem) => ({ severity: "error", ...problem })),
  };
}

/** `1×28×28`; a tensor that is one number for the whole batch is `-`. */
export function formatShape(shape: readonly Dim[]): string {
  return shape.length === 0 ? "-" : shape.join("×");
}

/** `lenet.prototxt:25`: the directory is in the head line of the report. */
function formatSource(at: SourceRef | undefined): string {
  if (at?.file === undefined) return "";
  return formatSourceRef({ file: basename(at.file), ...(at.line === undefined ? {} : { line: at.line }) });
}

/** The shape of a sample at a layer's first output; `[]` for a loss or metric, a variable's own. */
function firstShape({ outputs, variables, role }: LayerNode): readonly Dim[] {
  if (role === "source" && variables.value !== undefined) return variables.value.shape;
  return sampleShape(outputs[0]?.shape ?? []);
}

/** `50, 20` for a layer with two outputs. */
function formatOutputs(layer: LayerNode): string {
  const { outputs } = layer;
  if (outputs.length <= 1) return formatShape(firstShape(layer));
  return outputs.map(({ shape }) => formatShape(sampleShape(shape))).join(", ");
}

function formatLayers(network: Network): string {
  const rows = network.layers.map((layer) => {
    const parameters = countElements(Object.values(layer.variables));
    return [
      layer.name,
      layer.type,
      formatOutputs(layer),
      parameters === 0 ? "" : formatCount(parameters),
      formatSource(layer.at),
    ];
  });
  return formatTable(
    [
      { title: "layer", align: "left" },
      { title: "type", align: "left" },
      { title: "output", align: "left" },
      { title: "parameters", align: "right" },
      { title: "source", align: "left" },
    ],
    rows,
  );
}

function formatOptions(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(",") : String(value)}`)
    .join(", ");
}

/** The learning rule in a line: `sgd, momentum 0.9; learning rate inv: base 0.01, …`. */
export function formatOptimizer(optimizer: OptimizerConfig): string {
  const { learningRate } = optimizer;
  const rate =
    typeof learningRate === "number"
      ? String(learningRate)
      : `${learningRate.policy}: ${formatOptions(learningRate.options)}`;
  const { ema, groups = [] } = optimizer;
  const parts = [
    optimizer.type,
    formatOptions(optimizer.options),
    ...(ema === undefined ? [] : [`mean of weights with ${formatOptions({ ...ema })}`]),
    ...(groups.length === 0
      ? []
      : [`options of its own for ${groups.flatMap(({ variables }) => variables).join(", ")}`]),
  ];
  return `${parts.filter((part) => part !== "").join(", ")}; learning rate ${rate}`;
}

/** What the files say about training: the rule in a line, then its length. */
function formatTraining({ optimizer, epochs, iterations, batchsize, validate, seed }: ImportedTraining) {
  const length = [
    epochs === undefined ? [] : [`${formatCount(epochs)} epochs`],
    iterations === undefined ? [] : [`${formatCount(iterations)} iterations`],
    batchsize === undefined ? [] : [`batches of ${formatCount(batchsize)}`],
    validate ? ["with validation"] : [],
    seed === undefined ? [] : [`seed ${seed}`],
  ].flat();
  const lines = [...(optimizer === undefined ? [] : [formatOptimizer(optimizer)]), length.join(", ")];
  return lines
    .filter((line) => line !== "")
    .map((line, index) => `${index === 0 ? "training    " : "            "}${line}`);
}

/** `(x − 33.3) · 0.0625`, with the name of the input where there are several. */
function formatPreprocessing(
  preprocessing: Readonly<Record<string, Preprocessing>>,
  inputs: number,
): readonly string[] {
  const lines = Object.entries(preprocessing).flatMap(([name, { mean, scale }]) => {
    if (mean === undefined && scale === undefined) return [];
    const centred = mean === undefined ? "x" : `x − ${mean.join(" / ")}`;
    const scaled = scale === undefined ? centred : `${mean === undefined ? centred : `(${centred})`} · ${scale}`;
    return [`${inputs > 1 ? `${name}: ` : ""}${scaled}`];
  });
  return lines.map((line, index) => `${index === 0 ? "prepared    " : "            "}${line}`);
}

const nameAndShape = ({ layer: { name }, shape }: Tensor): string =>
  shape.length === 1 ? name : `${name} ${formatShape(sampleShape(shape))}`;

/** The names of the losses, with their factors where these are not 1. */
function formatLosses({ losses }: Network): string {
  const all = Object.entries(losses);
  if (all.length === 0) return "none: this network can infer, not train";
  return all
    .map(([name, { scalar, weight }]) => {
      const shown = all.length === 1 && name === "loss" ? scalar.layer.name : name;
      return weight === 1 ? shown : `${weight} · ${shown}`;
    })
    .join(" + ");
}

function formatWeights({ file, entries }: WeightSource): string {
  return `${formatCount(countElements(entries))} in ${entries.length} arrays, from ${file}`;
}

/** The report that `inspect` prints for a person. */
export function formatModel(model: ImportedModel): string {
  const { network, training, data, notes } = model;
  const labels = network.labels.map(nameAndShape).join(", ");
  const outputs = Object.entries(network.outputs).map(
    ([name, { shape }]) => `${name} ${formatShape(sampleShape(shape))}`,
  );
  const head = [
    `${model.name} (${model.format}), from ${model.files.join(" and ")}`,
    "",
    formatLayers(network),
    "",
    `parameters  ${formatCount(countElements(network.variables))} in ${network.variables.length} arrays`,
    `inputs      ${network.inputs.map(nameAndShape).join(", ")}${labels === "" ? "" : `; labels ${labels}`}`,
    ...formatPreprocessing(data.preprocessing, network.inputs.length),
    ...(outputs.length === 0 ? [] : [`outputs     ${outputs.join(", ")}`]),
    `loss        ${formatLosses(network)}`,
    ...(model.weights === undefined ? [] : [`weights     ${formatWeights(model.weights)}`]),
    ...formatTraining(training),
  ];
  const remarks = notes.length === 0 ? [] : ["", `${notes.length === 1 ? "note" : "notes"}:`, ...notes.map(formatNote)];
  return [...head, ...remarks].join("\n");
}
