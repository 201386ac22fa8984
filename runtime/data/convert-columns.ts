import { isStatic } from "../graph/lengths.js";
import { sizeOf } from "../shape.js";
import { floatColumn, integerColumn } from "./features.js";
import type { RawColumns } from "./formats/format.js";
import { type ConvertedLabels, convertLabels } from "./labels.js";
import type { ProblemList } from "./problem-list.js";
import type { DataShapes, LabelShape } from "./shapes.js";
import type { RawColumn } from "./stored-column.js";
import type { Column, Dataset } from "./types.js";

export interface RawDataset {
  readonly features: RawColumns;
  readonly labels: RawColumns;
}

export interface ConvertedDataset extends Dataset {
  readonly notes: readonly string[];
}

interface Converting {
  /** What a network takes, where it is known. */
  readonly shapes: DataShapes | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Checks the columns of a file and decides the types that their batches have. All values are looked at once, where their
 * type leaves anything open, and stay as they are stored. Problems are added, not thrown.
 */
export async function convertColumns(
  raw: RawDataset,
  { shapes, signal }: Converting,
  problems: ProblemList,
): Promise<ConvertedDataset> {
  checkRowCounts([...Object.values(raw.features), ...Object.values(raw.labels)], problems);
  const notes: string[] = [];
  const features: [string, Column][] = [];
  for (const [name, column] of Object.entries(raw.features)) {
    const isFloat = (shapes?.inputs[name]?.dtype ?? "float32") === "float32";
    const convert = isFloat ? floatColumn : integerColumn;
    features.push([name, await convert(column, problems, signal)]);
  }
  const labels: [string, Column][] = [];
  for (const [name, column] of Object.entries(raw.labels)) {
    const converted = await convertLabel(column, { wanted: shapes?.labels[name], signal }, problems);
    if (converted.note !== undefined) notes.push(converted.note);
    labels.push([name, converted.labels]);
  }
  return { features: Object.fromEntries(features), labels: Object.fromEntries(labels), notes };
}

/** Class numbers of many places a row, or targets of the right size, need no guess at what they are. */
async function convertLabel(
  column: RawColumn,
  { wanted, signal }: { readonly wanted: LabelShape | undefined; readonly signal: AbortSignal | undefined },
  problems: ProblemList,
): Promise<ConvertedLabels> {
  if (wanted === undefined) return convertLabels(column, problems, signal);
  const { dtype, shape } = wanted;
  if (dtype !== "float32") {
    return shape.length === 0
      ? convertLabels(column, problems, signal)
      : { labels: await integerColumn(column, problems, signal) };
  }
  const sample = column.shape.slice(1);
  const fits = isStatic(shape) ? sizeOf(sample) === sizeOf(shape) : sample.length === shape.length;
  return fits ? { labels: await floatColumn(column, problems, signal) } : convertLabels(column, problems, signal);
}

/** All columns need as many rows as the first. */
function checkRowCounts([first, ...others]: readonly RawColumn[], problems: ProblemList): void {
  const [rows = 0] = first?.shape ?? [];
  for (const { title, shape } of others) {
    if (first === undefined || first.shape.length === 0 || shape.length === 0 || shape[0] === rows) continue;
    const message = `${first.title} has ${rows} rows, ${title} has ${shape[0]}, expected as many of each`;
    problems.add("DATA_ROWS_MISMATCH", message);
  }
}
