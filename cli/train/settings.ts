import { availableParallelism } from "node:os";
import type { ImportedModel } from "../../generators/imported.js";
import { adjustOptimizer } from "../../runtime/optimizers/adjust.js";
import type { OptimizerConfig } from "../../runtime/optimizers/types.js";
import { trainingDefaults } from "../../runtime/options/defaults.js";
import { codeValues } from "../../runtime/options/row.js";
import { formatCount } from "../../runtime/report/format.js";
import { defaultOptimizer } from "../../runtime/script/default-optimizer.js";
import { resolveEpochs } from "../../runtime/script/epochs.js";
import { type ServerFlags, serverFlags } from "../../runtime/script/script-options.js";
import { formatOptimizer } from "../describe.js";
import type { OptionValues } from "../options.js";
import { type solverOptions, trainingOptions } from "../training-options.js";

type TrainingChoices = OptionValues<typeof trainingOptions>;
type SolverChoices = OptionValues<typeof solverOptions>;

/** How a run is done, with every default filled in: options of `paramserv()`. */
export interface TrainingSettings {
  readonly agg: OptimizerConfig;
  readonly epochs: number;
  readonly batchsize: number;
  readonly k: number;
  readonly server: Omit<ServerFlags, "k">;
  /** What was decided without being asked, for the user to read. */
  readonly remarks: readonly string[];
}

interface Decision<Value> {
  readonly value: Value;
  readonly remarks: readonly string[];
}

function decideOptimizer(model: ImportedModel, choices: SolverChoices): Decision<OptimizerConfig> {
  const { optimizer, "learning-rate": learningRate, momentum, "weight-decay": weightDecay } = choices;
  const changes = { optimizer, learningRate, momentum, weightDecay };
  const base = model.training.optimizer;
  if (base !== undefined) return { value: adjustOptimizer(base, changes), remarks: [] };
  const value = adjustOptimizer(defaultOptimizer, changes);
  return { value, remarks: [`no solver file: ${ruleOf(value)}`] };
}

function ruleOf(optimizer: OptimizerConfig): string {
  const { type, learningRate, options } = optimizer;
  if (type !== "sgd") return formatOptimizer(optimizer);
  return `SGD with learning rate ${String(learningRate)}, momentum ${options.momentum}, weight decay ${options.weightDecay}`;
}

interface Batches {
  readonly rows: number;
  /** Rows in a batch of one worker. */
  readonly batchsize: number;
  readonly k: number;
}

/** The rows of a batch of one worker: those that were asked for, else its part of what all workers take together. */
function decideBatchsize(model: ImportedModel, choices: TrainingChoices, k: number): Decision<number> {
  if (choices.batchsize !== undefined) return { value: choices.batchsize, remarks: [] };
  const all = choices["global-batchsize"] ?? model.training.batchsize ?? trainingDefaults.globalBatchsize;
  const value = Math.ceil(all / k);
  const remark = `batches of ${formatCount(all)} rows are shared by ${k} workers: ${formatCount(value)} rows each`;
  return { value, remarks: k === 1 ? [] : [remark] };
}

function decideEpochs(
  model: ImportedModel,
  given: number | undefined,
  { rows, batchsize, k }: Batches,
): Decision<number> {
  if (given !== undefined) return { value: given, remarks: [] };
  const { epochs, iterations } = model.training;
  if (epochs !== undefined) return { value: epochs, remarks: [] };
  if (iterations === undefined) {
    const { epochs: value } = trainingDefaults;
    return { value, remarks: [`no number of epochs given: ${value}`] };
  }
  const updated = batchsize * k;
  const value = resolveEpochs({ iterations, globalBatchsize: updated, rows });
  const sum = `${formatCount(iterations)} iterations × ${formatCount(updated)} rows ÷ ${formatCount(rows)} training rows`;
  return { value, remarks: [`${formatCount(value)} epochs, from the solver: ${sum}`] };
}

/** The share of the rows to validate with: what was asked for, else none where a solver file asks for no validation. */
export function decideValidation(model: ImportedModel, given: number | undefined): Decision<number | undefined> {
  if (given !== undefined || model.training.validate !== false) return { value: given, remarks: [] };
  return { value: 0, remarks: ["no validation: the solver file has no test_interval; --validation 0.2 adds it"] };
}

/** The seed of everything random in a run. */
export function decideSeed(model: ImportedModel, given: number | undefined): number {
  return given ?? model.training.seed ?? trainingDefaults.seed;
}

/** Joins what the user chose, what the solver file says and the defaults. `rows` counts the training rows. */
export function decideSettings(
  model: ImportedModel,
  choices: TrainingChoices & SolverChoices,
  rows: number,
): TrainingSettings {
  const k = choices.k ?? availableParallelism();
  const batchsize = decideBatchsize(model, choices, k);
  const optimizer = decideOptimizer(model, choices);
  const epochs = decideEpochs(model, choices.epochs, { rows, batchsize: batchsize.value, k });
  const server = { ...serverFlags(trainingDefaults), ...serverFlags(codeValues(trainingOptions, { ...choices })) };
  return {
    agg: optimizer.value,
    epochs: epochs.value,
    batchsize: batchsize.value,
    k,
    server: { ...server, seed: decideSeed(model, choices.seed) },
    remarks: [...optimizer.remarks, ...batchsize.remarks, ...epochs.remarks],
  };
}
