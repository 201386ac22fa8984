import { pipeline, Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { ByteReader } from "../byte-reader.js";
import { dataError } from "../problem-list.js";
import { checkMemory, deflateRatio } from "../source.js";

/**
 * Reads zip archives (APPNOTE.TXT 6.3): stored and deflated entries, zip64, sizes and CRC-32 checked. Claimed sizes are
 * compared with the bytes that are there before anything is allocated.
 */

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  /** Bytes in the archive, and decompressed. */
  readonly size: number;
  readonly originalSize: number;
  /** Where the entry's local header begins. */
  readonly offset: number;
}

/** The bytes of an archive: of a plain file they are read as they are needed. */
export interface ArchiveBytes {
  readonly file: string;
  readonly size: number;
  range(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** The part of an archive from `start` to its end. */
interface Tail {
  readonly file: string;
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const localBytes = 30;
const unknown32 = 0xffffffff;
/** A zip comment may follow the end record. */
const maxComment = 65_535;
/** A zip64 archive has two more records before it: a locator, and what that leads to. */
const end64Bytes = 20 + 56;

/** The entries of an archive, by its central directory. */
export async function readZipDirectory(archive: ArchiveBytes): Promise<readonly ZipEntry[]> {
  const { file, size } = archive;
  const end = await readTail(archive, Math.max(0, size - endBytes - maxComment - end64Bytes));
  const { count, offset } = await findDirectory(archive, end);
  checkMemory(size - Math.min(offset, size), `the directory of "${file}"`);
  const tail = offset >= end.start ? end : await readTail(archive, offset);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = offset - tail.start;
  for (let index = 0; index < count; index++) {
    if (at + entryBytes > tail.bytes.length || tail.view.getUint32(at, true) !== entrySignature) {
      throw damaged(file, `is a damaged zip archive: its directory ends after ${index} of ${count} entries`);
    }
    const { entry, next } = readEntry(tail, at);
    if (names.has(entry.name)) throw damaged(file, `is a damaged zip archive: it holds "${entry.name}" twice`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  return entries;
}

async function readTail({ file, size, range }: ArchiveBytes, start: number): Promise<Tail> {
  const bytes = await readPart({ file, size, range }, start, size);
  return { file, start, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

/** Bytes in a memory of their own; fewer where the archive ends. */
async function readPart({ range, size }: ArchiveBytes, start: number, end: number): Promise<Uint8Array> {
  const into = new Uint8Array(Math.max(0, Math.min(end, size) - start));
  const reader = new ByteReader(range(start, start + into.length));
  try {
    return into.subarray(0, await reader.fill(into));
  } finally {
    await reader.close();
  }
}

async function findDirectory(archive: ArchiveBytes, tail: Tail): Promise<{ count: number; offset: number }> {
  const { file, bytes, view } = tail;
  const first = Math.max(0, bytes.length - endBytes - maxComment);
  for (let at = bytes.length - endBytes; at >= first; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    const locator = at - 20;
    if (locator >= 0 && view.getUint32(locator, true) === locator64Signature) {
      const at64 = Number(view.getBigUint64(locator + 8, true));
      const end64 = await readPart(archive, at64, at64 + 56);
      const view64 = new DataView(end64.buffer, end64.byteOffset, end64.byteLength);
      if (end64.length === 56 && view64.getUint32(0, true) === end64Signature) {
        return { count: Number(view64.getBigUint64(32, true)), offset: Number(view64.getBigUint64(48, true)) };
      }
    }
    return { count: view.getUint16(at + 10, true), offset: view.getUint32(at + 16, true) };
  }
  throw damaged(file, `is a damaged zip archive: it has no end record, so it may be cut off`);
}

function readEntry({ file, bytes, view }: Tail, at: number): { entry: ZipEntry; next: number } {
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const nameAt = at + entryBytes;
  const extraAt = nameAt + nameLength;
  const next = extraAt + extraLength + view.getUint16(at + 32, true);
  if (next > bytes.length) throw damaged(file, "is a damaged zip archive: its directory ends early");
  // The 64-bit values stand in the extra field (id 1) in this order, each only where its 32-bit field says "unknown".
  const wide = wideValues(view, extraAt, extraAt + extraLength);
  const value = (field: number) => (field === unknown32 ? (wide.shift() ?? field) : field);
  const originalSize = value(view.getUint32(at + 24, true));
  const size = value(view.getUint32(at + 20, true));
  const offset = value(view.getUint32(at + 42, true));
  const name = Buffer.from(bytes.subarray(nameAt, extraAt)).toString("utf8");
  const method = view.getUint16(at + 10, true);
  return { entry: { name, method, crc: view.getUint32(at + 16, true), size, originalSize, offset }, next };
}

function wideValues(view: DataView, start: number, end: number): number[] {
  let at = start;
  while (at + 4 <= end) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const count = Math.floor(Math.min(length, end - at - 4) / 8);
      return Array.from({ length: count }, (_, index) => Number(view.getBigUint64(at + 4 + index * 8, true)));
    }
    at += 4 + length;
  }
  return [];
}

/** Where the bytes of an entry lie in the archive, its claims checked. */
export async function locateZipEntry(archive: ArchiveBytes, entry: ZipEntry): Promise<number> {
  const { file, size: total } = archive;
  const { name, method, size, originalSize, offset } = entry;
  const place = `is a damaged zip archive: "${name}"`;
  const local = await readPart(archive, offset, offset + localBytes);
  const view = new DataView(local.buffer, local.byteOffset, local.byteLength);
  if (local.length < localBytes || view.getUint32(0, true) !== localSignature) {
    throw damaged(file, `${place} is not where the directory says`);
  }
  const start = offset + localBytes + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + size > total) throw damaged(file, `${place} ends early`);
  const possible = method === 0 ? size : size * deflateRatio;
  if (originalSize > possible) {
    throw damaged(file, `${place} claims ${originalSize} bytes, but ${size} bytes cannot hold more than ${possible}`);
  }
  if (method !== 0 && method !== 8) {
    const message = `"${name}" of "${file}" is packed by zip method ${method}, expected 0 or 8`;
    throw dataError("DATA_ARRAY_UNSUPPORTED", message);
  }
  return start;
}

/** The content of an entry, from its first byte to its last; the size and the checksum are compared at its end. */
export async function* zipEntryChunks(
  archive: ArchiveBytes,
  entry: ZipEntry,
  start: number,
): AsyncGenerator<Uint8Array> {
  const { name, crc, originalSize, size } = entry;
  const place = `is a damaged zip archive: "${name}"`;
  const packed = archive.range(start, start + size);
  let [length, sum] = [0, 0];
  for await (const chunk of entry.method === 0 ? packed : inflated(archive.file, packed, entry)) {
    length += chunk.length;
    if (length > originalSize) break;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (length > originalSize) {
    throw damaged(archive.file, `${place} cannot be decompressed: it holds more than ${originalSize} bytes`);
  }
  if (length < originalSize) throw damaged(archive.file, `${place} has ${length} bytes, expected ${originalSize}`);
  if (sum !== crc) throw damaged(archive.file, `${place} does not match its checksum`);
}

/** Bytes that come out of the decompressor at a time. */
const chunkBytes = 1 << 20;

async function* inflated(
  file: string,
  packed: AsyncIterable<Uint8Array>,
  { name }: ZipEntry,
): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: chunkBytes });
  pipeline(Readable.from(packed), inflate, () => {});
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!code.startsWith("Z_")) throw error;
    const reason = error instanceof Error ? error.message : code;
    throw damaged(file, `is a damaged zip archive: "${name}" cannot be decompressed: ${reason}`);
  }
}

function damaged(file: string, text: string) {
  return dataError("DATA_FILE_DAMAGED", `"${file}" ${text}`);
}
