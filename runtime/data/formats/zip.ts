import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
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

interface Archive {
  readonly file: string;
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

/** The entries of an archive, by its central directory. */
export function readZipDirectory(file: string, bytes: Uint8Array): readonly ZipEntry[] {
  const archive = { file, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  const { count, offset } = findDirectory(archive);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = offset;
  for (let index = 0; index < count; index++) {
    if (at + entryBytes > bytes.length || archive.view.getUint32(at, true) !== entrySignature) {
      throw damaged(file, `is a damaged zip archive: its directory ends after ${index} of ${count} entries`);
    }
    const { entry, next } = readEntry(archive, at);
    if (names.has(entry.name)) throw damaged(file, `is a damaged zip archive: it holds "${entry.name}" twice`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  return entries;
}

function findDirectory({ file, bytes, view }: Archive): { count: number; offset: number } {
  const first = Math.max(0, bytes.length - endBytes - maxComment);
  for (let at = bytes.length - endBytes; at >= first; at--) {
    if (view.getUint32(at, true) !== endSignature) continue;
    const locator = at - 20;
    if (locator >= 0 && view.getUint32(locator, true) === locator64Signature) {
      const at64 = Number(view.getBigUint64(locator + 8, true));
      if (at64 + 56 <= bytes.length && view.getUint32(at64, true) === end64Signature) {
        return {
          count: Number(view.getBigUint64(at64 + 32, true)),
          offset: Number(view.getBigUint64(at64 + 48, true)),
        };
      }
    }
    return { count: view.getUint16(at + 10, true), offset: view.getUint32(at + 16, true) };
  }
  throw damaged(file, "is a damaged zip archive: it has no end record, so it may be cut off");
}

function readEntry({ file, bytes, view }: Archive, at: number): { entry: ZipEntry; next: number } {
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

/** Decompresses one entry. */
export async function extractZipEntry(file: string, bytes: Uint8Array, entry: ZipEntry): Promise<Uint8Array> {
  const { name, method, crc, size, originalSize, offset } = entry;
  const place = `is a damaged zip archive: "${name}"`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + localBytes > bytes.length || view.getUint32(offset, true) !== localSignature) {
    throw damaged(file, `${place} is not where the directory says`);
  }
  const start = offset + localBytes + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + size > bytes.length) throw damaged(file, `${place} ends early`);
  const possible = method === 0 ? size : size * deflateRatio;
  if (originalSize > possible) {
    throw damaged(file, `${place} claims ${originalSize} bytes, but ${size} bytes cannot hold more than ${possible}`);
  }
  checkMemory(originalSize, `"${name}" of "${file}"`);
  const packed = bytes.subarray(start, start + size);
  const data = method === 0 ? packed : await inflate(file, packed, entry);
  if (data.length !== originalSize) throw damaged(file, `${place} has ${data.length} bytes, expected ${originalSize}`);
  if (crc32(data) !== crc) throw damaged(file, `${place} does not match its checksum`);
  return data;
}

async function inflate(
  file: string,
  packed: Uint8Array,
  { name, method, originalSize }: ZipEntry,
): Promise<Uint8Array> {
  if (method !== 8) {
    throw dataError(
      "DATA_ARRAY_UNSUPPORTED",
      `"${name}" of "${file}" is packed by zip method ${method}, expected 0 or 8`,
    );
  }
  try {
    return await promisify(inflateRaw)(packed, { maxOutputLength: Math.max(originalSize, 1) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw damaged(file, `is a damaged zip archive: "${name}" cannot be decompressed: ${reason}`);
  }
}

function damaged(file: string, text: string) {
  return dataError("DATA_FILE_DAMAGED", `"${file}" ${text}`);
}
