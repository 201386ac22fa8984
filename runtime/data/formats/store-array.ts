import { resolve } from "node:path";
import { sizeOf } from "../../shape.js";
import { ByteReader } from "../byte-reader.js";
import { type ElementArray, type ElementName, elementTypes, turnByteOrder } from "../elements.js";
import { memoryColumn } from "../memory-column.js";
import { dataError } from "../problem-list.js";
import { checkMemory } from "../source.js";
import type { RawColumn } from "../stored-column.js";

/** What a file says of the array in it. */
export interface ArrayHeader {
  readonly shape: readonly number[];
  readonly dtype: ElementName;
  readonly bigEndian: boolean;
  /** Column-major. */
  readonly fortran: boolean;
  /** Where the data begin. */
  readonly offset: number;
  /** Bytes of data that the shape and type promise. */
  readonly length: number;
}

/** Where rows are kept while a network learns from them. */
export type Storage = "auto" | "memory" | "file";

/** Arrays of more bytes than this stay in their file, where it has them as they are. */
const mostInMemory = 2 ** 30;

/** The bytes of an array with its header, in a file or a part of one. */
export interface ArrayContent {
  readonly title: string;
  readonly file: string;
  chunks(): AsyncIterable<Uint8Array>;
  /** How many bytes there are, where it is known; else how many there can be. */
  readonly size: number;
  readonly isExact: boolean;
  /** Where the content begins in a file that has it as it is: not compressed. */
  readonly place?: { readonly offset: number; readonly fileSize: number; readonly modified: number };
  /** Whether all bytes have to be read once to know that they are sound. */
  readonly checked?: boolean;
  readonly storage: Storage;
}

/**
 * Reads an array to shared memory, once and without other copies, or leaves it in its file. What the header claims is
 * compared with the bytes that are there before anything is allocated.
 *
 * @param headBytes as many bytes as a header can have
 */
export async function storeArray(
  content: ArrayContent,
  headBytes: number,
  readHeader: (head: Uint8Array) => ArrayHeader,
): Promise<RawColumn> {
  const reader = new ByteReader(content.chunks());
  try {
    const header = readHeader(await reader.peek(headBytes));
    checkLength(content, header, content.isExact ? content.size - header.offset : undefined);
    const possible = content.size - header.offset;
    if (header.length > possible) checkLength(content, header, (await reader.drain()) - header.offset);
    if (staysInFile(content, header)) {
      if (content.checked === true) await reader.drain();
      return binaryColumn(content, header);
    }
    return await readToMemory(content, header, reader);
  } finally {
    await reader.close();
  }
}

/** Throws DATA_FILE_DAMAGED where the data are not as long as the header says. */
function checkLength({ title }: ArrayContent, { shape, dtype, length }: ArrayHeader, present = length): void {
  if (present === length) return;
  const claim = `shape [${shape.join(",")}] of ${elementTypes[dtype].code} needs ${length} bytes, found ${present}`;
  throw dataError("DATA_FILE_DAMAGED", `${title} ${present < length ? "ends early" : "goes on too long"}: ${claim}`);
}

/** Said of content that is read until there is more than there should be: how much more is not looked for. */
export function goesOn(bytes: number): string {
  return `goes on after the ${bytes} bytes that its header promises`;
}

function staysInFile({ place, storage }: ArrayContent, { shape, fortran, length }: ArrayHeader): boolean {
  if (place === undefined || storage === "memory" || shape.length === 0 || length === 0) return false;
  if (fortran && shape.length > 1) return false;
  return storage === "file" || length > mostInMemory;
}

function binaryColumn(content: ArrayContent, { shape, dtype, bigEndian, offset }: ArrayHeader): RawColumn {
  const { title, file, place = { offset: 0, fileSize: 0, modified: 0 } } = content;
  const [rows = 0, ...row] = shape;
  const column = "values";
  const stored = { dtype, shape: row };
  const source = {
    kind: "binary",
    ...stored,
    file: resolve(file),
    title,
    column,
    rows,
    offset: place.offset + offset,
    bigEndian,
    size: place.fileSize,
    modified: place.modified,
  } as const;
  return { title, file, shape, source, column, stored };
}

async function readToMemory(content: ArrayContent, header: ArrayHeader, reader: ByteReader): Promise<RawColumn> {
  const { title, file } = content;
  const { shape, dtype, bigEndian, fortran, offset, length } = header;
  checkMemory(length, title);
  await reader.fill(new Uint8Array(offset));
  const buffer = new SharedArrayBuffer(length);
  const bytes = new Uint8Array(buffer);
  const found = await reader.fill(bytes);
  checkLength(content, header, found);
  if ((await reader.drain(0)) > 0) throw dataError("DATA_FILE_DAMAGED", `${title} ${goesOn(offset + length)}`);
  if (bigEndian) turnByteOrder(dtype, bytes);
  if (fortran && shape.length > 1) toRowMajor(buffer, shape, elementTypes[dtype].bytes);
  return memoryColumn({ title, file }, dtype, shape, { buffer });
}

/** Whole numbers of the size of an element: what the bits mean does not matter where they are moved. */
const sameSize = { 1: "uint8", 2: "uint16", 4: "uint32", 8: "uint64" } as const satisfies Record<number, ElementName>;

/** Column-major (Fortran) → row-major, in place. */
function toRowMajor(buffer: SharedArrayBuffer, shape: readonly number[], bytes: keyof typeof sameSize): void {
  const result: ElementArray = elementTypes[sameSize[bytes]].view(buffer, 0, sizeOf(shape));
  const values = result.slice();
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    const value = values[from];
    if (value !== undefined) result[to] = value;
    // The odometer of the row-major index: the last axis turns fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [at = 0, stride = 0, dim = 0] = [index[axis], strides[axis], shape[axis]];
      if (at + 1 < dim) {
        index[axis] = at + 1;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= at * stride;
    }
  }
}
