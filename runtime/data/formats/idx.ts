import { access } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sizeOf } from "../../shape.js";
import { type ElementName, elementTypes } from "../elements.js";
import { dataError } from "../problem-list.js";
import { type DataSource, deflateRatio, openSource } from "../source.js";
import type { RawColumn } from "../stored-column.js";
import { column, type DataFormat, type DataRequest, type RawData } from "./format.js";
import { type ArrayHeader, goesOn, storeArray } from "./store-array.js";
import { wholeFile } from "./whole-file.js";

/** The third byte of an IDX file (Y. LeCun, "The MNIST database", file formats); all numbers are big-endian. */
const typeCodes: Readonly<Record<number, ElementName>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};
const maxRank = 8;

/** MNIST's format: one array a file, plain or gzipped. The labels file is found beside the images by its name. */
export const idx: DataFormat = {
  description: "IDX (MNIST), plain or .gz; labels beside the images or in a second file",
  extensions: [".idx", "-ubyte", ".idx3", ".idx1"],
  recognises: ([zero, also, type, rank]) =>
    zero === 0 &&
    also === 0 &&
    type !== undefined &&
    type in typeCodes &&
    rank !== undefined &&
    rank > 0 &&
    rank <= maxRank,
  read: async (source, request) => {
    const array = await readIdx(source);
    if (request.want === "labels") return { labels: column(request.labels, array), notes: [] };
    if (request.want === "features") return { features: column(request.features, array), notes: [] };
    return withSibling(source, array, request);
  },
};

/** Reads one IDX file. */
function readIdx(source: DataSource): Promise<RawColumn> {
  return storeArray(wholeFile(source), 4 + 4 * maxRank, (head) => readIdxHeader(head, source));
}

/** The size that a header claims is checked against the file before the data are read. */
function readIdxHeader(head: Uint8Array, { file, size, gzipped }: DataSource): ArrayHeader {
  const title = `"${file}"`;
  const dtype = typeCodes[head[2] ?? 0];
  const rank = head[3] ?? 0;
  if (head[0] !== 0 || head[1] !== 0 || dtype === undefined || rank === 0 || rank > maxRank) {
    throw damaged(title, "does not begin as an IDX file does (two zero bytes, a type, a number of dimensions)");
  }
  const offset = 4 + 4 * rank;
  if (head.length < offset) throw damaged(title, `ends inside its header of ${offset} bytes`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const length = sizeOf(shape) * elementTypes[dtype].bytes;
  const claim = `shape [${shape.join(",")}] of ${elementTypes[dtype].code} needs ${offset + length} bytes`;
  const possible = gzipped ? size * deflateRatio : size;
  if (offset + length > possible) throw damaged(title, `ends early: ${claim}, found at most ${possible}`);
  if (!gzipped && size > offset + length) throw damaged(title, goesOn(offset + length));
  return { shape, dtype, bigEndian: true, fortran: false, offset, length };
}

async function withSibling(source: DataSource, features: RawColumn, request: DataRequest): Promise<RawData> {
  const candidates = siblingNames(source.file);
  for (const candidate of candidates) {
    if (!(await exists(candidate))) continue;
    const sibling = await openSource(candidate, source.context);
    const { labels } = await idx.read(sibling, { ...request, want: "labels" });
    if (labels !== undefined)
      return { features: column(request.features, features), labels, notes: [`labels are read from "${candidate}"`] };
  }
  const looked = candidates.length === 0 ? "" : `; looked for ${candidates.map((each) => `"${each}"`).join(", ")}`;
  throw dataError("DATA_LABELS_MISSING", `"${source.file}" holds one array and no labels were named${looked}`, {
    hint: "name the file of the labels",
  });
}

/** `train-images-idx3-ubyte.gz` → `train-labels-idx1-ubyte.gz`, and the same without or with `.gz`. */
function siblingNames(file: string): readonly string[] {
  const name = basename(file);
  if (!name.includes("images")) return [];
  const sibling = name.replace("images", "labels").replace(/idx\d/, "idx1");
  const other = sibling.endsWith(".gz") ? sibling.slice(0, -3) : `${sibling}.gz`;
  return [sibling, other].map((each) => join(dirname(file), each));
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function damaged(title: string, text: string) {
  return dataError("DATA_FILE_DAMAGED", `${title} ${text}`);
}
