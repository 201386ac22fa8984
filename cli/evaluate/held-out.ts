import { takeDataset } from "../../runtime/data/gather.js";
import type { LoadedDataset } from "../../runtime/data/index.js";
import { sameFiles } from "../../runtime/data/same-files.js";
import type { Dataset } from "../../runtime/data/types.js";
import { ModelFileError, type Problem } from "../../runtime/errors.js";
import type { TrainedResult } from "../../runtime/results/index.js";

/** The rows of a data file that a training held out, in the order in which it validated them. */
export function heldOut({ split }: TrainedResult, file: string, loaded: LoadedDataset): Dataset {
  const { validation } = split;
  if (validation === undefined) {
    const hint = "leave --split out to evaluate all rows of the file";
    throw different(file, { message: "the training held no rows of a file out, so there are none to find", hint });
  }
  if (!sameFiles(validation.files, loaded.origin.files)) {
    const names = validation.files.map(({ name }) => name).join(" and ");
    const message = `it is not the file whose rows were held out: that was ${names}, and its sha-256 is another`;
    throw different(file, { message, hint: "give the same file as in training, or leave --split out" });
  }
  const part = validation.part === "test" ? loaded.validation : loaded;
  if (part === undefined) throw different(file, { message: "the rows to test with that it had are not found in it" });
  return validation.taken === undefined ? part : takeDataset(part, Int32Array.from(validation.taken));
}

function different(file: string, problem: Pick<Problem, "message" | "hint">): ModelFileError {
  return new ModelFileError({ code: "RESULT_SPLIT_DIFFERENT", at: { file }, ...problem });
}
