import { sizeOf } from "../../shape.js";
import { elementTypes } from "../elements.js";
import { memoryColumn } from "../memory-column.js";
import { checkMemory, type DataSource } from "../source.js";
import type { SourceDescription } from "../sources/index.js";
import { onlyColumn, type RowBytes } from "../sources/row-bytes.js";
import type { RawColumn } from "../stored-column.js";

/** Arrays of more bytes than this stay in their file. */
const mostInMemory = 2 ** 30;
/** Bytes that are read at a time: a signal is heard and progress is told in between. */
const pieceBytes = 1 << 22;

export interface Kept {
  readonly title: string;
  readonly file: string;
  readonly source: SourceDescription;
  readonly open: () => Promise<RowBytes>;
}

/**
 * Rows that are read one by one with some work (decompressing) as a column: in memory where they have room there, else
 * left in the file.
 */
export async function keepRows(
  { title, file, source, open }: Kept,
  context: DataSource["context"],
): Promise<RawColumn> {
  const content = await open();
  try {
    const { rows, dtype, shape } = content;
    const rowBytes = sizeOf(shape) * elementTypes[dtype].bytes;
    const { storage = "auto" } = context;
    const stays = storage === "file" || (storage === "auto" && rows * rowBytes > mostInMemory);
    const column = { title, file, shape: [rows, ...shape], source, column: onlyColumn, stored: { dtype, shape } };
    if (stays || rows * rowBytes === 0) return column;
    checkMemory(rows * rowBytes, title);
    const buffer = new SharedArrayBuffer(rows * rowBytes);
    const piece = Math.max(1, Math.floor(pieceBytes / rowBytes));
    for (let first = 0; first < rows; first += piece) {
      context.signal?.throwIfAborted();
      const numbers = Int32Array.from({ length: Math.min(piece, rows - first) }, (_, index) => first + index);
      await content.readInto(numbers, new Uint8Array(buffer, first * rowBytes, numbers.length * rowBytes));
    }
    return memoryColumn({ title, file }, dtype, column.shape, { buffer });
  } finally {
    await content.close();
  }
}
