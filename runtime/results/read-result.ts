import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelFileError, type Problem } from "../errors.js";
import { parseJson } from "../json.js";
import type { Statistics } from "../paramserv/statistics/types.js";
import type { EvaluationProgram } from "../program/evaluation.js";
import type { NamedArrays } from "../program/layout.js";
import { requireRegularFile } from "../regular-file.js";
import type { JsonCurvePoint } from "../report/events.js";
import { readSafetensors } from "../safetensors.js";
import { checkRecord, checkSplit } from "./check-record.js";
import { optionalFiles, type ResultFile, type ResultRecord, resultFiles, type SplitRecord } from "./record.js";
import { isCutShort } from "./swap-files.js";

/** A result folder, read and checked. */
export interface TrainedResult {
  readonly directory: string;
  readonly record: ResultRecord;
  readonly split: SplitRecord;
  /** A record an epoch, as `--json` printed it. */
  readonly history: readonly Readonly<Record<string, unknown>>[];
  /** Losses and metrics by update; none in a result of an older version. */
  readonly curve: readonly JsonCurvePoint[];
  /** Absent in a result of an older version. */
  readonly statistics?: Statistics;
  /** The layers as an SVG drawing, where the result has one. */
  readonly picture?: string;
  readonly weights: NamedArrays;
  /** Losses, metrics and outputs, to be computed again. */
  readonly program: EvaluationProgram;
}

/** Whether a directory holds a result, be it one whose replacement was cut short: `run.json` is what is written last. */
export function isResult(directory: string): boolean {
  const run = join(directory, resultFiles.run);
  return existsSync(run) || isCutShort(run);
}

/**
 * Reads what `saveResult` wrote. Each file is compared with its sha-256 in `run.json`.
 *
 * Throws one ModelFileError with every file that is missing (RESULT_FILE_MISSING), damaged or of another run
 * (RESULT_FILE_DAMAGED), or RESULT_FORMAT_DIFFERENT.
 *
 * @example const { weights, record } = await readResult("lenet-trained");
 */
export async function readResult(directory: string): Promise<TrainedResult> {
  const problems: Problem[] = [];
  const run = await contentOf(directory, "run", problems);
  if (run === undefined) throw new ModelFileError(problems);
  const record = checkRecord(parseJson(run), join(directory, resultFiles.run));
  const contents = new Map<ResultFile, Uint8Array>();
  for (const file of Object.keys(resultFiles) as ResultFile[]) {
    // A report is made of the others, and may be made again.
    if (file === "run" || file === "report") continue;
    const isExpected = !isOptional(file) || Object.hasOwn(record.files, resultFiles[file]);
    if (!isExpected) continue;
    const bytes = await contentOf(directory, file, problems);
    if (bytes === undefined) continue;
    contents.set(file, bytes);
    if (createHash("sha256").update(bytes).digest("hex") === record.files[resultFiles[file]]) continue;
    problems.push(damaged(join(directory, resultFiles[file]), "it is not the file that run.json was written with"));
  }
  if (problems.length > 0) throw new ModelFileError(problems);
  const bytes = (file: ResultFile) => contents.get(file) ?? new Uint8Array();
  return {
    directory,
    record,
    split: checkSplit(parseJson(bytes("split")), join(directory, resultFiles.split)),
    history: linesOf(bytes("history")),
    curve: linesOf(bytes("curve")) as unknown as readonly JsonCurvePoint[],
    ...(contents.has("statistics") && { statistics: parseJson(bytes("statistics")) as Statistics }),
    ...(contents.has("picture") && { picture: new TextDecoder().decode(bytes("picture")) }),
    weights: weightsOf(bytes("safetensors"), join(directory, resultFiles.safetensors)),
    program: programOf(record, bytes),
  };
}

async function contentOf(directory: string, file: ResultFile, problems: Problem[]): Promise<Uint8Array | undefined> {
  const path = join(directory, resultFiles[file]);
  try {
    requireRegularFile(path);
    return await readFile(path);
  } catch (error) {
    if (isCutShort(path)) {
      problems.push(cutShort(path));
      return undefined;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const hint = file === "run" ? "paramserv train writes result folders" : "train again, or copy the whole folder";
    const message = existsSync(path) ? `it cannot be read: ${reason}` : "it is not in the result folder";
    problems.push({ code: "RESULT_FILE_MISSING", at: { file: path }, message, hint });
    return undefined;
  }
}

function cutShort(file: string): Problem {
  const message = "a save that was to replace this result was cut short";
  return {
    code: "RESULT_FILE_MISSING",
    at: { file },
    message,
    hint: "train into this directory again, or copy the whole folder",
  };
}

function damaged(file: string, message: string): Problem {
  return { code: "RESULT_FILE_DAMAGED", at: { file }, message, hint: "copy the whole folder again, or train again" };
}

function weightsOf(bytes: Uint8Array, file: string): NamedArrays {
  const { tensors } = readSafetensors(bytes, file);
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    return [name, { shape, data: data instanceof Float32Array ? data : Float32Array.from(data) }] as const;
  });
  return Object.fromEntries(entries);
}

function programOf(
  { network: name, evaluation }: ResultRecord,
  bytes: (file: ResultFile) => Uint8Array,
): EvaluationProgram {
  const { evaluate, infer, ...rest } = evaluation;
  return {
    name,
    ...rest,
    evaluate: { ...evaluate, bytes: bytes("evaluation") },
    infer: { ...infer, bytes: bytes("inference") },
  };
}

function isOptional(file: ResultFile): boolean {
  return optionalFiles.some((name) => name === file);
}

/** Checked already by its sum: every line is an object as it was written. */
function linesOf(bytes: Uint8Array): TrainedResult["history"] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.filter((line) => line !== "").map((line): TrainedResult["history"][number] => JSON.parse(line));
}
