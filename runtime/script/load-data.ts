import { withoutAugmentation } from "../data/augment/without.js";
import { type PrepareOptions, prepareDataset, readDataset, splitDataset } from "../data/index.js";
import { dtypeOf } from "../data/stored-column.js";
import type { ClassNames, Dataset } from "../data/types.js";
import { isBaseError, RunError } from "../errors.js";
import { trainingDefaults } from "../options/defaults.js";
import type { TrainingFlags } from "./script-options.js";
import { learnedRows, sourceResult } from "./source-result.js";
import type { TrainingTools } from "./training-run.js";

/** Which rows to read: the options of the group "Data", and the seed of the split. */
export type DataFlags = Pick<
  TrainingFlags,
  | "data"
  | "labels"
  | "input"
  | "label"
  | "labelColumn"
  | "sampleShape"
  | "crop"
  | "mirror"
  | "validation"
  | "valData"
  | "valLabels"
  | "seed"
  | "from"
>;

/** What the network takes (`dataShapes(program)`), how features are scaled, and whom to tell of it. */
export interface LoadOptions extends Omit<PrepareOptions, "sampleShape" | "augment"> {
  /** Turn images of the training left to right with probability 1/2, as the model's files say. */
  readonly mirror?: boolean | undefined;
  /** The names of classes by label; a file of words is numbered by them. Default: those that the data bring along. */
  readonly classNames?: ClassNames | undefined;
  readonly onProgress: TrainingTools["onProgress"];
  /** Told each decision that was taken on the way, once. */
  readonly say: TrainingTools["say"];
}

/** Rows as the network takes them. */
export interface TrainingData {
  readonly train: Dataset;
  /** Absent where nothing is kept to validate with. */
  readonly validation?: Dataset;
}

/** Adds what helps where flat rows, as a CSV file has them, are images of another size than the network takes. */
function withAdvice(error: unknown, { features }: Dataset): unknown {
  const flat = Object.values(features).some((column) => column.shape.length === 2 && dtypeOf(column) === "float32");
  if (!isBaseError(error) || !flat) return error;
  const hint = "if each row is an image of another size, --sample-shape H,W says so";
  const problems = error.problems.map((problem) =>
    problem.code === "DATA_SHAPE_MISMATCH" ? { hint, ...problem } : problem,
  );
  return new RunError(problems, { cause: error });
}

/** `say` that leaves out what it has said before. */
function sayOnce(say: LoadOptions["say"]): (notes: readonly string[]) => void {
  const said = new Set<string>();
  return (notes) => {
    say(...notes.filter((note) => !said.has(note)));
    for (const note of notes) said.add(note);
  };
}

/**
 * Reads the rows to learn from and those to validate with, and brings both to what the network takes: `readDataset`, then
 * `prepareDataset` (images are resized or cut, features x become (x − mean) · scale), then a split. Images of the training are
 * cut at random places and turned at random, those to validate with are not. Rows to validate with are
 * those of `valData`; else, where no share is given, test rows that the data file brings along; else a share of the rows,
 * 0.2 by default, chosen by the seed.
 *
 * @throws RunError `DATA_*` with everything that is wrong with the data
 * @example const { train, validation } = await loadData(flags, { ...dataShapes(program), scale: 1 / 256, onProgress, say });
 */
export async function loadData(flags: DataFlags, options: LoadOptions): Promise<TrainingData> {
  const source = await sourceResult(flags.from);
  const data = await readData(flags, options, source?.record.classNames);
  if (source !== undefined) options.say(...learnedRows(source, data.validation));
  return data;
}

/** The rows of both kinds. Class numbers mean what they mean in the weights that are started from. */
async function readData(flags: DataFlags, options: LoadOptions, known: ClassNames | undefined): Promise<TrainingData> {
  const { onProgress, say, mirror: _, ...preparing } = options;
  const classNames = { ...options.classNames, ...known };
  const { input: inputArrays, label: labelArrays, labelColumn, sampleShape, seed } = flags;
  const crop = flags.crop ?? options.crop;
  const mirror = flags.mirror ?? options.mirror;
  // Pictures in files are decoded to the size that is cut or resized here.
  const pictures = { imageShape: sampleShape, keepImageSize: crop };
  const reading = { ...pictures, shapes: options, inputArrays, labelArrays, labelColumn, classNames, onProgress };
  const tell = sayOnce(say);
  const augment = crop === true || mirror === true ? { seed, mirror: mirror === true } : undefined;
  const prepare = async (dataset: Dataset, changing: Pick<PrepareOptions, "augment">): Promise<Dataset> => {
    const prepared = await prepareDataset(dataset, { ...preparing, ...changing, crop, sampleShape }).catch(
      (error: unknown) => {
        throw sampleShape === undefined ? withAdvice(error, dataset) : error;
      },
    );
    tell(prepared.notes);
    return prepared;
  };
  const loaded = await readDataset(flags.data, { ...reading, labels: flags.labels });
  tell(loaded.notes);
  const { valData, valLabels } = flags;
  // Words for classes have the numbers that the training data gave them.
  const testing = { ...reading, labels: valLabels, classNames: loaded.classNames };
  const apart = valData === undefined ? undefined : await readDataset(valData, testing);
  tell(apart?.notes ?? []);
  const train = await prepare(loaded, { augment });
  const kept = apart ?? (flags.validation === undefined ? loaded.validation : undefined);
  if (kept !== undefined) return { train, validation: await prepare(kept, {}) };
  const share = flags.validation ?? trainingDefaults.validation;
  if (share === 0) return { train };
  const split = splitDataset(train, { validation: share, seed });
  return { ...split, validation: withoutAugmentation(split.validation) };
}
