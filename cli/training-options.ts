import { partitionSchemes } from "../runtime/data/partition.js";
import { aggregations, freqs, utypes } from "../runtime/paramserv/option-table.js";
import { trainingDefaults } from "../runtime/script/defaults.js";
import type { OptionTable } from "./options.js";

const data = "Data";
const training = "Training";
const solver = "Solver (each replaces what the solver file says)";

/** How a network is trained: the options of `train`, and the defaults that `convert` prints into a package. */
export const trainingOptions = {
  epochs: {
    kind: "integer",
    min: 1,
    describe: "passes over the training rows",
    default: `from the solver's iterations, else ${trainingDefaults.epochs}`,
    group: training,
  },
  batchsize: {
    kind: "integer",
    min: 1,
    describe: "rows in a batch of one worker",
    default: `the model's batch, else ${trainingDefaults.batchsize} rows, shared by the workers`,
    group: training,
  },
  k: { kind: "integer", min: 1, describe: "workers, each a thread", default: "the machine's cores", group: training },
  utype: {
    kind: "choice",
    choices: utypes,
    describe: "when pushes are applied: together at a barrier, or each at once",
    default: trainingDefaults.utype,
    group: training,
  },
  freq: {
    kind: "choice",
    choices: freqs,
    describe: "how often a worker pushes",
    default: trainingDefaults.freq,
    group: training,
  },
  scheme: {
    kind: "choice",
    choices: partitionSchemes,
    describe: "how rows are dealt to workers",
    default: trainingDefaults.scheme,
    group: training,
  },
  aggregation: {
    kind: "choice",
    choices: aggregations,
    describe: "how the workers' gradients join under BSP",
    default: trainingDefaults.aggregation,
    group: training,
  },
  reshuffle: {
    kind: "flag",
    describe: "visit the rows in a new order every epoch; --no-reshuffle keeps one order",
    default: "true",
    group: training,
  },
  seed: {
    kind: "integer",
    min: 0,
    describe: "seed of the split, weights, order and dropout",
    default: "the solver's, else 0",
    group: training,
  },
} as const satisfies OptionTable;

/** Which rows to learn from, beside `--data`. */
export const dataOptions = {
  labels: { kind: "text", placeholder: "FILE", describe: "labels, if the data file does not hold them", group: data },
  input: {
    kind: "pairs",
    placeholder: "NAME=ARRAY",
    describe: ".npz: the array of an input of the network; give it once for each",
    default: "the array of the input's name",
    group: data,
  },
  label: {
    kind: "pairs",
    placeholder: "NAME=ARRAY",
    describe: ".npz: the array of a label of the network, likewise",
    default: "the array of the label's name",
    group: data,
  },
  "features-array": { kind: "text", placeholder: "NAME", describe: ".npz: the array of the features", group: data },
  "labels-array": { kind: "text", placeholder: "NAME", describe: ".npz: the array of the labels", group: data },
  "label-column": { kind: "text", placeholder: "NAME|N", describe: "CSV: the column of the labels", group: data },
  "sample-shape": {
    kind: "shape",
    describe: "shape of one row of the data, where the file holds flat rows of another size than the model takes",
    group: data,
  },
  validation: {
    kind: "number",
    min: 0,
    below: 1,
    describe: "share of the rows kept to validate each epoch",
    default: `${trainingDefaults.validation}, or 0 if a solver file has no test_interval`,
    group: data,
  },
  "val-data": { kind: "text", placeholder: "FILE", describe: "rows to validate with instead of a share", group: data },
  "val-labels": {
    kind: "text",
    placeholder: "FILE",
    describe: "labels of --val-data, if it does not hold them",
    group: data,
  },
} as const satisfies OptionTable;

/** The learning rule, for a model without a solver file or in place of what the solver says. */
export const solverOptions = {
  "learning-rate": {
    kind: "number",
    above: 0,
    describe: "fixed learning rate",
    default: `${trainingDefaults.learningRate} without a solver`,
    group: solver,
  },
  momentum: {
    kind: "number",
    min: 0,
    below: 1,
    describe: "momentum of SGD",
    default: `${trainingDefaults.momentum} without a solver`,
    group: solver,
  },
  "weight-decay": {
    kind: "number",
    min: 0,
    describe: "L2 weight decay",
    default: `${trainingDefaults.weightDecay} without a solver`,
    group: solver,
  },
} as const satisfies OptionTable;

/** For a model whose file leaves the size of its input open, such as Caffe's Data layer. */
export const inputShapeOption = {
  "input-shape": {
    kind: "shape",
    describe: "shape of one sample, where the model file does not give it",
  },
} as const satisfies OptionTable;

/** Every option of `train`. */
export const trainOptions = {
  data: {
    kind: "text",
    placeholder: "FILE",
    describe: "rows to learn from: .npz, .npy, IDX or CSV, plain or gzipped",
    group: data,
  },
  ...dataOptions,
  ...trainingOptions,
  engine: { kind: "text", placeholder: "NAME", describe: "who computes", default: "onnxruntime", group: training },
  ...solverOptions,
  ...inputShapeOption,
  out: {
    kind: "text",
    placeholder: "DIR",
    alias: "o",
    describe: "directory for the trained network",
    default: "./NAME-trained, NAME being the model's",
  },
  from: {
    kind: "text",
    placeholder: "WEIGHTS",
    describe: "start from trained weights: a result's folder, .safetensors or a model file with weights",
    default: "the model file's own, else by lot",
    group: training,
  },
  force: { kind: "flag", describe: "write into a directory that is not empty" },
  "log-dir": { kind: "text", placeholder: "DIR", describe: "directory for TensorBoard's event files of the run" },
  json: { kind: "flag", describe: "one JSON event a line on stdout, nothing else there" },
  stats: { kind: "flag", describe: "say at the end where the workers' time went" },
  dump: { kind: "text", placeholder: "STAGE | all", describe: "print what the model is compiled to, on stderr" },
} as const satisfies OptionTable;
