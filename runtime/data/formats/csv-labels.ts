import type { ProblemList } from "../problem-list.js";
import type { RawArray } from "../raw-array.js";
import { cellNumber } from "./csv-columns.js";

interface Cell {
  readonly text: string;
  readonly line: number;
}

interface CsvLabels {
  readonly array: RawArray;
  readonly classNames?: readonly string[];
  readonly notes: readonly string[];
}

interface LabelColumn {
  readonly column: string;
  readonly file: string;
  /** The words that there may be, in the order of their class numbers. */
  readonly known: readonly string[] | undefined;
}

/**
 * Label cells → numbers. Where most cells are words, the words are sorted (by code units, so that the order does not
 * depend on the machine's language) and become class numbers 0 … K − 1, or they are numbered as `known` has them. Where most are numbers, a word is a bad cell.
 */
export function labelsFromCells(
  cells: readonly Cell[],
  { column, file, known }: LabelColumn,
  problems: ProblemList,
): CsvLabels {
  const title = `label column ${column} of "${file}"`;
  const numbers = Float64Array.from(cells, ({ text }) => cellNumber(text));
  const numeric = numbers.reduce((count, number) => count + (Number.isFinite(number) ? 1 : 0), 0);
  // Names may be digits: what the known names are decides.
  const words = known === undefined ? numeric * 2 < cells.length : cells.some(({ text }) => known.includes(text));
  const isGood = (text: string, index: number): boolean => {
    if (!words) return Number.isFinite(numbers[index]);
    return text !== "" && (known === undefined || known.includes(text));
  };
  const expected = words ? `a class name${known === undefined ? "" : ` of ${listed(known)}`}` : "a finite number";
  for (const [index, { text, line }] of cells.entries()) {
    if (isGood(text, index)) continue;
    const found = text === "" ? "is empty" : `is ${JSON.stringify(text.slice(0, 40))}`;
    problems.add("DATA_CELL_INVALID", `label column ${column} ${found}, expected ${expected}`, { at: { file, line } });
  }
  const shape = [cells.length];
  if (!words) return { array: { title, file, shape, values: numbers }, notes: [] };
  const classNames = known ?? [...new Set(cells.map(({ text }) => text))].sort();
  const classes = new Map(classNames.map((name, index) => [name, index]));
  const values = Int32Array.from(cells, ({ text }) => classes.get(text) ?? -1);
  const shown = classNames.slice(0, 10).map((name, index) => `${index} = "${name}"`);
  const more = classNames.length > shown.length ? `, … ${classNames.length} classes in all` : "";
  return {
    array: { title, file, shape, values },
    classNames,
    notes: [`classes of "${file}": ${shown.join(", ")}${more}`],
  };
}

/** `"cat", "dog"`, the first ten. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(name));
  return `${shown.join(", ")}${names.length > shown.length ? ", …" : ""}`;
}
