import { ModelFileError, type Problem } from "../errors.js";
import { partProblems } from "./check-parts.js";
import { type ResultRecord, resultFormat, type SplitRecord } from "./record.js";

type Fields = Readonly<Record<string, unknown>>;
type Kind = "text" | "number" | "count" | "object" | "list";

/** More workers, threads or rows of a batch than any run had; what is done so often has an end. */
const mostCounted = 2 ** 24;

const isKind: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  count: (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= mostCounted,
  object: isObject,
  list: Array.isArray,
};

const expectation: Readonly<Record<Kind, string>> = {
  text: "a text",
  number: "a number",
  count: `a whole number from 1 to ${mostCounted}`,
  object: "an object",
  list: "a list",
};

/** What `run.json` has to hold to be used, by path; what is only shown is not needed. */
const needed: Readonly<Record<string, Kind>> = {
  paramserv: "text",
  network: "text",
  sources: "list",
  status: "text",
  epochs: "number",
  kept: "object",
  "kept.update": "number",
  "kept.updates": "number",
  "kept.epoch": "number",
  options: "object",
  "options.batchsize": "count",
  "options.k": "count",
  "options.threads": "count",
  preparation: "object",
  classNames: "object",
  evaluation: "object",
  "evaluation.feeds": "list",
  "evaluation.scalars": "list",
  "evaluation.evaluate": "object",
  "evaluation.evaluate.inputs": "list",
  "evaluation.evaluate.outputs": "list",
  "evaluation.evaluate.classified": "list",
  "evaluation.infer": "object",
  "evaluation.infer.inputs": "list",
  "evaluation.infer.outputs": "list",
  files: "object",
};

/** The content of `run.json`; throws RESULT_FORMAT_DIFFERENT, or RESULT_FILE_DAMAGED with all that it lacks. */
export function checkRecord(value: unknown, file: string): ResultRecord {
  if (!isObject(value)) throw new ModelFileError(damaged(file, "it is no JSON object"));
  if (value.format !== resultFormat) {
    const version = typeof value.paramserv === "string" ? `paramserv ${value.paramserv}` : "another program";
    const message = `its format is ${JSON.stringify(value.format)}, written by ${version}, expected ${resultFormat}`;
    const hint = "use the version that wrote it, or train again";
    throw new ModelFileError({ code: "RESULT_FORMAT_DIFFERENT", at: { file }, message, hint });
  }
  const valueAt = (path: string) =>
    path.split(".").reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
  const problems = Object.entries(needed).flatMap(([path, kind]) => {
    const found = valueAt(path);
    return isKind[kind](found)
      ? []
      : [
          damaged(
            file,
            `its ${path} is ${kind === "count" && typeof found === "number" ? found : typeName(found)}, expected ${expectation[kind]}`,
          ),
        ];
  });
  if (problems.length > 0) throw new ModelFileError(problems);
  const wrong = partProblems(valueAt).map(([path, expected]) => damaged(file, `its ${path} is not ${expected}`));
  if (wrong.length > 0) throw new ModelFileError(wrong);
  // What was not looked at is what saveResult wrote: a person who edits run.json is told by the engine.
  return value as unknown as ResultRecord;
}

/** The content of `split.json`. */
export function checkSplit(value: unknown, file: string): SplitRecord {
  const isRows = (rows: unknown) =>
    rows === undefined ||
    (isObject(rows) && Array.isArray(rows.files) && (rows.taken === undefined || Array.isArray(rows.taken)));
  if (isObject(value) && isRows(value.training) && isRows(value.validation)) return value;
  throw new ModelFileError(damaged(file, "it does not say which rows were learned from and which were held out"));
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === undefined) return "missing";
  return Array.isArray(value) ? "a list" : value === null ? "null" : article(typeof value);
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function damaged(file: string, message: string): Problem {
  return { code: "RESULT_FILE_DAMAGED", at: { file }, message, hint: "copy the whole folder again, or train again" };
}
