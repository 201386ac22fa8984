import { convertFeatures } from "./features.js";
import type { DataFormat, NameOption, RawData } from "./formats/format.js";
import { dataFormats } from "./formats/index.js";
import { convertLabels } from "./labels.js";
import { dataError, ProblemList } from "./problem-list.js";
import type { RawArray } from "./raw-array.js";
import { type DataSource, openSource, type ReadContext } from "./source.js";
import type { Dataset } from "./types.js";

export interface ReadDatasetOptions extends ReadContext {
  /** A second file with the labels. Default: the labels are in the first, or beside it (IDX). */
  readonly labels?: string | undefined;
  /** .npz: the array of the features. Default: `x`, `features`, `images`, `x_train` and the like. */
  readonly features?: string | undefined;
  /** .npz: the array of the labels. Default: `y`, `labels`, `target`, `y_train` and the like. */
  readonly labelsName?: string | undefined;
  /** CSV: the label column, by name or number from 1. Default: `label`, `class`, `target` or `y`, else the last. */
  readonly labelColumn?: string | number | undefined;
}

/** A dataset as files hold it, with what the reader decided on the way. */
export interface LoadedDataset extends Dataset {
  /** .npz: the arrays `x_test` and `y_test`, where the file has them and the features were not named. */
  readonly validation?: Dataset;
  /** The word of each class number, where labels were words. */
  readonly classNames?: readonly string[];
  /** Decisions that the user should see, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads features and labels from .npz, .npy, IDX or CSV files, plain or gzipped; the format is known by the content,
 * else by the extension. Features become float32 `[rows, …]` in shared memory; labels int32 class numbers `[rows]` if
 * they are whole numbers or one-hot, else float32 targets.
 *
 * Throws one RunError (`DATA_*`) with everything that is wrong; an abort throws the signal's reason.
 *
 * @example const { features, labels } = await readDataset("digits.npz");
 */
export async function readDataset(file: string, options: ReadDatasetOptions = {}): Promise<LoadedDataset> {
  const { features, labelsName, labelColumn, onProgress, signal } = options;
  signal?.throwIfAborted();
  const context: ReadContext = { onProgress, signal };
  const names = { features, labelsName, labelColumn };
  const first = await openFile(file, context);
  const second = options.labels === undefined ? undefined : await openFile(options.labels, context);
  checkNames(names, second === undefined ? [first] : [first, second]);
  const main = await first.format.read(first.source, { ...names, want: second === undefined ? "both" : "features" });
  const other = second === undefined ? main : await second.format.read(second.source, { ...names, want: "labels" });
  const { notes, ...loaded } = convert(file, { ...main, labels: other.labels });
  const { classNames } = other;
  return {
    ...loaded,
    ...(classNames === undefined ? {} : { classNames }),
    notes: [...main.notes, ...(other === main ? [] : other.notes), ...notes],
  };
}

interface OpenFile {
  readonly source: DataSource;
  readonly format: DataFormat;
}

async function openFile(file: string, context: ReadContext): Promise<OpenFile> {
  const source = await openSource(file, context);
  return { source, format: formatOf(source) };
}

/** A name that no file's format has a use for would be ignored in silence. */
function checkNames(names: Readonly<Record<NameOption, unknown>>, files: readonly OpenFile[]): void {
  const problems = new ProblemList();
  for (const option of ["features", "labelsName", "labelColumn"] as const) {
    if (names[option] === undefined || files.some(({ format }) => format.takes.includes(option))) continue;
    const { meaning, formats } = nameOptions[option];
    const found = files.map(({ source }) => `"${source.file}"`).join(" and ");
    problems.add(
      "DATA_OPTION_INVALID",
      `${meaning} ${JSON.stringify(names[option])} was named for ${found}, expected ${formats}`,
    );
  }
  problems.throwIfAny();
}

const nameOptions = {
  features: { meaning: "features array", formats: "an .npz file, the format whose arrays have names" },
  labelsName: { meaning: "labels array", formats: "an .npz file, the format whose arrays have names" },
  labelColumn: { meaning: "label column", formats: "a text table, the format with columns" },
} as const satisfies Record<NameOption, unknown>;

function formatOf({ file, head }: DataSource): DataFormat {
  const formats = Object.values(dataFormats);
  const byContent = formats.find((format) => format.recognises(head));
  if (byContent !== undefined) return byContent;
  const name = file.toLowerCase().replace(/\.gz$/, "");
  const byName = formats.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
  if (byName !== undefined) return byName;
  const known = formats.map(({ description }) => description).join("; ");
  throw dataError("DATA_FORMAT_UNKNOWN", `"${file}" is of no known data format, expected one of: ${known}`);
}

interface Converted extends Dataset {
  readonly notes: readonly string[];
}

type Parts = Pick<RawData, "features" | "validation"> & { readonly labels: RawArray | undefined };

function convert(file: string, { features, labels, validation }: Parts): Converted & { readonly validation?: Dataset } {
  if (features === undefined) throw dataError("DATA_ARRAY_MISSING", `"${file}" has no features`);
  if (labels === undefined) {
    const hint = "name the file of the labels";
    throw dataError("DATA_LABELS_MISSING", `"${file}" has features but no labels`, { hint });
  }
  const problems = new ProblemList();
  const train = datasetOf({ features, labels }, problems);
  const held = validation === undefined ? undefined : datasetOf(validation, problems);
  problems.throwIfAny();
  return held === undefined ? train : { ...train, validation: { features: held.features, labels: held.labels } };
}

function datasetOf(raw: { features: RawArray; labels: RawArray }, problems: ProblemList): Converted {
  const { features, labels } = raw;
  const [rows = 0] = features.shape;
  const [labelRows = 0] = labels.shape;
  if (features.shape.length > 0 && labels.shape.length > 0 && rows !== labelRows) {
    const message = `${features.title} has ${rows} rows, ${labels.title} has ${labelRows}, expected as many of each`;
    problems.add("DATA_ROWS_MISMATCH", message);
  }
  const x = convertFeatures(features, problems);
  const y = convertLabels(labels, problems);
  return { features: x, labels: y.labels, notes: y.note === undefined ? [] : [y.note] };
}
