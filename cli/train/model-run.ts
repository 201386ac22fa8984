import type { ImportedModel } from "../../generators/imported.js";
import { importModel } from "../../generators/index.js";
import { openWeights } from "../../generators/weights.js";
import { rowsOf } from "../../runtime/data/index.js";
import { CompileError } from "../../runtime/errors.js";
import type { Network } from "../../runtime/layers/types.js";
import { gradientsOf, paramserv } from "../../runtime/paramserv/index.js";
import type { BuiltinGradients, ParameterList, ParamservResult } from "../../runtime/paramserv/types.js";
import { checkResultDirectory, saveResult } from "../../runtime/results/index.js";
import { completion } from "../../runtime/script/completed.js";
import { type Relaunch, recordLaunch, withMachine } from "../../runtime/script/launch.js";
import { checkpointPlaces, withLaunchNote } from "../../runtime/script/resumable.js";
import { runTraining, type TrainingOutcome, type TrainingTools } from "../../runtime/script/training-run.js";
import { startingModel } from "../../runtime/weights/index.js";
import { dumpNetwork } from "../dump.js";
import { type ExitCode, exitCodes } from "../exit.js";
import type { OptionValues } from "../options.js";
import { trainOptions } from "../training-options.js";
import { say } from "../ui.js";
import { loadData, type TrainingData } from "./load-data.js";
import { decideSeed, decideSettings } from "./settings.js";

/** The options of `train`, for a model file: it needs data. */
type TrainChoices = OptionValues<typeof trainOptions> & { readonly data: string };

/** A training of a model file. */
export interface ModelTraining {
  readonly target: string;
  /** With those that the run was started with, where it goes on. */
  readonly choices: TrainChoices;
  /** The run that goes on. */
  readonly resumed?: Relaunch | undefined;
}

/** `./lenet-trained`, from a model's name. */
function defaultDirectory(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "-")
    .replace(/^[-.]+|-+$/g, "");
  return `./${plain === "" ? "model" : plain}-trained`;
}

function compileForTraining(target: string, { network }: ImportedModel): BuiltinGradients {
  if (Object.keys(network.losses).length > 0) return gradientsOf(network);
  const message = `network ${JSON.stringify(network.name)} has no loss, expected one to train it`;
  const hint = "this looks like a net for inference; train the one with a loss layer, or the solver that names it";
  throw new CompileError({ code: "MODEL_LOSS_MISSING", at: { file: target }, message, hint });
}

interface Run {
  readonly imported: ImportedModel;
  readonly upd: BuiltinGradients;
  readonly model: Network | ParameterList;
  readonly choices: TrainChoices;
  readonly directory: string;
}

/** The run itself; everything before it has checked what the user gave. */
function train(
  { imported, upd, choices, model, directory }: Run,
  data: TrainingData,
  tools: TrainingTools,
): Promise<ParamservResult> {
  const { features, labels } = data.train;
  const { validation } = data;
  const { remarks, server, ...settings } = decideSettings(imported, choices, rowsOf(data.train));
  tools.say(...remarks);
  return paramserv({
    model,
    features,
    labels,
    val_features: validation?.features,
    val_labels: validation?.labels,
    upd,
    ...settings,
    ...server,
    ...checkpointPlaces(directory, choices),
    signal: tools.signal,
    onEvent: tools.onEvent,
  });
}

/** Writes the trained network, unless the run ended before anything was learned. */
async function save(
  { imported, directory, choices }: Run,
  data: TrainingData,
  result: ParamservResult,
  say: TrainingTools["say"],
): Promise<readonly string[]> {
  if (result.statistics.updates === 0) return [];
  const { network, files: sources } = imported;
  const saved = await saveResult({
    directory,
    replace: choices.force === true || choices.resume !== undefined,
    network,
    result,
    ...data,
    sources,
    report: choices.report,
    say,
  });
  return Object.values(saved);
}

async function prepareAndTrain(
  { target, choices, resumed }: ModelTraining,
  tools: TrainingTools,
): Promise<TrainingOutcome> {
  const inputShape = choices["input-shape"];
  const imported = await importModel(target, inputShape === undefined ? {} : { inputShape });
  const directory = resumed?.directory ?? choices.out ?? defaultDirectory(imported.name);
  checkResultDirectory(directory, { force: resumed !== undefined || choices.force === true });
  const upd = compileForTraining(target, imported);
  if (choices.dump !== undefined) say(dumpNetwork(imported.network, choices.dump));
  const seed = decideSeed(imported, choices.seed);
  const source =
    choices.from === undefined || choices.resume !== undefined ? imported.weights : await openWeights(choices.from);
  const { resume } = choices;
  const model = await startingModel(imported.network, { from: source, seed, resume }, tools.say);
  const data = await loadData({ imported, program: upd.program }, { ...choices, seed }, tools);
  tools.fold(imported.notes, `the model, shown by: paramserv inspect ${target}`);
  const run: Run = { imported, upd, model, choices, directory };
  const record = () => {
    recordLaunch({ directory, kind: "model", target, table: trainOptions, options: withMachine({ ...choices }) });
  };
  const result = await withLaunchNote({ directory, asked: choices, record }, tools.onEvent, (onEvent) =>
    train(run, data, { ...tools, onEvent }),
  );
  return { result, files: await save(run, data, result, tools.say) };
}

/** Trains a model file: everything that can be wrong is found before the training starts. */
export async function trainModel(training: ModelTraining): Promise<ExitCode> {
  const { choices, resumed } = training;
  const complete = resumed === undefined ? undefined : await completion(resumed.directory, choices.epochs);
  if (complete !== undefined) {
    say(complete);
    return exitCodes.done;
  }
  const { json = false, stats: statistics = false, "log-dir": logDirectory } = choices;
  return runTraining({ json, statistics, logDirectory }, (tools) => prepareAndTrain(training, tools));
}
