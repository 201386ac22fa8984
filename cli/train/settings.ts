import { availableParallelism } from "node:os";
import type { ImportedModel } from "../../generators/imported.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import type { OptimizerConfig } from "../../runtime/optimizers/types.js";
import { formatCount } from "../../runtime/report/format.js";
import { trainingDefaults } from "../../runtime/script/defaults.js";
import { resolveEpochs } from "../../runtime/script/epochs.js";
import type { OptionValues } from "../options.js";
import type { solverOptions, trainingOptions } from "../training-options.js";

type TrainingChoices = OptionValues<typeof trainingOptions>;
type SolverChoices = OptionValues<typeof solverOptions>;

/** How a run is done, with every default filled in. */
export interface TrainingSettings {
  readonly optimizer: OptimizerConfig;
  readonly epochs: number;
  readonly batchsize: number;
  readonly k: number;
  readonly utype: NonNullable<TrainingChoices["utype"]>;
  readonly freq: NonNullable<TrainingChoices["freq"]>;
  readonly scheme: NonNullable<TrainingChoices["scheme"]>;
  readonly aggregation: NonNullable<TrainingChoices["aggregation"]>;
  readonly reshuffle: boolean;
  /** What was decided without being asked, for the user to read. */
  readonly remarks: readonly string[];
}

interface Decision<Value> {
  readonly value: Value;
  readonly remarks: readonly string[];
}

function decideOptimizer(model: ImportedModel, choices: SolverChoices): Decision<OptimizerConfig> {
  const { "learning-rate": learningRate, momentum, "weight-decay": weightDecay } = choices;
  const base = model.training.optimizer;
  if (base === undefined) {
    const options = {
      learningRate: learningRate ?? trainingDefaults.learningRate,
      momentum: momentum ?? trainingDefaults.momentum,
      weightDecay: weightDecay ?? trainingDefaults.weightDecay,
    };
    const rule = `learning rate ${options.learningRate}, momentum ${options.momentum}, weight decay ${options.weightDecay}`;
    return { value: sgd(options), remarks: [`no solver file: SGD with ${rule}`] };
  }
  const value: OptimizerConfig = {
    ...base,
    learningRate: learningRate ?? base.learningRate,
    options: {
      ...base.options,
      ...(momentum === undefined ? {} : { momentum }),
      ...(weightDecay === undefined ? {} : { weightDecay }),
    },
  };
  return { value, remarks: [] };
}

interface Batches {
  readonly rows: number;
  /** Rows in a batch of one worker. */
  readonly batchsize: number;
  readonly k: number;
}

/** A batch that was asked for is a worker's; the model's is that of one update, and the workers share it. */
function decideBatchsize(model: ImportedModel, given: number | undefined, k: number): Decision<number> {
  if (given !== undefined) return { value: given, remarks: [] };
  const all = model.training.batchsize ?? trainingDefaults.batchsize;
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
  const value = resolveEpochs({ iterations, batchsize: updated, rows });
  const sum = `${formatCount(iterations)} iterations × ${formatCount(updated)} rows ÷ ${formatCount(rows)} training rows`;
  return { value, remarks: [`${formatCount(value)} epochs, from the solver: ${sum}`] };
}

/** The share of the rows to validate with: what was asked for, else what the solver file implies. */
export function decideValidation(model: ImportedModel, given: number | undefined): Decision<number> {
  if (given !== undefined) return { value: given, remarks: [] };
  if (model.training.validate !== false) return { value: trainingDefaults.validation, remarks: [] };
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
  const batchsize = decideBatchsize(model, choices.batchsize, k);
  const optimizer = decideOptimizer(model, choices);
  const epochs = decideEpochs(model, choices.epochs, { rows, batchsize: batchsize.value, k });
  return {
    optimizer: optimizer.value,
    epochs: epochs.value,
    batchsize: batchsize.value,
    k,
    utype: choices.utype ?? trainingDefaults.utype,
    freq: choices.freq ?? trainingDefaults.freq,
    scheme: choices.scheme ?? trainingDefaults.scheme,
    aggregation: choices.aggregation ?? trainingDefaults.aggregation,
    reshuffle: choices.reshuffle ?? trainingDefaults.reshuffle,
    remarks: [...optimizer.remarks, ...batchsize.remarks, ...epochs.remarks],
  };
}
