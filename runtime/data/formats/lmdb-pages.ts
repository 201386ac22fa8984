import type { FileHandle } from "node:fs/promises";
import { dataError } from "../problem-list.js";

/**
 * The values of an LMDB database in the order of their keys, by place: the file's format, version 1, as mdb.c of LMDB 0.9
 * defines it (MDB_page, MDB_meta, MDB_db, MDB_node; 64-bit, little-endian), which Caffe and Python's lmdb write. Pages are
 * read by range and every number in them is checked, so that a damaged file ends in an error.
 *
 * This is our own because the npm package lmdb is compiled for version 2 of the format: it ends the process with a
 * segmentation fault on a file of version 1, and makes a lock file beside it.
 */

const magic = 0xbeefc0de;
const headerBytes = 16;
/** LMDB's limits of a page: 512 to 32768 bytes, a power of two. */
const pageSizes = [512, 1024, 2048, 4096, 8192, 16384, 32768];
const [branchPage, leafPage, overflowPage] = [1, 2, 4];
/** The value is in pages of its own. */
const bigValue = 1;
/** mdb.c, CURSOR_STACK. */
const mostDepth = 32;
const mostRows = 2 ** 31 - 1;

/** Where the values are in the file. Both lists are as long as there are values; shared between threads. */
export interface ValuePlaces {
  readonly rows: number;
  /** Float64: the first byte of each value. */
  readonly starts: SharedArrayBuffer;
  /** Uint32: the bytes of each value. */
  readonly lengths: SharedArrayBuffer;
}

/** Whether the first bytes of a file are those of a database. */
export function isLmdb(head: Uint8Array): boolean {
  return head.length >= 24 && new DataView(head.buffer, head.byteOffset).getUint32(16, true) === magic;
}

interface Meta {
  readonly pageSize: number;
  readonly entries: number;
  readonly root: number;
  readonly transaction: number;
}

/** Reads the tree of the database that has no name. */
export async function findValues(handle: FileHandle, file: string, size: number): Promise<ValuePlaces> {
  const meta = await readMeta(handle, file, size);
  return new Walk(handle, { file, size, meta }).values();
}

/** Two pages take turns in saying what the database is; the one of the last transaction counts. */
async function readMeta(handle: FileHandle, file: string, size: number): Promise<Meta> {
  const first = metaOf(await bytesAt(handle, 0, 512), file);
  const second = metaOf(await bytesAt(handle, first.pageSize, 512), file);
  const last = second.transaction > first.transaction ? second : first;
  if (last.entries > mostRows || last.entries > size) {
    throw damaged(file, `claims ${last.entries} values in ${size} bytes`);
  }
  return last;
}

function metaOf(page: Uint8Array, file: string): Meta {
  if (page.length < 152) throw damaged(file, "ends inside its first pages");
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  if (view.getUint32(16, true) !== magic) throw damaged(file, "has no second page that says what it is");
  const version = view.getUint32(20, true);
  if (version !== 1) {
    const message = `"${file}" is an LMDB database of format version ${version}, expected 1, that of LMDB 0.9`;
    throw dataError("DATA_ARRAY_UNSUPPORTED", message);
  }
  const pageSize = view.getUint32(40, true);
  if (!pageSizes.includes(pageSize)) throw damaged(file, `claims pages of ${pageSize} bytes`);
  const [entries, root, transaction] = [120, 128, 144].map((at) => Number(view.getBigUint64(at, true)));
  return { pageSize, entries: entries ?? 0, root: root ?? 0, transaction: transaction ?? 0 };
}

interface Tree {
  readonly file: string;
  readonly size: number;
  readonly meta: Meta;
}

class Walk {
  readonly #handle: FileHandle;
  readonly #tree: Tree;
  readonly #starts: Float64Array;
  readonly #lengths: Uint32Array;
  #rows = 0;
  #pages = 0;

  constructor(handle: FileHandle, tree: Tree) {
    this.#handle = handle;
    this.#tree = tree;
    const { entries } = tree.meta;
    this.#starts = new Float64Array(new SharedArrayBuffer(entries * 8));
    this.#lengths = new Uint32Array(new SharedArrayBuffer(entries * 4));
  }

  async values(): Promise<ValuePlaces> {
    const { file, meta } = this.#tree;
    if (meta.entries > 0) await this.#visit(meta.root, 0);
    if (this.#rows !== meta.entries) throw damaged(file, `has ${this.#rows} values, expected ${meta.entries}`);
    const [starts, lengths] = [this.#starts.buffer, this.#lengths.buffer] as [SharedArrayBuffer, SharedArrayBuffer];
    return { rows: this.#rows, starts, lengths };
  }

  async #visit(number: number, depth: number): Promise<void> {
    const { file, size, meta } = this.#tree;
    this.#pages += 1;
    // A tree has no page twice: a page that leads to itself ends here.
    if (depth > mostDepth || this.#pages > size / meta.pageSize) throw damaged(file, "has pages that lead in a circle");
    const page = await this.#page(number);
    const view = new DataView(page.buffer, page.byteOffset, page.length);
    const flags = view.getUint16(10, true);
    if ((flags & (branchPage | leafPage)) === 0 || (flags & ~(branchPage | leafPage)) !== 0) {
      throw damaged(file, `has page ${number} of kind ${flags}, expected a page of keys`);
    }
    const count = (view.getUint16(12, true) - headerBytes) / 2;
    if (count < 0 || headerBytes + count * 2 > page.length) throw damaged(file, `has ${count} keys in page ${number}`);
    for (let index = 0; index < count; index++) {
      const node = view.getUint16(headerBytes + index * 2, true);
      if (node + 8 > page.length) throw damaged(file, `has a key outside of page ${number}`);
      if ((flags & leafPage) !== 0) await this.#value(view, node, number);
      else await this.#visit(view.getUint32(node, true) + view.getUint16(node + 4, true) * 2 ** 32, depth + 1);
    }
  }

  async #value(view: DataView, node: number, number: number): Promise<void> {
    const { file, size, meta } = this.#tree;
    const length = view.getUint32(node, true);
    const flags = view.getUint16(node + 4, true);
    const at = node + 8 + view.getUint16(node + 6, true);
    const isBig = flags === bigValue;
    if (flags !== 0 && !isBig) {
      throw dataError("DATA_ARRAY_UNSUPPORTED", `"${file}" has databases in it or several values a key`);
    }
    if (at + (isBig ? 8 : length) > view.byteLength) throw damaged(file, `has a value outside of page ${number}`);
    let start = number * meta.pageSize + at;
    if (isBig) {
      const overflow = Number(view.getBigUint64(at, true));
      const page = await this.#page(overflow);
      if (((page[10] ?? 0) & overflowPage) === 0) throw damaged(file, `has no value in page ${overflow}`);
      start = overflow * meta.pageSize + headerBytes;
    }
    if (start + length > size) throw damaged(file, "ends inside a value");
    if (this.#rows >= this.#starts.length) throw damaged(file, `has more than its ${this.#starts.length} values`);
    this.#starts[this.#rows] = start;
    this.#lengths[this.#rows] = length;
    this.#rows += 1;
  }

  async #page(number: number): Promise<Uint8Array> {
    const { file, size, meta } = this.#tree;
    const start = number * meta.pageSize;
    if (!(start + meta.pageSize <= size)) throw damaged(file, `ends before its page ${number}`);
    const page = await bytesAt(this.#handle, start, meta.pageSize);
    if (page.length < meta.pageSize) throw damaged(file, `ends inside page ${number}`);
    return page;
  }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function damaged(file: string, text: string) {
  return dataError("DATA_FILE_DAMAGED", `"${file}" is a damaged LMDB database: it ${text}`);
}
