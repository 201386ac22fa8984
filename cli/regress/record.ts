import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { isRecord } from "../../runtime/json.js";
import { requireRegularFile } from "../../runtime/regular-file.js";

/** A column of the rows that a model learned from. */
export interface ColumnRecord {
  readonly shape: readonly number[];
  /** √Σx². */
  readonly norm: number;
}

/** How the weights of a variable moved from where they started: the length of the step, and some of its elements. */
export interface ChangeRecord {
  /** √Σ(w − w₀)². */
  readonly norm: number;
  /** w − w₀ at `samples` places, evenly spaced over the flat array. */
  readonly values: readonly number[];
}

export interface VariableRecord {
  readonly shape: readonly number[];
  /** √Σw₀², before any update. */
  readonly start: number;
  /** After the first update: its gradients. */
  readonly first: ChangeRecord;
  /** After the last one. */
  readonly last: ChangeRecord;
}

/** Figures by name; null is one that is not finite. */
export type Figures = Readonly<Record<string, number | null>>;

/** What the training of a model came to. */
export interface TrainingRecord {
  /** The data file from the folder, or "synthetic": made from the seed. */
  readonly rows: string;
  readonly settings: { readonly steps: number; readonly k: number; readonly batchsize: number; readonly seed: number };
  readonly columns: Readonly<Record<string, ColumnRecord>>;
  /** Losses and metrics of each update, before it; those of validation, on the same rows, after it. */
  readonly updates: readonly Figures[];
  readonly weights: Readonly<Record<string, VariableRecord>>;
}

/** The stored record of a model: `record.json`, beside the files of its packages. */
export interface RegressRecord {
  readonly format: 1;
  /** The files that the model consists of, from the folder. */
  readonly files: readonly string[];
  /** Absent where there is nothing to train. */
  readonly training?: TrainingRecord;
}

/** Where the records of a folder are. */
export function recordFolder(directory: string): string {
  return join(directory, ".regress");
}

/** `DIR/.regress/lenet/lenet_solver.prototxt/record.json` */
export function recordPath(directory: string, name: string): string {
  return join(recordFolder(directory), name, "record.json");
}

/** The names of the models that have a record, sorted. */
export function storedNames(directory: string): readonly string[] {
  const folder = recordFolder(directory);
  if (!existsSync(folder)) return [];
  const walk = (below: string): readonly string[] =>
    readdirSync(below, { withFileTypes: true }).flatMap((entry) => {
      if (!entry.isDirectory())
        return entry.name === "record.json" ? [relative(folder, below).split(sep).join("/")] : [];
      return walk(join(below, entry.name));
    });
  return walk(folder).toSorted();
}

/** Whether a record that was read has its parts: others may have merged or edited it. */
function isWhole({ files, training }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(files) || !files.every((file) => typeof file === "string")) return false;
  if (training === undefined) return true;
  if (!isRecord(training) || !Array.isArray(training.updates)) return false;
  const { settings, columns, weights } = training;
  const isChange = (value: unknown): boolean => isRecord(value) && Array.isArray(value.values);
  return (
    [settings, columns, weights].every(isRecord) &&
    Object.values(columns as object).every((column) => isRecord(column) && Array.isArray(column.shape)) &&
    Object.values(weights as object).every((each) => isRecord(each) && isChange(each.first) && isChange(each.last))
  );
}

/** A stored record; a text where it cannot be used, which says why; undefined where there is none. */
export function readRecord(directory: string, name: string): RegressRecord | string | undefined {
  const file = recordPath(directory, name);
  if (!existsSync(file)) return undefined;
  try {
    requireRegularFile(file);
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!isRecord(found) || found.format !== 1 || !isWhole(found)) return "it is no whole record of format 1";
    return found as unknown as RegressRecord;
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A record as it is stored: indented, with lists of numbers on one line. */
export function formatRecord(record: RegressRecord): string {
  const text = JSON.stringify(record, null, 2);
  const lists = text.replace(/\[\n\s+([-+\de.,\s]+?)\n\s*\]/g, (_, list: string) => `[${list.replace(/\s+/g, " ")}]`);
  return `${lists}\n`;
}

/** The files of a stored package by path; none where there is none. */
export function readStoredFiles(directory: string, name: string, target: string): ReadonlyMap<string, Uint8Array> {
  const folder = join(recordFolder(directory), name, target);
  if (!existsSync(folder)) return new Map();
  return new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(folder, path)).isFile())
      .toSorted()
      .map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path))]),
  );
}
