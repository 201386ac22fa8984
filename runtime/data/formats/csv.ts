import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { dataError, ProblemList } from "../problem-list.js";
import type { RawArray } from "../raw-array.js";
import { checkMemory, type DataSource } from "../source.js";
import { type Columns, cellNumber, columnTitle, decideColumns } from "./csv-columns.js";
import { labelsFromCells } from "./csv-labels.js";
import { column, type DataFormat, type DataRequest, type RawData } from "./format.js";

const delimiters = [",", ";", "\t"] as const;
/** Characters of one line: room for a 224×224 colour image, but not for a whole file after a forgotten quote. */
const maxLine = 1 << 24;

interface Line {
  readonly cells: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

/** Comma-, semicolon- or tab-separated numbers, one row a line, labels in one of the columns; read as a stream. */
export const csv: DataFormat = {
  description: "text table (.csv, .tsv), labels in a column",
  extensions: [".csv", ".tsv", ".txt"],
  hasColumns: true,
  recognises: (head) => !head.includes(0) && delimiters.some((delimiter) => firstLine(head).includes(delimiter)),
  read: readCsv,
};

async function readCsv(source: DataSource, request: DataRequest): Promise<RawData> {
  const { file } = source;
  const lines = linesOf(source);
  const [first, second] = [await next(lines), await next(lines)];
  if (first === undefined) throw dataError("DATA_EMPTY", `"${file}" has no lines`);
  const columns = decideColumns(file, [first.cells, second?.cells], request);
  const table = new Table(file, columns, request);
  if (columns.names === undefined) table.add(first);
  if (second !== undefined) table.add(second);
  for await (const line of lines) table.add(line);
  return table.finish();
}

/** Collects rows; bad cells are reported with their line, all at once. */
class Table {
  readonly #file: string;
  readonly #columns: Columns;
  readonly #request: DataRequest;
  readonly #problems = new ProblemList();
  readonly #labels: Line[] = [];
  /** Columns without a number so far: they are one problem each where none comes. */
  readonly #words = new Map<number, { readonly cell: string; readonly line: number }[]>();
  /** Whole numbers are kept as they are written; others are rounded to float32. */
  readonly #whole: boolean;
  #values: Float32Array | Float64Array;
  #length = 0;
  #rows = 0;

  constructor(file: string, columns: Columns, request: DataRequest) {
    this.#file = file;
    this.#columns = columns;
    this.#request = request;
    this.#whole = request.features.some(({ whole }) => whole === true);
    this.#values = this.#room(1024);
  }

  #room(length: number): Float32Array | Float64Array {
    return this.#whole ? new Float64Array(length) : new Float32Array(length);
  }

  add({ cells, line }: Line): void {
    const { count, label } = this.#columns;
    if (cells.length !== count) {
      this.#problem(line, `found ${cells.length} cells, expected ${count} as in the first line`);
      return;
    }
    this.#rows += 1;
    if (this.#request.want !== "labels") this.#addFeatures(cells, line);
    if (label !== undefined) this.#labels.push({ cells: [cells[label] ?? ""], line });
  }

  #addFeatures(cells: readonly string[], line: number): void {
    if (this.#length + cells.length > this.#values.length) this.#grow();
    for (let index = 0; index < cells.length; index++) {
      if (index === this.#columns.label) continue;
      const cell = cells[index] ?? "";
      // Rounded to float32 first: what overflows there is as useless as Infinity.
      const value = this.#whole ? cellNumber(cell) : Math.fround(cellNumber(cell));
      if (!Number.isFinite(value)) this.#badCell(index, cell, line);
      else if (this.#words.size > 0) this.#reportCells(index);
      this.#values[this.#length] = value;
      this.#length += 1;
    }
  }

  #badCell(index: number, cell: string, line: number): void {
    const before = this.#rows === 1 ? [] : this.#words.get(index);
    if (before === undefined) this.#reportCell(index, cell, line);
    else this.#words.set(index, before).get(index)?.push({ cell, line });
  }

  /** The cells of a column that has numbers after all, each for itself. */
  #reportCells(index: number): void {
    for (const { cell, line } of this.#words.get(index) ?? []) this.#reportCell(index, cell, line);
    this.#words.delete(index);
  }

  #reportWords(): void {
    for (const [index, [first, ...more]] of this.#words) {
      if (first === undefined || more.length === 0) this.#reportCells(index);
      else {
        const title = columnTitle(index, this.#columns.names);
        const found = `holds no number in any of ${more.length + 1} rows, the first is ${JSON.stringify(first.cell)}`;
        this.#problem(first.line, `column ${title} ${found}, expected finite numbers`);
      }
    }
  }

  #reportCell(index: number, cell: string, line: number): void {
    const found = cell.trim() === "" ? "is empty" : `is ${JSON.stringify(cell.slice(0, 40))}`;
    this.#problem(line, `column ${columnTitle(index, this.#columns.names)} ${found}, expected a finite number`);
  }

  #problem(line: number, message: string): void {
    this.#problems.add("DATA_CELL_INVALID", message, { at: { file: this.#file, line } });
  }

  #grow(): void {
    const length = Math.max(this.#values.length * 2, this.#length + this.#columns.count);
    checkMemory(length * this.#values.BYTES_PER_ELEMENT, `"${this.#file}"`);
    const grown = this.#room(length);
    grown.set(this.#values);
    this.#values = grown;
  }

  finish(): RawData {
    const { names, label, count, notes } = this.#columns;
    const file = this.#file;
    const title = `"${file}"`;
    this.#reportWords();
    if (this.#rows === 0 && this.#problems.count === 0) this.#problems.add("DATA_EMPTY", `${title} has no rows`);
    const width = label === undefined ? count : count - 1;
    if (width === 0 && this.#request.want !== "labels") {
      this.#problems.add("DATA_EMPTY", `${title} has one column, expected features beside the label`);
    }
    const cells = this.#labels.map(({ cells: [text = ""], line }) => ({ text, line }));
    const labels =
      label === undefined
        ? undefined
        : labelsFromCells(
            cells,
            { column: columnTitle(label, names), file, known: this.#request.labels[0]?.classNames },
            this.#problems,
          );
    this.#problems.throwIfAny();
    const values = this.#values.slice(0, this.#length);
    const features: RawArray = { title, file, shape: [this.#rows, width], values };
    return {
      ...(this.#request.want === "labels" ? {} : { features: column(this.#request.features, features) }),
      ...(labels === undefined ? {} : { labels: column(this.#request.labels, labels.array) }),
      ...(labels?.classNames === undefined ? {} : { classNames: labels.classNames }),
      notes: [...notes, ...(labels?.notes ?? [])],
    };
  }
}

async function* linesOf(source: DataSource): AsyncGenerator<Line> {
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(source.head),
    info: true,
    max_record_size: maxLine,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  pipeline(Readable.from(source.chunks()), parser, () => {});
  try {
    for await (const item of parser) {
      const { info, record } = item as { info: { lines: number }; record: readonly string[] };
      yield { cells: record, line: info.lines };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === "number" ? { line: error.lines } : {};
    const at = { file: source.file, ...line };
    throw dataError("DATA_FILE_DAMAGED", `the table cannot be read: ${error.message}`, { at });
  }
}

async function next(lines: AsyncGenerator<Line>): Promise<Line | undefined> {
  const { value, done } = await lines.next();
  return done === true ? undefined : value;
}

/** The delimiter that the first line has most of; a comma if it has none. */
function delimiterOf(head: Uint8Array): string {
  const line = firstLine(head);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length - 1);
  const most = Math.max(...counts);
  return delimiters[counts.indexOf(most)] ?? ",";
}

function firstLine(head: Uint8Array): string {
  const text = Buffer.from(head).toString("latin1");
  return /^\s*([^\r\n]*)/.exec(text)?.[1] ?? "";
}
