import type { ImportedModel } from "../../generators/imported.js";
import { importModel } from "../../generators/index.js";
import { openWeights } from "../../generators/weights.js";
import { rowsOf } from "../../runtime/data/index.js";
import { CompileError } from "../../runtime/errors.js";
import type { Network } from "../../runtime/layers/types.js";
import { gradientsOf, paramserv } from "../../runtime/paramserv/index.js";
import type { BuiltinGradients, ParameterList, ParamservResult } from "../../runtime/paramserv/types.js";
import { checkResultDirectory, saveResult } from "../../runtime/results/index.js";
import { runTraining, type TrainingOutcome, type TrainingTools } from "../../runtime/script/training-run.js";
import { startingModel } from "../../runtime/weights/index.js";
import { dumpNetwork } from "../dump.js";
import type { ExitCode } from "../exit.js";
import type { OptionValues } from "../options.js";
import type { trainOptions } from "../training-options.js";
import { say } from "../ui.js";
import { loadData, type TrainingData } from "./load-data.js";
import { decideSeed, decideSettings } from "./settings.js";

/** The options of `train`, for a model file: it needs data. */
type TrainChoices = OptionValues<typeof trainOptions> & { readonly data: string };

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
  { imported, upd, choices, model }: Run,
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
    replace: choices.force === true,
    network,
    result,
    ...data,
    sources,
    report: choices.report,
    say,
  });
  return Object.values(saved);
}

async function prepareAndTrain(target: string, choices: TrainChoices, tools: TrainingTools): Promise<TrainingOutcome> {
  const inputShape = choices["input-shape"];
  const imported = await importModel(target, inputShape === undefined ? {} : { inputShape });
  const directory = choices.out ?? defaultDirectory(imported.name);
  checkResultDirectory(directory, { force: choices.force ?? false });
  const upd = compileForTraining(target, imported);
  if (choices.dump !== undefined) say(dumpNetwork(imported.network, choices.dump));
  const seed = decideSeed(imported, choices.seed);
  const source = choices.from === undefined ? imported.weights : await openWeights(choices.from);
  const model = await startingModel(imported.network, { from: source, seed }, tools.say);
  const data = await loadData({ imported, program: upd.program }, { ...choices, seed }, tools);
  tools.fold(imported.notes, `the model, shown by: paramserv inspect ${target}`);
  const run: Run = { imported, upd, model, choices, directory };
  const result = await train(run, data, tools);
  return { result, files: await save(run, data, result, tools.say) };
}

/** Trains a model file: everything that can be wrong is found before the training starts. */
export function trainModel(target: string, choices: TrainChoices): Promise<ExitCode> {
  const { json = false, stats: statistics = false, "log-dir": logDirectory } = choices;
  return runTraining({ json, statistics, logDirectory }, (tools) => prepareAndTrain(target, choices, tools));
}
