import { type FileHandle, open } from "node:fs/promises";
import { sizeOf } from "../../shape.js";
import { elementTypes, turnByteOrder } from "../elements.js";
import { dataError } from "../problem-list.js";
import { reasonOf } from "../source.js";
import type { RowBytes } from "./row-bytes.js";
import { type ColumnType, eachRun } from "./source.js";
import { type FileState, missing, requireUnchanged } from "./unchanged.js";

/**
 * Rows of one array that lies in a file as it is, row after row, in row-major order: .npy, an entry of an .npz archive that
 * is stored without compression, IDX.
 */
export interface BinaryDescription extends ColumnType, FileState {
  readonly kind: "binary";
  /** What messages call the array: `array "x" of "digits.npz"`. */
  readonly title: string;
  /** The name of the one column. */
  readonly column: string;
  readonly rows: number;
  /** Bytes of the file before the first row. */
  readonly offset: number;
  readonly bigEndian: boolean;
}

/** Opens the file for reading by range: only the rows that are asked for are in memory. */
export async function openBinary(description: BinaryDescription): Promise<RowBytes> {
  const { file, rows, dtype, shape, bigEndian } = description;
  const handle = await open(file, "r").catch(missing(file));
  try {
    requireUnchanged(await handle.stat(), description);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    rows,
    dtype,
    shape,
    async readInto(numbers, into) {
      await readRows(handle, description, { numbers, into });
      if (bigEndian) turnByteOrder(dtype, into);
    },
    close: () => handle.close(),
  };
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
