import { type ConvertedDataset, convertColumns, type RawDataset } from "./convert-columns.js";
import { fingerprints } from "./fingerprint.js";
import type { RawColumns, RawData } from "./formats/format.js";
import { openFile } from "./open-file.js";
import { dataError, ProblemList } from "./problem-list.js";
import type { DataShapes } from "./shapes.js";
import type { ReadContext } from "./source.js";
import { type DataOrigin, type Dataset, rowsOf } from "./types.js";
import { type NameOptions, wishesOf } from "./wishes.js";

export type ReadDatasetOptions = NameOptions & ReadContext;

/** A dataset as files hold it, with what the reader decided on the way. */
export interface LoadedDataset extends Dataset {
  /** .npz: the arrays `x_test` and `y_test`, or those of all columns with `_test` behind, where the file has them. */
  readonly validation?: Dataset;
  readonly origin: DataOrigin;
  /** Decisions that the user should see, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads the columns of a data set from .npz, .npy, IDX or CSV files, plain or gzipped; the format is known by the content,
 * else by the extension. Rows keep the type of numbers that the file has, in memory or in the file, until batches are made
 * of them: batches of inputs are float32 or, where the network takes integers, int32 `[rows, …]`; labels int32 class numbers
 * `[rows]` if they are whole numbers or one-hot, else float32 targets. {@link loadInMemory} gives them as arrays.
 *
 * Throws one RunError (`DATA_*`) with everything that is wrong; an abort throws the signal's reason.
 *
 * @example const { features, labels } = await readDataset("digits.npz");
 * @example const data = await readDataset("rows.npz", { shapes: dataShapes(gradientsOf(lenet).program) });
 */
export async function readDataset(file: string, options: ReadDatasetOptions = {}): Promise<LoadedDataset> {
  const { labelColumn, onProgress, signal, shapes, storage } = options;
  signal?.throwIfAborted();
  const context: ReadContext = { onProgress, signal, storage };
  const first = await openFile(file, context);
  const second = options.labels === undefined ? undefined : await openFile(options.labels, context);
  const wishes = wishesOf(options, first, second);
  const request = { ...wishes, labelColumn };
  const all = wishes.labels.length === 0 ? "features" : "both";
  const main = await first.format.read(first.source, { ...request, want: second === undefined ? all : "features" });
  const other = second === undefined ? main : await second.format.read(second.source, { ...request, want: "labels" });
  const labels = wishes.labels.length === 0 ? {} : other.labels;
  const converted = await convert(file, { ...main, labels }, { shapes, signal });
  const { notes, validation, ...loaded } = converted;
  const [label] = wishes.labels;
  const read = other.classNames === undefined || label === undefined ? {} : { [label.name]: other.classNames };
  const words = { ...options.classNames, ...read };
  const numbered = Object.entries(words).filter(
    ([name]) => !Object.hasOwn(read, name) && Object.hasOwn(loaded.labels, name),
  );
  const named = Object.keys(words).length === 0 ? {} : { classNames: words };
  const files = await fingerprints(second === undefined ? [first] : [first, second], signal);
  const from = (dataset: Dataset, part: DataOrigin["part"]) => {
    return { ...dataset, ...named, origin: { files, part, count: rowsOf(dataset) } };
  };
  return {
    ...from(loaded, "rows"),
    ...(validation && { validation: from(validation, "test") }),
    notes: [
      ...main.notes,
      ...(other === main ? [] : other.notes),
      ...(storage === "file" ? inMemoryNotes({ ...main.features, ...labels }) : []),
      ...notes,
      ...numbered.map(numberNote),
    ],
  };
}

/** What cannot stay in its file, though it was asked for. */
function inMemoryNotes(columns: RawColumns): readonly string[] {
  const held = Object.values(columns).filter(({ source }) => source.kind === "memory");
  return held.map(({ title }) => `${title} is not stored row after row, so it is held in memory`);
}

/** Names that are shown; the rest is counted. */
const shownNames = 10;

/** Labels that are numbers already, of classes that have names: a note, because another order would go unnoticed. */
function numberNote([label, names]: readonly [string, readonly string[]]): string {
  const shown = names.slice(0, shownNames).map((name, index) => `${index} = ${JSON.stringify(name)}`);
  const more = names.length > shown.length ? `, … ${names.length} classes in all` : "";
  return `labels "${label}" are numbers, taken as ${shown.join(", ")}${more}`;
}

type Parts = Pick<RawData, "features" | "validation"> & { readonly labels: RawDataset["labels"] | undefined };

async function convert(
  file: string,
  { features, labels, validation }: Parts,
  converting: { readonly shapes: DataShapes | undefined; readonly signal: AbortSignal | undefined },
): Promise<ConvertedDataset & { readonly validation?: Dataset }> {
  if (features === undefined) throw dataError("DATA_ARRAY_MISSING", `"${file}" has no features`);
  if (labels === undefined) {
    const hint = "name the file of the labels";
    throw dataError("DATA_LABELS_MISSING", `"${file}" has features but no labels`, { hint });
  }
  const problems = new ProblemList();
  const train = await convertColumns({ features, labels }, converting, problems);
  const held = validation === undefined ? undefined : await convertColumns(validation, converting, problems);
  problems.throwIfAny();
  return held === undefined ? train : { ...train, validation: { features: held.features, labels: held.labels } };
}
