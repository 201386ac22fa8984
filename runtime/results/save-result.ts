import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { DataOrigin, Dataset } from "../data/types.js";
import type { Note } from "../errors.js";
import { installedVersion } from "../installation.js";
import type { Network } from "../layers/types.js";
import type { ParamservResult } from "../paramserv/types.js";
import { networkSvg } from "../picture/index.js";
import { compileEvaluation, type EvaluationProgram } from "../program/evaluation.js";
import { exportOnnx } from "../program/inference.js";
import { reportHtml } from "../report/html/report-html.js";
import { curveLine, epochEvent } from "../report/json.js";
import { safetensorsChunks } from "../safetensors.js";
import { writeFilesAtomically } from "./atomic-files.js";
import { holdsFiles } from "./check-directory.js";
import { onnxMetadata, plainPreparation, runMetadata } from "./metadata.js";
import { preparedInputs } from "./prepared-inputs.js";
import {
  type ResultFile,
  type ResultRecord,
  type Rows,
  resultFiles,
  resultFormat,
  type SplitRecord,
} from "./record.js";
import { reportData } from "./report-data.js";
import { checkedWeights } from "./save-model.js";

export interface SaveOptions {
  /** Made if it does not exist. */
  readonly directory: string;
  /**
   * Whether files of the same names in the directory are replaced. Otherwise, if one is there, as when two trainings were
   * started into one new directory, the result goes to the first of `DIRECTORY-2`, `DIRECTORY-3`, … that is free.
   * Default: true.
   */
  readonly replace?: boolean | undefined;
  readonly network: Network;
  /** What `paramserv()` returned. */
  readonly result: ParamservResult;
  /**
   * The rows that were learned from, as `prepareDataset` or `splitDataset` gave them: how they were prepared becomes part of
   * `model.onnx`. Default: rows come as the network takes them.
   */
  readonly train?: Dataset | undefined;
  /** The rows that were validated with, likewise. */
  readonly validation?: Dataset | undefined;
  /** The model files that the network came from. Default: those that its layers name. */
  readonly sources?: readonly string[] | undefined;
  /** Whether `report.html` is written, the run as a page for a browser. Default: true. */
  readonly report?: boolean | undefined;
  /** Is told where the result went, if not to `directory`, and what could not be drawn. */
  readonly say?: ((note: Note) => void) | undefined;
}

/** The paths written, inside the directory as it was given, or beside it: see `replace`. */
export type SavedResult = Readonly<Record<Exclude<ResultFile, Drawn>, string>> &
  Readonly<Partial<Record<Drawn, string>>>;

/** What is there to be looked at, and may be missing. */
type Drawn = "picture" | "report";

/**
 * Writes all that is needed to use a trained network without the model and the program that made it: see
 * {@link resultFiles}. `model.onnx` takes rows as the data file had them. The directory then holds the whole result, or
 * what it held before: files are written under other names and swapped in, `run.json` last.
 *
 * Throws RunError: RESULT_WEIGHTS_INVALID with every variable that does not fit, RESULT_DIRECTORY_UNWRITABLE,
 * RESULT_WRITE_FAILED.
 *
 * @example await saveResult({ directory: "out", network: lenet, result, train, validation });
 */
export async function saveResult(options: SaveOptions): Promise<SavedResult> {
  const { network, result } = options;
  const weights = checkedWeights(network, result.model);
  const program = compileEvaluation(network);
  const about = describe(options);
  const { preparation } = about;
  const split = splitOf(options);
  const { picture, report } = await drawn(options, { record: about, split });
  const parts = {
    onnx: exportOnnx(network, weights, {
      metadata: onnxMetadata(about),
      producerVersion: about.paramserv,
      input: preparedInputs(preparation),
    }),
    safetensors: safetensorsChunks(weights, runMetadata(about)),
    evaluation: [program.evaluate.bytes],
    inference: [program.infer.bytes],
    history: [textOf(result.epochs.map((epoch) => `${JSON.stringify(epochEvent(epoch))}\n`).join(""))],
    curve: [textOf(result.curve.map((point) => `${JSON.stringify(curveLine(point))}\n`).join(""))],
    statistics: [jsonOf(result.statistics)],
    split: [jsonOf(split)],
    ...(picture !== undefined && { picture: [textOf(picture)] }),
  } as const satisfies Partial<Record<ResultFile, readonly Uint8Array[]>>;
  const files = Object.fromEntries(
    Object.entries(parts).map(([file, chunks]) => [resultFiles[file as ResultFile], sha256(chunks)]),
  );
  const record: ResultRecord = { ...about, evaluation: withoutBytes(program), files };
  const all: Readonly<Partial<Record<ResultFile, readonly Uint8Array[]>>> = {
    ...parts,
    ...(report !== undefined && { report: [textOf(report)] }),
    run: [jsonOf(record)],
  };
  // Looked at last: another training may have ended while this one ran.
  const directory = options.replace === false ? freeDirectory(options) : options.directory;
  const entries = Object.entries(all).map(([file, chunks]) => {
    return { file, path: join(directory, resultFiles[file as ResultFile]), chunks };
  });
  await writeFilesAtomically(entries);
  // What an earlier result had to look at is not of this one.
  for (const name of [resultFiles.picture, resultFiles.report]) {
    const path = join(directory, name);
    if (!entries.some((entry) => entry.path === path)) await rm(path, { force: true });
  }
  return Object.fromEntries(entries.map(({ file, path }) => [file, path])) as SavedResult;
}

/** What is there to be looked at. A fault in a drawing is told, and costs no result. */
async function drawn(
  { network, result, report = true, say }: SaveOptions,
  { record, split }: Pick<Parameters<typeof reportData>[0], "record" | "split">,
): Promise<{ readonly picture?: string; readonly report?: string }> {
  try {
    const picture = await networkSvg(network);
    if (!report) return { picture };
    const { statistics } = result;
    const [epochs, curve] = [result.epochs.map(epochEvent), result.curve.map(curveLine)];
    return { picture, report: reportHtml(reportData({ record, split, epochs, curve, statistics, picture })) };
  } catch (error) {
    say?.({ message: `the picture and the report of the run could not be made: ${String(error)}` });
    return {};
  }
}

/** The directory, or the first beside it that holds nothing of a result. */
function freeDirectory({ directory, say }: SaveOptions): string {
  if (!holdsFiles(directory)) return directory;
  const path = resolve(directory);
  let number = 2;
  while (existsSync(`${path}-${number}`)) number++;
  const other = join(dirname(directory), `${basename(path)}-${number}`);
  const message = "it got the result of another training while this one ran, and keeps it";
  say?.({ at: { file: directory }, message, hint: `the result of this one is in ${other}` });
  return other;
}

function describe({ network, result, train, sources }: SaveOptions): Omit<ResultRecord, "files" | "evaluation"> {
  const { status, epochs, run } = result;
  return {
    format: resultFormat,
    paramserv: installedVersion(),
    network: network.name,
    sources: (sources ?? sourcesOf(network)).map((file) => basename(file)),
    status,
    epochs: epochs.length,
    ...run,
    preparation: { ...plainPreparation(network), ...train?.preparation },
    classNames: train?.classNames ?? {},
  };
}

/** The files that layers say they are from. */
function sourcesOf({ layers }: Network): readonly string[] {
  return [...new Set(layers.flatMap(({ at }) => at?.file ?? []))];
}

function splitOf({ train, validation }: SaveOptions): SplitRecord {
  return {
    ...(train?.origin && { training: placeOf(train.origin) }),
    ...(validation?.origin && { validation: { ...placeOf(validation.origin), ...takenOf(validation.origin) } }),
  };
}

const placeOf = ({ files, part, count }: DataOrigin) => ({ files, part, count });
const takenOf = ({ taken }: DataOrigin): Pick<Rows, "taken"> => (taken === undefined ? {} : { taken: [...taken] });

function withoutBytes({ target, feeds, scalars, evaluate, infer }: EvaluationProgram): ResultRecord["evaluation"] {
  const { bytes: _evaluate, ...evaluation } = evaluate;
  const { bytes: _infer, ...inference } = infer;
  return { target, feeds, scalars, evaluate: evaluation, infer: inference };
}

function textOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Indented, with lists of numbers on one line. A line end inside a text is escaped, so none is taken for one. */
function jsonOf(value: unknown): Uint8Array {
  const text = JSON.stringify(value, null, 2);
  const folded = text.replace(
    /\[\n\s+([-\d.,e+\s]+?)\n\s*\]/g,
    (_, numbers: string) => `[${numbers.replace(/\s+/g, " ")}]`,
  );
  return textOf(`${folded}\n`);
}

function sha256(chunks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}
