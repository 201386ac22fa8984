import { dataError } from "../problem-list.js";
import type { DataRequest } from "./format.js";

/** Column names that mean the labels; case does not matter. */
const labelNames = ["label", "labels", "class", "target", "y"];

/** What the columns of a table are. Indices count from 0. */
export interface Columns {
  readonly count: number;
  /** Where the first line is a header. */
  readonly names: readonly string[] | undefined;
  readonly label: number | undefined;
  readonly notes: readonly string[];
}

/** A cell's number; NaN for an empty cell or text. Unlike `Number("")`, nothing is not zero. */
export function cellNumber(cell: string): number {
  const text = cell.trim();
  return text === "" ? Number.NaN : Number(text);
}

const isText = (cell: string): boolean => cell.trim() !== "" && Number.isNaN(cellNumber(cell));

/**
 * Decides from the first two lines. The first line is a header if every cell is text, if a cell is one of the known
 * label names, or if a cell is text where the second line has a number.
 */
export function decideColumns(
  file: string,
  [first, second]: readonly [first: readonly string[], second: readonly string[] | undefined],
  request: DataRequest,
): Columns {
  const named = first.some((cell) => labelNames.includes(cell.trim().toLowerCase()));
  const contrast = first.some((cell, index) => isText(cell) && !Number.isNaN(cellNumber(second?.[index] ?? "")));
  const header = named || contrast || first.every(isText);
  const names = header ? first.map((cell) => cell.trim()) : undefined;
  const { label, note } = labelColumn(file, { count: first.length, names, request });
  return { count: first.length, names, label, notes: note === undefined ? [] : [note] };
}

interface Choice {
  readonly count: number;
  readonly names: readonly string[] | undefined;
  readonly request: DataRequest;
}

export function labelColumn(
  file: string,
  { count, names, request }: Choice,
): { label: number | undefined; note?: string } {
  const wanted = request.labelColumn;
  if (wanted !== undefined) return { label: givenColumn(file, wanted, { count, names, request }) };
  if (request.want === "features") return { label: undefined };
  for (const name of labelNames) {
    const label = names?.findIndex((each) => each.toLowerCase() === name) ?? -1;
    if (label >= 0) return { label, note: `labels of "${file}" are column ${columnTitle(label, names)}` };
  }
  const label = count - 1;
  return { label, note: `labels of "${file}" are its last column, ${columnTitle(label, names)}` };
}

function givenColumn(file: string, wanted: string | number, { count, names }: Choice): number {
  const byName = typeof wanted === "string" ? (names?.indexOf(wanted) ?? -1) : -1;
  if (byName >= 0) return byName;
  const index = Number(wanted) - 1;
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  const known = names === undefined ? "" : `: ${names.map((name) => `"${name}"`).join(", ")}`;
  const found = `label column ${JSON.stringify(wanted)} is not in "${file}"`;
  throw dataError("DATA_ARRAY_MISSING", `${found}, which has ${count} columns${known}`);
}

/** `3 ("height")`, counted from 1. */
export function columnTitle(index: number, names: readonly string[] | undefined): string {
  const name = names?.[index];
  return name === undefined || name === "" ? `${index + 1}` : `${index + 1} ("${name}")`;
}
