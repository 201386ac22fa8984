import { isStatic } from "../graph/lengths.js";
import { sizeOf } from "../shape.js";
import { convertFeatures, convertIntegers } from "./features.js";
import type { RawColumns } from "./formats/format.js";
import { type ConvertedLabels, convertLabels } from "./labels.js";
import type { ProblemList } from "./problem-list.js";
import type { RawArray } from "./raw-array.js";
import type { DataShapes, LabelShape } from "./shapes.js";
import type { Dataset, NDArray } from "./types.js";

export interface RawDataset {
  readonly features: RawColumns;
  readonly labels: RawColumns;
}

export interface ConvertedDataset extends Dataset {
  readonly notes: readonly string[];
}

/** Checks the columns of a file and converts them to the types that the network takes; problems are added, not thrown. */
export function convertColumns(
  raw: RawDataset,
  shapes: DataShapes | undefined,
  problems: ProblemList,
): ConvertedDataset {
  checkRowCounts([...Object.values(raw.features), ...Object.values(raw.labels)], problems);
  const notes: string[] = [];
  const features = Object.entries(raw.features).map(([name, array]): [string, NDArray] => {
    const isFloat = (shapes?.inputs[name]?.dtype ?? "float32") === "float32";
    return [name, isFloat ? convertFeatures(array, problems) : convertIntegers(array, problems)];
  });
  const labels = Object.entries(raw.labels).map(([name, array]): [string, NDArray] => {
    const converted = convertLabel(array, shapes?.labels[name], problems);
    if (converted.note !== undefined) notes.push(converted.note);
    return [name, converted.labels];
  });
  return { features: Object.fromEntries(features), labels: Object.fromEntries(labels), notes };
}

/** Class numbers of many places a row, or targets of the right size, need no guess at what they are. */
function convertLabel(array: RawArray, wanted: LabelShape | undefined, problems: ProblemList): ConvertedLabels {
  if (wanted === undefined) return convertLabels(array, problems);
  const { dtype, shape } = wanted;
  if (dtype !== "float32") {
    return shape.length === 0 ? convertLabels(array, problems) : { labels: convertIntegers(array, problems) };
  }
  const sample = array.shape.slice(1);
  const fits = isStatic(shape) ? sizeOf(sample) === sizeOf(shape) : sample.length === shape.length;
  return fits ? { labels: convertFeatures(array, problems) } : convertLabels(array, problems);
}

/** All arrays need as many rows as the first. */
function checkRowCounts([first, ...others]: readonly RawArray[], problems: ProblemList): void {
  const [rows = 0] = first?.shape ?? [];
  for (const { title, shape } of others) {
    if (first === undefined || first.shape.length === 0 || shape.length === 0 || shape[0] === rows) continue;
    const message = `${first.title} has ${rows} rows, ${title} has ${shape[0]}, expected as many of each`;
    problems.add("DATA_ROWS_MISMATCH", message);
  }
}
