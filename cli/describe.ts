import { basename } from "node:path";
import type { ImportedModel, ImportedSolver } from "../generators/imported.js";
import { formatProblem, formatSourceRef, type Problem, type SourceRef } from "../runtime/errors.js";
import type { Network, Tensor } from "../runtime/layers/types.js";
import { formatCount } from "../runtime/report/format.js";
import { countElements } from "../runtime/shape.js";
import { formatTable } from "./ui.js";

interface NamedShape {
  readonly name: string;
  /** The shape of one sample. */
  readonly shape: readonly number[];
}

/** An error keeps a model from being read; a note says what had no effect or was adjusted. */
type ProblemDescription = Problem & { readonly severity: "error" | "note" };

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
    readonly output_shape: readonly number[];
    /** Number of learnable values. */
    readonly parameters: number;
  }[];
  readonly parameters: number;
  readonly problems: readonly ProblemDescription[];
}

const namedShape = ({ name, shape }: Tensor): NamedShape => ({ name, shape });

export function describeModel({ format, name, network, notes }: ImportedModel): ModelDescription {
  return {
    format,
    name,
    inputs: network.inputs.map(namedShape),
    outputs: Object.entries(network.outputs).map(([output, { shape }]) => ({ name: output, shape })),
    layers: network.layers.map((layer) => ({
      name: layer.name,
      type: layer.type,
      output_shape: layer.shape,
      parameters: countElements(layer.parameters),
    })),
    parameters: countElements(network.parameters),
    problems: notes.map((problem) => ({ severity: "note", ...problem })),
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
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "-" : shape.join("×");
}

/** `lenet.prototxt:25`: the directory is in the head line of the report. */
function formatSource(at: SourceRef | undefined): string {
  if (at?.file === undefined) return "";
  return formatSourceRef({ file: basename(at.file), ...(at.line === undefined ? {} : { line: at.line }) });
}

function formatLayers(network: Network): string {
  const rows = network.layers.map((layer) => {
    const parameters = countElements(layer.parameters);
    return [
      layer.name,
      layer.type,
      formatShape(layer.shape),
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
export function formatOptimizer({ optimizer }: Pick<ImportedSolver, "optimizer">): string {
  const { learningRate } = optimizer;
  const rate =
    typeof learningRate === "number"
      ? String(learningRate)
      : `${learningRate.policy}: ${formatOptions(learningRate.options)}`;
  const options = formatOptions(optimizer.options);
  return `${optimizer.type}${options === "" ? "" : `, ${options}`}; learning rate ${rate}`;
}

function formatSolver(solver: ImportedSolver, batchsize: number | undefined): readonly string[] {
  const length = [
    solver.epochs === undefined ? [] : [`${formatCount(solver.epochs)} epochs`],
    solver.iterations === undefined ? [] : [`${formatCount(solver.iterations)} iterations`],
    batchsize === undefined ? [] : [`batches of ${formatCount(batchsize)}`],
    solver.validate ? ["with validation"] : [],
    solver.seed === undefined ? [] : [`seed ${solver.seed}`],
  ].flat();
  return [`solver      ${formatOptimizer({ optimizer: solver.optimizer })}`, `            ${length.join(", ")}`];
}

const nameAndShape = ({ name, shape }: Tensor): string => (shape.length === 0 ? name : `${name} ${formatShape(shape)}`);

/** The report that `inspect` prints for a person. */
export function formatModel(model: ImportedModel): string {
  const { network, solver, preprocessing, batchsize, notes } = model;
  const { scale, mean } = preprocessing;
  const prepared = [
    mean === undefined ? [] : [`− ${mean.join(", ")}`],
    scale === undefined ? [] : [`× ${scale}`],
  ].flat();
  const labels = network.labels.map(nameAndShape).join(", ");
  const outputs = Object.entries(network.outputs).map(([name, { shape }]) => `${name} ${formatShape(shape)}`);
  const head = [
    `${model.name} (${model.format}), from ${model.files.join(" and ")}`,
    "",
    formatLayers(network),
    "",
    `parameters  ${formatCount(countElements(network.parameters))} in ${network.parameters.length} arrays`,
    `inputs      ${network.inputs.map(nameAndShape).join(", ")}${labels === "" ? "" : `; labels ${labels}`}`,
    ...(prepared.length === 0 ? [] : [`prepared    ${prepared.join(" ")}`]),
    ...(outputs.length === 0 ? [] : [`outputs     ${outputs.join(", ")}`]),
    `loss        ${network.loss?.name ?? "none: this network can infer, not train"}`,
    ...(solver === undefined ? [] : formatSolver(solver, batchsize)),
  ];
  const remarks =
    notes.length === 0 ? [] : ["", `${notes.length === 1 ? "note" : "notes"}:`, ...notes.map(formatProblem)];
  return [...head, ...remarks].join("\n");
}
