import { open } from "node:fs/promises";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { isBaseError } from "../../errors.js";
import { sizeOf } from "../../shape.js";
import { dataError, ProblemList } from "../problem-list.js";
import type { RawArray } from "../raw-array.js";
import { checkMemory, type DataSource } from "../source.js";
import { columnTitle, labelColumn } from "./csv-columns.js";
import { labelsFromCells } from "./csv-labels.js";
import { column, type DataFormat, type DataRequest, type RawColumns, type RawData } from "./format.js";
import { findAll } from "./npz-names.js";

/**
 * Apache Parquet. A column that is named for an input is that input: numbers, or lists of one length as tensors. An only
 * input without such a column is all columns of numbers beside the label's, as in a text table.
 */
export const parquet: DataFormat = {
  description: "Parquet (.parquet), a column for each input and label, or of numbers and a label as in a table",
  extensions: [".parquet"],
  named: true,
  hasColumns: true,
  recognises: (head) => Buffer.from(head.subarray(0, 4)).toString("latin1") === "PAR1",
  read: async (source, request) => {
    const { file } = source;
    if (source.gzipped) throw dataError("DATA_ARRAY_UNSUPPORTED", `"${file}" is compressed, expected it as it is`);
    const handle = await open(file, "r");
    try {
      const buffer: AsyncBuffer = {
        byteLength: source.size,
        slice: async (start, end = source.size) => {
          source.context.signal?.throwIfAborted();
          const length = Math.max(0, Math.min(end, source.size) - start);
          const bytes = new Uint8Array(length);
          await handle.read(bytes, 0, length, start);
          return bytes.buffer;
        },
      };
      const data = await readTable({ source, buffer, metadata: await parquetMetadataAsync(buffer) }, request);
      source.context.onProgress?.({ file, bytes: source.size, total: source.size });
      return data;
    } catch (error) {
      if (isBaseError(error) || source.context.signal?.aborted === true) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw dataError("DATA_FILE_DAMAGED", `"${file}" cannot be read as Parquet: ${reason}`);
    } finally {
      await handle.close();
    }
  },
};

interface Table {
  readonly source: DataSource;
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
}

async function readTable(table: Table, request: DataRequest): Promise<RawData> {
  const { file } = table.source;
  const names = parquetSchema(table.metadata).children.map(({ element }) => element.name);
  const rows = Number(table.metadata.num_rows);
  if (rows === 0 || names.length === 0) throw dataError("DATA_EMPTY", `"${file}" has no rows`);
  const problems = new ProblemList();
  const reader = new ColumnReader(table, rows, problems);
  const notes: string[] = [];
  const features =
    request.want === "labels" ? undefined : findAll({ file, names }, "features", request, new ProblemList());
  const isNamed = features !== undefined && Object.keys(features).length === request.features.length;
  const label = request.want === "features" ? undefined : labelOf({ file, names, request, notes });
  const labels = label === undefined ? undefined : await labelsOf(reader, { label, file, request, problems });
  let columns: RawColumns | undefined;
  if (isNamed) {
    const entries: [string, RawColumns[string]][] = [];
    for (const [name, from] of Object.entries(features)) {
      const array = await reader.numbers([from]);
      entries.push(...Object.entries(column([{ name }], array)));
    }
    columns = Object.fromEntries(entries);
  } else if (request.want !== "labels") {
    if (request.features.length > 1) findAll({ file, names }, "features", request, problems);
    const rest = names.filter((name) => name !== label);
    if (rest.length === 0) problems.add("DATA_EMPTY", `"${file}" has one column, expected features beside the label`);
    problems.throwIfAny();
    columns = column(request.features, await reader.numbers(rest));
  }
  problems.throwIfAny();
  const classNames = labels?.classNames;
  return {
    ...(columns && { features: columns }),
    ...(labels && { labels: column(request.labels, labels.array) }),
    ...(classNames && { classNames }),
    notes: [...notes, ...(labels?.notes ?? [])],
  };
}

interface Labelling {
  readonly file: string;
  readonly names: readonly string[];
  readonly request: DataRequest;
  readonly notes: string[];
}

/** The label's column: the one that is named, or as in a text table. */
function labelOf({ file, names, request, notes }: Labelling): string | undefined {
  const [wish] = request.labels;
  for (const wanted of [wish?.array, wish?.name]) if (wanted !== undefined && names.includes(wanted)) return wanted;
  const { label, note } = labelColumn(file, { count: names.length, names, request });
  if (note !== undefined) notes.push(note);
  return label === undefined ? undefined : names[label];
}

interface LabelPlace {
  readonly label: string;
  readonly file: string;
  readonly request: DataRequest;
  readonly problems: ProblemList;
}

/** Numbers as they are; words become class numbers. */
async function labelsOf(reader: ColumnReader, { label, file, request, problems }: LabelPlace) {
  const cells = await reader.values(label);
  if (typeof cells[0] !== "string")
    return { array: reader.arrayOf([label], [cells]), notes: [], classNames: undefined };
  const texts = cells.map((cell, row) => ({ text: typeof cell === "string" ? cell : "", line: row + 1 }));
  const known = request.labels[0]?.classNames;
  return labelsFromCells(texts, { column: columnTitle(0, [label]), file, known }, problems);
}

class ColumnReader {
  readonly #table: Table;
  readonly #rows: number;
  readonly #problems: ProblemList;

  constructor(table: Table, rows: number, problems: ProblemList) {
    this.#table = table;
    this.#rows = rows;
    this.#problems = problems;
  }

  async numbers(names: readonly string[]): Promise<RawArray> {
    const columns: unknown[][] = [];
    for (const name of names) columns.push(await this.values(name));
    return this.arrayOf(names, columns);
  }

  /** The values of a column, a row group at a time. */
  async values(name: string): Promise<unknown[]> {
    const { buffer, metadata } = this.#table;
    const rows = this.#rows;
    // Eight bytes a value at least; a header may claim any number of rows.
    checkMemory(rows * 8, `column "${name}" of "${this.#table.source.file}"`);
    const values: unknown[] = [];
    await parquetRead({
      ...{ file: buffer, metadata, compressors, columns: [name] },
      onChunk: ({ columnData, rowStart }) => {
        for (let index = 0; index < columnData.length; index++) values[rowStart + index] = columnData[index];
      },
    });
    if (values.length !== rows) throw new Error(`column "${name}" has ${values.length} rows, expected ${rows}`);
    return values;
  }

  /** Columns side by side as one array; a list is as many values as all rows of its column have. */
  arrayOf(names: readonly string[], columns: readonly unknown[][]): RawArray {
    const { file } = this.#table.source;
    const rows = this.#rows;
    const shapes = columns.map((values) => shapeOf(values[0]));
    const [only = []] = shapes;
    const widths = shapes.map(sizeOf);
    const width = widths.reduce((sum, each) => sum + each, 0);
    checkMemory(rows * width * 8, `"${file}"`);
    const values = new Float64Array(rows * width);
    for (let index = 0, start = 0; index < columns.length; start += widths[index] ?? 0, index++) {
      const expected = shapes[index] ?? [];
      for (let row = 0; row < rows; row++) {
        const flat = [columns[index]?.[row]].flat(Number.POSITIVE_INFINITY);
        const bad = flat.find((value) => !isNumber(value));
        if (flat.length !== widths[index] || shapeOf(columns[index]?.[row]).join() !== expected.join()) {
          const found = `row ${row} of column "${names[index]}" has shape [${shapeOf(columns[index]?.[row]).join(",")}]`;
          this.#problems.add("DATA_SHAPE_MISMATCH", `${found}, expected [${expected.join(",")}] as the first row`);
        } else if (flat.some((value) => !isNumber(value))) {
          const found = bad === null || bad === undefined ? "empty" : JSON.stringify(String(bad).slice(0, 40));
          const message = `row ${row} of column "${names[index]}" is ${found}, expected a number`;
          this.#problems.add("DATA_CELL_INVALID", message, { at: { file } });
        } else for (const [at, value] of flat.entries()) values[row * width + start + at] = Number(value);
      }
    }
    const title = names.length === 1 ? `column "${names[0]}" of "${file}"` : `"${file}"`;
    const shape = names.length === 1 ? [rows, ...only] : [rows, width];
    return { title, file, shape, values };
  }
}

const isNumber = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";

/** The lengths of nested lists, by the first of each. */
function shapeOf(value: unknown): readonly number[] {
  return Array.isArray(value) || ArrayBuffer.isView(value)
    ? [(value as unknown[]).length, ...shapeOf((value as unknown[])[0])]
    : [];
}
