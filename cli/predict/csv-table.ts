import type { NDArray } from "../../runtime/array.js";
import type { TrainedResult } from "../../runtime/results/index.js";
import type { Predictions } from "./predict-rows.js";
import { holdsScores, namesFor, topClasses } from "./top-classes.js";

interface Column {
  readonly title: string;
  cell(row: number): string;
}

/** Rows of one piece of the text: pieces keep it from becoming one huge string. */
const pieceRows = 1000;

/**
 * A line a row: its number, then the values of each output, `prob_0`, `prob_cat`; with `top` the best classes of an output
 * with scores and their scores in place of all.
 */
export function csvTable(result: TrainedResult, outputs: Predictions, top: number | undefined): readonly Uint8Array[] {
  const columns = [...outputs].flatMap(([name, output]) => {
    const names = namesFor(result, output);
    return top !== undefined && holdsScores(output)
      ? topColumns(name, output, { top, names })
      : valueColumns(name, output, names);
  });
  const [first] = outputs.values();
  const rows = first?.shape[0] ?? 0;
  const encoder = new TextEncoder();
  const pieces = [encoder.encode(`${["row", ...columns.map(({ title }) => quoted(title))].join(",")}\n`)];
  for (let start = 0; start < rows; start += pieceRows) {
    const lines = Array.from({ length: Math.min(pieceRows, rows - start) }, (_, index) => {
      return `${[start + index, ...columns.map(({ cell }) => cell(start + index))].join(",")}\n`;
    });
    pieces.push(encoder.encode(lines.join("")));
  }
  return pieces;
}

function valueColumns(name: string, { shape, data }: NDArray, names: readonly string[] | undefined): readonly Column[] {
  const width = data.length / (shape[0] ?? 1);
  const title = (index: number) => (shape.length === 1 ? name : `${name}_${names?.[index] ?? index}`);
  return Array.from({ length: width }, (_, index) => {
    return { title: title(index), cell: (row) => formatNumber(data[row * width + index] ?? 0) };
  });
}

function topColumns(
  name: string,
  output: NDArray,
  { top, names }: { readonly top: number; readonly names: readonly string[] | undefined },
): readonly Column[] {
  const { classes, scores } = topClasses(output, top);
  const [, n = 0] = classes.shape;
  return Array.from({ length: n }, (_, place) => place).flatMap((place): readonly Column[] => {
    const best = (row: number) => classes.data[row * n + place] ?? 0;
    return [
      { title: `${name}_class_${place + 1}`, cell: (row) => quoted(names?.[best(row)] ?? String(best(row))) },
      { title: `${name}_score_${place + 1}`, cell: (row) => formatNumber(scores.data[row * n + place] ?? 0) },
    ];
  });
}

/** The shortest text that reads back as the same float32; whole numbers as they are. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}

/** A cell as RFC 4180 has it. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
