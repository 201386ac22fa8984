import { partitionSchemes } from "../data/partition.js";
import { engines } from "../engines/index.js";
import { aggregations } from "../paramserv/protocol/aggregations.js";
import { frequencies } from "../paramserv/protocol/frequencies.js";
import { modes } from "../paramserv/protocol/modes.js";
import { strategies } from "../paramserv/protocol/strategies.js";
import type { RunOptionTable } from "./run-row.js";

const group = "Training";
const everywhere = ["paramserv", "train", "package", "convert"] as const;

/** Threads beyond this help nobody: the limit only keeps a slip from asking for millions. */
const mostThreads = 1024;

/** What can be done about numbers that are not finite. */
export const nonFinitePolicies = ["stop", "skip", "restore"] as const;

const namesOf = <Table extends object>(table: Table) =>
  Object.keys(table) as unknown as readonly Extract<keyof Table, string>[];

/** How the workers train. Where `paramserv()` takes an option, `builtin` is what Apache SystemDS' builtin does. */
export const trainingRows = {
  epochs: {
    kind: "integer",
    min: 1,
    fallback: 10,
    describe: "passes over the training rows",
    default: "the model's, or from its iterations, else 10",
    group,
    in: ["paramserv", "train", "package", "solver"],
  },
  batchsize: {
    kind: "integer",
    min: 1,
    max: 2 ** 31 - 1,
    builtin: 64,
    describe: "rows in a batch of one worker",
    default: "⌈global batch ÷ workers⌉",
    excludes: "global-batchsize",
    group,
    in: everywhere,
  },
  "global-batchsize": {
    kind: "integer",
    min: 1,
    max: 2 ** 31 - 1,
    fallback: 64,
    describe: "rows in a batch of all workers together, who share them",
    default: "the model's batch, else 64",
    group,
    in: ["train", "package", "solver"],
  },
  k: {
    kind: "integer",
    min: 1,
    max: mostThreads,
    describe: "workers",
    default: "the machine's cores",
    group,
    in: everywhere,
  },
  from: {
    kind: "file",
    placeholder: "WEIGHTS",
    describe: "start from trained weights: a result's folder or a .safetensors file",
    default: "the model file's own, else by lot",
    group,
    in: ["train", "package", "convert"],
  },
  mode: {
    kind: "choice",
    choices: namesOf(modes),
    builtin: "LOCAL",
    fallback: "LOCAL",
    describe: `where the workers run; ${Object.entries(modes)
      .map(([name, where]) => `${name}: ${where}`)
      .join(", ")}`,
    group,
    in: everywhere,
  },
  utype: {
    kind: "choice",
    choices: namesOf(strategies),
    builtin: "ASP",
    fallback: "BSP",
    describe:
      "when pushes are applied; BSP: together at a barrier, SBP: without the slowest, ASP: each at once, SSP: each at once within bounds, HOGWILD: without locks",
    comment: "BSP: workers meet at each update; ASP: each push is applied at once",
    group,
    in: everywhere,
  },
  staleness: {
    kind: "integer",
    min: 0,
    max: 2 ** 31 - 1,
    builtin: 2,
    fallback: 2,
    describe: "SSP: pushes that a worker may be ahead of the slowest",
    group,
    in: everywhere,
  },
  "num-backup-workers": {
    kind: "integer",
    min: 0,
    max: mostThreads,
    builtin: 1,
    fallback: 1,
    describe: "SBP: the slowest workers of an update, whose pushes are dropped",
    group,
    in: everywhere,
  },
  freq: {
    kind: "choice",
    choices: namesOf(frequencies),
    builtin: "EPOCH",
    fallback: "BATCH",
    describe: "how often a worker pushes: every batch, every nbatches batches, or once an epoch",
    comment: "how often a worker pushes: BATCH, NBATCHES or EPOCH",
    group,
    in: everywhere,
  },
  nbatches: {
    kind: "integer",
    min: 1,
    max: 2 ** 31 - 1,
    builtin: 1,
    fallback: 1,
    describe: "NBATCHES: batches of a push; those of the end of an epoch may be fewer",
    group,
    in: everywhere,
  },
  "model-avg": {
    kind: "flag",
    builtin: false,
    fallback: false,
    describe: "workers step models of their own, and the server averages these (BSP and SBP)",
    group,
    in: everywhere,
  },
  scheme: {
    kind: "choice",
    choices: partitionSchemes,
    builtin: "DISJOINT_CONTIGUOUS",
    fallback: "DISJOINT_RANDOM",
    describe: "how rows are dealt to the workers",
    group,
    in: everywhere,
  },
  aggregation: {
    kind: "choice",
    choices: namesOf(aggregations),
    builtin: "mean",
    fallback: "mean",
    describe: "how the workers' gradients join under BSP",
    group,
    in: everywhere,
  },
  reshuffle: {
    kind: "flag",
    builtin: false,
    fallback: true,
    describe: "visit the rows in a new order every epoch; --no-reshuffle keeps one order",
    comment: "visit the rows in a new order every epoch",
    group,
    in: everywhere,
  },
  seed: {
    kind: "integer",
    min: 0,
    builtin: 0,
    fallback: 0,
    describe: "seed of the split, weights, order and dropout",
    comment: "of the split, weights, order and dropout",
    default: "the model's, else 0",
    group,
    in: everywhere,
  },
  engine: {
    kind: "choice",
    choices: namesOf(engines),
    builtin: "onnxruntime",
    fallback: "onnxruntime",
    describe: "who computes",
    group,
    in: everywhere,
  },
  nonfinite: {
    kind: "choice",
    choices: nonFinitePolicies,
    builtin: "stop",
    fallback: "stop",
    describe:
      "what is done about losses and gradients that are not finite numbers; stop: the run fails, skip: their update is left out, restore: back to the last captured weights",
    group,
    in: everywhere,
  },
  timeout: {
    kind: "number",
    above: 0,
    max: 2 ** 31 / 1000 - 1,
    builtin: 600,
    fallback: 600,
    describe: "seconds without a sign of life after which a worker counts as hung",
    group,
    in: everywhere,
  },
  threads: {
    kind: "integer",
    min: 1,
    max: mostThreads,
    describe: "operator threads of each worker's engine",
    default: "max(1, ⌊cores ÷ workers⌋)",
    group,
    in: everywhere,
  },
  prefetch: {
    kind: "integer",
    min: 0,
    max: 64,
    describe: "batches that a thread makes ahead of each worker; 0: the worker makes them itself",
    default: "2 where rows are read from files, resized or changed, else 0",
    group,
    in: everywhere,
  },
} as const satisfies RunOptionTable;
