import type { ImportedModel } from "../../generators/imported.js";
import { codeValues } from "../../runtime/options/row.js";
import type { TrainingProgram } from "../../runtime/program/types.js";
import { dataShapes } from "../../runtime/script/data-shapes.js";
import { loadData as loadRows, type TrainingData } from "../../runtime/script/load-data.js";
import type { TrainingTools } from "../../runtime/script/training-run.js";
import type { OptionValues } from "../options.js";
import { dataOptions } from "../training-options.js";
import { decideValidation } from "./settings.js";

export type { TrainingData } from "../../runtime/script/load-data.js";

export interface DataChoices extends OptionValues<typeof dataOptions> {
  readonly data: string;
  readonly seed: number;
  /** Trained weights to start from. */
  readonly from?: string | undefined;
}

/** A model with what it compiles to. */
export interface TrainableModel {
  readonly imported: ImportedModel;
  readonly program: TrainingProgram;
}

/** What the model's files say about the data: scale and mean by input, where channels stand, names of classes. */
function describedOptions({ data: { preprocessing, layout, classNames, crop, mirror } }: ImportedModel) {
  const all = Object.entries(preprocessing);
  const scale = Object.fromEntries(all.flatMap(([name, of]) => (of.scale === undefined ? [] : [[name, of.scale]])));
  const mean = Object.fromEntries(all.flatMap(([name, of]) => (of.mean === undefined ? [] : [[name, of.mean]])));
  return { scale, mean, layout, classNames, crop, mirror };
}

/** Which files and arrays hold the rows. */
export function readOptions(choices: Omit<DataChoices, "seed">, onProgress?: TrainingTools["onProgress"]) {
  return {
    inputArrays: choices.input,
    labelArrays: choices.label,
    labelColumn: choices["label-column"],
    onProgress,
  };
}

/** Reads and prepares the rows to learn from and those to validate with, as a package of the model does. */
export async function loadData(
  { imported, program }: TrainableModel,
  choices: DataChoices,
  { onProgress, say }: Pick<TrainingTools, "onProgress" | "say">,
): Promise<TrainingData> {
  const { data, seed, from } = choices;
  const share = choices["val-data"] === undefined ? decideValidation(imported, choices.validation) : undefined;
  const flags = { ...codeValues(dataOptions, { ...choices }), data, seed, from, validation: share?.value };
  const loaded = await loadRows(flags, { ...dataShapes(program), ...describedOptions(imported), onProgress, say });
  say(...(share?.remarks ?? []));
  return loaded;
}
