import type { ImportedModel } from "../../generators/imported.js";
import { prepareDataset, readDataset, splitDataset } from "../../runtime/data/index.js";
import type { Dataset } from "../../runtime/data/types.js";
import { isBaseError, RunError } from "../../runtime/errors.js";
import type { TrainingProgram } from "../../runtime/program/types.js";
import { dataShapes } from "../../runtime/script/data-shapes.js";
import type { TrainingTools } from "../../runtime/script/training-run.js";
import type { OptionValues } from "../options.js";
import type { dataOptions } from "../training-options.js";
import { decideValidation } from "./settings.js";

export interface DataChoices extends OptionValues<typeof dataOptions> {
  readonly data: string;
  readonly seed: number;
}

/** A model with what it compiles to. */
export interface TrainableModel {
  readonly imported: ImportedModel;
  readonly program: TrainingProgram;
}

export interface TrainingData {
  readonly train: Dataset;
  readonly validation?: Dataset;
}

/** What the model's files say about scale and mean, by input. */
function scalingOptions({ data: { preprocessing } }: ImportedModel) {
  const all = Object.entries(preprocessing);
  const scale = Object.fromEntries(all.flatMap(([name, of]) => (of.scale === undefined ? [] : [[name, of.scale]])));
  const mean = Object.fromEntries(all.flatMap(([name, of]) => (of.mean === undefined ? [] : [[name, of.mean]])));
  return { scale, mean };
}

/** Which files and arrays hold the rows. */
function readOptions(choices: DataChoices, onProgress: TrainingTools["onProgress"]) {
  return {
    inputArrays: choices.input,
    labelArrays: choices.label,
    features: choices["features-array"],
    labelsName: choices["labels-array"],
    labelColumn: choices["label-column"],
    onProgress,
  };
}

/** Adds what helps where flat rows, as a CSV file has them, are images of another size than the network takes. */
function withAdvice(error: unknown, { features }: Dataset): unknown {
  const flat = Object.values(features).some(({ shape, data }) => shape.length === 2 && data instanceof Float32Array);
  if (!isBaseError(error) || !flat) return error;
  const hint = "if each row is an image of another size, --sample-shape H,W says so";
  const problems = error.problems.map((problem) =>
    problem.code === "DATA_SHAPE_MISMATCH" ? { hint, ...problem } : problem,
  );
  return new RunError(problems, { cause: error });
}

/** Reads and prepares the rows to learn from and those to validate with; everything wrong with them is thrown here. */
export async function loadData(
  { imported, program }: TrainableModel,
  choices: DataChoices,
  { onProgress, say }: Pick<TrainingTools, "onProgress" | "say">,
): Promise<TrainingData> {
  const shapes = dataShapes(program);
  const options = { ...readOptions(choices, onProgress), shapes };
  const said = new Set<string>();
  const sayOnce = (notes: readonly string[]): void => {
    say(...notes.filter((note) => !said.has(note)));
    for (const note of notes) said.add(note);
  };
  const prepare = async (dataset: Dataset): Promise<Dataset> => {
    const sampleShape = choices["sample-shape"];
    const preparing = { ...shapes, sampleShape, ...scalingOptions(imported) };
    const prepared = await prepareDataset(dataset, preparing).catch((error: unknown) => {
      throw sampleShape === undefined ? withAdvice(error, dataset) : error;
    });
    sayOnce(prepared.notes);
    return prepared;
  };
  const loaded = await readDataset(choices.data, { ...options, labels: choices.labels });
  sayOnce(loaded.notes);
  const file = choices["val-data"];
  const apart = file === undefined ? undefined : await readDataset(file, { ...options, labels: choices["val-labels"] });
  sayOnce(apart?.notes ?? []);
  const train = await prepare(loaded);
  const inFile = choices.validation === undefined ? loaded.validation : undefined;
  const kept = apart ?? inFile;
  if (kept !== undefined) return { train, validation: await prepare(kept) };
  const share = decideValidation(imported, choices.validation);
  sayOnce(share.remarks);
  return share.value === 0 ? { train } : splitDataset(train, { validation: share.value, seed: choices.seed });
}
