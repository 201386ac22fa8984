import { dataError, ProblemList } from "../problem-list.js";
import type { RawArray } from "../raw-array.js";
import { checkMemory, type DataSource } from "../source.js";
import { type Columns, cellNumber, columnTitle, decideColumns } from "./csv-columns.js";
import { labelsFromCells } from "./csv-labels.js";
import { type CsvRow, RecordScanner } from "./csv-records.js";
import { column, type DataFormat, type DataRequest, type RawData } from "./format.js";

const delimiters = [",", ";", "\t"] as const;
interface LabelCell {
  readonly text: string;
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
  const scanner = new RecordScanner(file, delimiterOf(source.head).charCodeAt(0));
  const start = new TableStart(file, request);
  for await (const chunk of utf8(source.chunks())) {
    scanner.append(chunk);
    while (scanner.next(false)) start.add(scanner);
  }
  while (scanner.next(true)) start.add(scanner);
  return start.table().finish();
}

/** Waits for the second row, because the first two say what the columns are. */
class TableStart {
  readonly #file: string;
  readonly #request: DataRequest;
  #first: CsvRow | undefined;
  #table: Table | undefined;

  constructor(file: string, request: DataRequest) {
    this.#file = file;
    this.#request = request;
  }

  add(row: CsvRow): void {
    if (this.#table !== undefined) this.#table.add(row);
    else if (this.#first === undefined) this.#first = keptRow(row);
    else this.#begin(this.#first, row).add(row);
  }

  /** The table of all rows; throws DATA_EMPTY if there were none. */
  table(): Table {
    if (this.#table !== undefined) return this.#table;
    if (this.#first === undefined) throw dataError("DATA_EMPTY", `"${this.#file}" has no lines`);
    return this.#begin(this.#first, undefined);
  }

  #begin(first: CsvRow, second: CsvRow | undefined): Table {
    const columns = decideColumns(this.#file, [textsOf(first), second && textsOf(second)], this.#request);
    const table = new Table(this.#file, columns, this.#request);
    if (columns.names === undefined) table.add(first);
    this.#table = table;
    return table;
  }
}

function textsOf(row: CsvRow): readonly string[] {
  return Array.from({ length: row.count }, (_, index) => row.text(index));
}

/** A row that stays what it is when the scanner goes on. */
function keptRow(row: CsvRow): CsvRow {
  const { line, count } = row;
  const texts = textsOf(row);
  return { line, count, text: (index) => texts[index] ?? "", number: (index) => cellNumber(texts[index] ?? "") };
}

/** Collects rows; bad cells are reported with their line, all at once. */
class Table {
  readonly #file: string;
  readonly #columns: Columns;
  readonly #request: DataRequest;
  readonly #problems = new ProblemList();
  readonly #labels: LabelCell[] = [];
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

  add(row: CsvRow): void {
    const { count, label } = this.#columns;
    if (row.count !== count) {
      this.#problem(row.line, `found ${row.count} cells, expected ${count} as in the first line`);
      return;
    }
    this.#rows += 1;
    if (this.#request.want !== "labels") this.#addFeatures(row);
    if (label !== undefined) this.#labels.push({ text: row.text(label), line: row.line });
  }

  #addFeatures(row: CsvRow): void {
    const { count } = row;
    if (this.#length + count > this.#values.length) this.#grow();
    const { label } = this.#columns;
    const values = this.#values;
    let length = this.#length;
    for (let index = 0; index < count; index++) {
      if (index === label) continue;
      values[length] = row.number(index);
      // As it is kept: what overflows float32 is as useless as Infinity.
      if (!Number.isFinite(values[length])) this.#badCell(index, row.text(index), row.line);
      else if (this.#words.size > 0) this.#reportCells(index);
      length += 1;
    }
    this.#length = length;
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
    const labels =
      label === undefined
        ? undefined
        : labelsFromCells(
            this.#labels,
            { column: columnTitle(label, names), file, known: this.#request.labels[0]?.classNames },
            this.#problems,
          );
    this.#problems.throwIfAny();
    // A view: it is copied when it is converted.
    const values = this.#values.subarray(0, this.#length);
    const features: RawArray = { title, file, shape: [this.#rows, width], values };
    return {
      ...(this.#request.want === "labels" ? {} : { features: column(this.#request.features, features) }),
      ...(labels === undefined ? {} : { labels: column(this.#request.labels, labels.array) }),
      ...(labels?.classNames === undefined ? {} : { classNames: labels.classNames }),
      notes: [...notes, ...(labels?.notes ?? [])],
    };
  }
}

/** UTF-8; a file that begins with the mark of UTF-16 (little-endian, as Windows writes it) is turned to it. */
async function* utf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let first = true;
  for await (const chunk of chunks) {
    if (first && chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new TextDecoder("utf-16le");
    const marked = first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    first = false;
    if (decoder !== undefined) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    else yield marked ? chunk.subarray(3) : chunk;
  }
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
