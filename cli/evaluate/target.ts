import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ModelFileError } from "../../runtime/errors.js";
import { isResult, readResult, type TrainedResult } from "../../runtime/results/index.js";

/** Reads the result that TARGET is, or that is in the package TARGET. */
export async function findResult(target: string): Promise<TrainedResult> {
  return readResult(directoryOf(target));
}

/** A package trains into `result`, unless it was told another directory: then the only one that holds a result. */
function directoryOf(target: string): string {
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    const what = found === undefined ? "found nothing there" : "found a file";
    throw missing(target, `${what}, expected a result folder or the directory of a training package`);
  }
  if (isResult(target)) return target;
  const usual = join(target, "result");
  if (isResult(usual)) return usual;
  if (!existsSync(join(target, "package.json"))) {
    throw missing(target, "found a directory without run.json, expected a result folder or a training package");
  }
  const results = readdirSync(target).filter((name) => isResult(join(target, name)));
  const [only] = results;
  if (only !== undefined && results.length === 1) return join(target, only);
  const several = results.length === 0 ? "it was not trained yet" : `it holds several results: ${results.join(", ")}`;
  throw missing(target, `${several}, expected result/run.json`);
}

function missing(file: string, message: string): ModelFileError {
  const hint = "paramserv train MODEL --data FILE --out DIR writes a result folder";
  return new ModelFileError({ code: "RESULT_FILE_MISSING", at: { file }, message, hint });
}
