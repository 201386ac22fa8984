import { createHash, type Hash } from "node:crypto";
import { basename } from "node:path";
import { isStored, type StoredColumn } from "../data/stored-column.js";
import type { Column, DataColumns, NDArray } from "../data/types.js";

/** The rows of one kind: how many, and the sha-256 of each column, by `features/NAME` or `labels/NAME`. */
export interface RowsRecord {
  readonly rows: number;
  readonly columns: Readonly<Record<string, string>>;
}

/** Which rows a run learns from and validates with: the same columns have the same sums, wherever they came from. */
export interface DataRecord {
  readonly training: RowsRecord;
  readonly validation?: RowsRecord | undefined;
}

/** Rows as workers read them: prepared and split. */
export interface FingerprintedRows {
  readonly features: DataColumns;
  readonly labels: DataColumns;
}

/** Columns up to this many bytes are hashed whole: a quarter of a second at 1 GB/s. */
const wholeBytes = 256 * 2 ** 20;
/** Of a larger one so many pieces, evenly spaced, the first and the last among them: 64 MiB. */
const pieces = 4096;
const pieceBytes = 16 * 2 ** 10;

/** Says what rows there are. Cheap: of very large columns a sample is hashed. */
export function fingerprintRows(rows: number, { features, labels }: FingerprintedRows): RowsRecord {
  const columns = Object.entries({ features, labels }).flatMap(([kind, arrays]) =>
    Object.entries(arrays).map(([name, column]): [string, string] => [`${kind}/${name}`, fingerprint(column)]),
  );
  return { rows, columns: Object.fromEntries(columns.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function fingerprint(column: Column): string {
  return isStored(column) ? storedFingerprint(column) : arrayFingerprint(column);
}

function arrayFingerprint({ shape, data }: NDArray): string {
  const hash = createHash("sha256").update(`${data.constructor.name} ${shape.join("×")}\n`);
  return hashBytes(hash, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest("hex");
}

/** What is stored, which rows of it, and what is done to them. Of rows that stay in their file, the file as it was opened. */
function storedFingerprint({ shape, dtype, taken, steps, source, column, stored }: StoredColumn): string {
  const about = { shape, dtype, steps: steps ?? {}, column, stored };
  const hash = createHash("sha256").update(`${JSON.stringify(about)}\n`);
  if (taken !== undefined) hashBytes(hash, new Uint8Array(taken.buffer, taken.byteOffset, taken.byteLength));
  if (source.kind === "memory") {
    const held = source.columns[column];
    return held === undefined ? hash.digest("hex") : hashBytes(hash, new Uint8Array(held.buffer)).digest("hex");
  }
  // The same file in another folder is the same file.
  const plain = JSON.stringify(source, (key, value: unknown) => (key === "file" ? basename(String(value)) : value));
  return hash.update(plain).digest("hex");
}

function hashBytes(hash: Hash, bytes: Uint8Array): Hash {
  if (bytes.length <= wholeBytes) return hash.update(bytes);
  const last = bytes.length - pieceBytes;
  for (let piece = 0; piece < pieces; piece++) {
    const start = Math.floor((last * piece) / (pieces - 1));
    hash.update(bytes.subarray(start, start + pieceBytes));
  }
  return hash;
}
