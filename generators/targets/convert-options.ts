import { type CodeValues, camelCase } from "../../runtime/options/row.js";
import { optionsIn, runOptions } from "../../runtime/options/table.js";

/** The options of a run that can be printed into what a model is converted to, as the defaults of its training. */
export const convertRows = optionsIn(runOptions, "convert", "solver");

/**
 * What a conversion is told beside the model: the defaults of the training, by their names in code. Files are named as
 * they are seen from the directory of the product.
 */
export type ConvertOptions = CodeValues<typeof convertRows> & {
  /** What package.json asks npm for under the name `paramserv`: `^0.1.0`, or `file:../..` for a directory. */
  readonly runtime: string;
};

/** The names of those that say how the product is trained: all of the option table that `convert` takes. */
export const trainingNames = Object.keys(convertRows).map(camelCase) as readonly (keyof ConvertOptions)[];
