import { checkpointRows } from "../runtime/options/checkpoint-options.js";
import { dataRows } from "../runtime/options/data-options.js";
import { learningRows } from "../runtime/options/learning-options.js";
import type { OptionTable } from "../runtime/options/row.js";
import { optionsIn, runOptions } from "../runtime/options/table.js";
import { trainingRows } from "../runtime/options/training-options.js";

/** For a model whose file leaves the size of an input open, such as Caffe's Data layer. */
export const inputShapeOption = {
  "input-shape": {
    kind: "by-input",
    of: "shape",
    placeholder: "[NAME=]C,H,W",
    describe: "shape of one sample, where the model file does not give it, or of each input by its name",
  },
} as const satisfies OptionTable;

const { data: _data, ...otherDataRows } = dataRows;

/** Which rows to learn from, beside `--data`. */
export const dataOptions = otherDataRows;

/** How the workers train. */
export const trainingOptions = optionsIn({ ...trainingRows, ...checkpointRows }, "train");

/** The learning rule, in place of what the model's files say. */
export const solverOptions = optionsIn(learningRows, "train");

/** Every option of `train`. */
export const trainOptions = {
  ...optionsIn(runOptions, "train"),
  ...inputShapeOption,
  config: {
    kind: "file",
    placeholder: "FILE",
    describe: "configuration file with options of train",
    default: "./paramserv.config.ts, .js or .json, if there is one",
  },
  dump: { kind: "text", placeholder: "STAGE | all", describe: "print what the model is compiled to, on stderr" },
} as const satisfies OptionTable;
