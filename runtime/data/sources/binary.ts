import { type FileHandle, open } from "node:fs/promises";
import { sizeOf } from "../../shape.js";
import { elementTypes, readNumbers, turnByteOrder } from "../elements.js";
import { dataError } from "../problem-list.js";
import { reasonOf } from "../source.js";
import { type ColumnType, eachRun, type Source } from "./source.js";

/**
 * Rows of one array that lies in a file as it is, row after row, in row-major order: .npy, an entry of an .npz archive that
 * is stored without compression, IDX.
 */
export interface BinaryDescription extends ColumnType {
  readonly kind: "binary";
  readonly file: string;
  /** What messages call the array: `array "x" of "digits.npz"`. */
  readonly title: string;
  /** The name of the one column. */
  readonly column: string;
  readonly rows: number;
  /** Bytes of the file before the first row. */
  readonly offset: number;
  readonly bigEndian: boolean;
  /** Bytes of the whole file and when it was changed last, in milliseconds: rows of another file would be trained on. */
  readonly size: number;
  readonly modified: number;
}

/** Opens the file for reading by range: only the rows that are asked for are in memory. */
export async function openBinary(description: BinaryDescription): Promise<Source> {
  const { file, rows, column, dtype, shape } = description;
  const handle = await open(file, "r").catch((error: unknown) => {
    throw dataError("DATA_FILE_MISSING", `data file "${file}" cannot be read: ${reasonOf(error)}`);
  });
  try {
    await checkUnchanged(handle, description);
  } catch (error) {
    await handle.close();
    throw error;
  }
  const { bytes, view } = elementTypes[dtype];
  const length = sizeOf(shape);
  let scratch = new Uint8Array();
  return {
    rows,
    columns: { [column]: { dtype, shape } },
    async read(numbers, into) {
      const target = into[column];
      if (target === undefined) return;
      const needed = numbers.length * length * bytes;
      if (scratch.length < needed) scratch = new Uint8Array(needed);
      const filled = scratch.subarray(0, needed);
      await readRows(handle, description, { numbers, into: filled });
      if (description.bigEndian) turnByteOrder(dtype, filled);
      readNumbers(dtype, view(scratch.buffer, 0, numbers.length * length), target);
    },
    close: () => handle.close(),
  };
}

async function checkUnchanged(handle: FileHandle, { file, size, modified }: BinaryDescription): Promise<void> {
  const found = await handle.stat();
  if (found.size === size && found.mtimeMs === modified) return;
  const bytes = found.size === size ? "" : `: ${size} bytes, then ${found.size}`;
  throw dataError("DATA_FILE_DAMAGED", `"${file}" changed after its rows were checked${bytes}`, { at: { file } });
}

interface Reading {
  readonly numbers: Int32Array;
  readonly into: Uint8Array;
}

/** All runs at once: the operating system orders them, and several are on their way. */
async function readRows(handle: FileHandle, description: BinaryDescription, { numbers, into }: Reading): Promise<void> {
  const { shape, dtype, offset } = description;
  const rowBytes = sizeOf(shape) * elementTypes[dtype].bytes;
  const reads: Promise<void>[] = [];
  eachRun(numbers, (first, count, at) => {
    const part = into.subarray(at * rowBytes, (at + count) * rowBytes);
    reads.push(
      fill(handle, part, offset + first * rowBytes, (done) => first + Math.floor(done / rowBytes), description),
    );
  });
  // Every read has to end before the scratch memory is used again, also beside one that failed.
  const failed = (await Promise.allSettled(reads)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function fill(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  rowAt: (done: number) => number,
  { file, title }: BinaryDescription,
): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done).catch((error: unknown) => {
      const message = `${title} cannot be read at row ${rowAt(done)}: ${reasonOf(error)}`;
      throw dataError("DATA_FILE_MISSING", message, { at: { file } });
    });
    if (bytesRead === 0) {
      throw dataError("DATA_FILE_DAMAGED", `${title} ends inside row ${rowAt(done)}, it was longer`, { at: { file } });
    }
    done += bytesRead;
  }
}
