import { createHash } from "node:crypto";
import type { NDArray } from "../array.js";

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

/** Rows in memory, as workers read them: prepared and split. */
export interface FingerprintedRows {
  readonly features: Readonly<Record<string, NDArray>>;
  readonly labels: Readonly<Record<string, NDArray>>;
}

/** Columns up to this many bytes are hashed whole: a quarter of a second at 1 GB/s. */
const wholeBytes = 256 * 2 ** 20;
/** Of a larger one so many pieces, evenly spaced, the first and the last among them: 64 MiB. */
const pieces = 4096;
const pieceBytes = 16 * 2 ** 10;

/** Says what rows there are. Cheap: of very large columns a sample is hashed. */
export function fingerprintRows(rows: number, { features, labels }: FingerprintedRows): RowsRecord {
  const columns = Object.entries({ features, labels }).flatMap(([kind, arrays]) =>
    Object.entries(arrays).map(([name, array]): [string, string] => [`${kind}/${name}`, fingerprint(array)]),
  );
  return { rows, columns: Object.fromEntries(columns.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function fingerprint({ shape, data }: NDArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const hash = createHash("sha256").update(`${data.constructor.name} ${shape.join("×")}\n`);
  if (bytes.length <= wholeBytes) return hash.update(bytes).digest("hex");
  const last = bytes.length - pieceBytes;
  for (let piece = 0; piece < pieces; piece++) {
    const start = Math.floor((last * piece) / (pieces - 1));
    hash.update(bytes.subarray(start, start + pieceBytes));
  }
  return hash.digest("hex");
}
