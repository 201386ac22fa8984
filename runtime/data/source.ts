import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { totalmem } from "node:os";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { isBaseError } from "../errors.js";
import { irregularity } from "../regular-file.js";
import { dataError } from "./problem-list.js";

/** How far a file is read. `bytes` and `total` count bytes on disk (compressed, where the file is). */
export interface ReadProgress {
  readonly file: string;
  readonly bytes: number;
  readonly total: number;
}

export interface ReadContext {
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Where rows are kept while a network learns from them: in memory, with the type that the file has, or in the file, from
   * which each batch is read. Default "auto": arrays of more than 1 GiB stay in the file. Files that are compressed, and
   * CSV, are always read to memory.
   */
  readonly storage?: "auto" | "memory" | "file" | undefined;
}

/** A data file that is known to exist; everything in it may still be wrong. */
export interface DataSource {
  readonly file: string;
  /** Bytes on disk. */
  readonly size: number;
  /** When it was changed last, in milliseconds. */
  readonly modified: number;
  readonly gzipped: boolean;
  /** The first bytes, decompressed. */
  readonly head: Uint8Array;
  readonly context: ReadContext;
  /** The content from the start, decompressed, in chunks of about a megabyte. */
  chunks(): AsyncGenerator<Uint8Array>;
  /** The content of a plain file from `start` up to, but without, `end`. */
  range(start: number, end: number): AsyncGenerator<Uint8Array>;
  /** The whole content; throws DATA_FILE_DAMAGED if a compressed file has more than `limit` bytes inside. */
  bytes(limit?: number): Promise<Uint8Array>;
}

const chunkBytes = 1 << 20;
const headBytes = 4096;
/** No deflate stream holds more than 1032 bytes a compressed byte (258 bytes from two bits, zlib's technical notes). */
export const deflateRatio = 1032;

/** Opens a file, plain or gzipped (known by its first bytes). Throws DATA_FILE_MISSING or DATA_TOO_LARGE. */
export async function openSource(file: string, context: ReadContext = {}): Promise<DataSource> {
  const { size, modified, start } = await statAndStart(file);
  const gzipped = start[0] === 0x1f && start[1] === 0x8b;
  checkMemory(size, `file "${file}"`);
  const chunks = () => contentOf(file, { size, gzipped, context });
  const head = gzipped ? await firstOf(contentOf(file, { size, gzipped, context: {} })) : start;
  const bytes = (limit?: number) => collect({ file, size, gzipped, chunks }, limit);
  const range = rangesOf(file, size, context);
  return { file, size, modified, gzipped, head, context, chunks, range, bytes };
}

/** Parts of a file; progress counts the bytes of all of them. */
function rangesOf(file: string, size: number, { onProgress, signal }: ReadContext): DataSource["range"] {
  let bytes = 0;
  return async function* range(start, end) {
    if (end <= start) return;
    for await (const chunk of createReadStream(file, { start, end: end - 1, highWaterMark: chunkBytes })) {
      signal?.throwIfAborted();
      bytes += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
      onProgress?.({ file, bytes: Math.min(bytes, size), total: size });
    }
  };
}

/** Throws DATA_TOO_LARGE for more bytes than the machine has, before they are allocated. */
export function checkMemory(bytes: number, what: string): void {
  if (bytes <= totalmem()) return;
  const [needed, present] = [bytes, totalmem()].map((count) => (count / 2 ** 30).toPrecision(3));
  throw dataError("DATA_TOO_LARGE", `${what} needs ${needed} GiB of memory, the machine has ${present} GiB`);
}

async function statAndStart(file: string): Promise<{ size: number; modified: number; start: Uint8Array }> {
  try {
    const irregular = irregularity(file);
    if (irregular !== undefined) {
      throw dataError("DATA_FILE_MISSING", `data file "${file}" is ${irregular}, expected a file`);
    }
    const handle = await open(file, "r");
    try {
      const stat = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      if (bytesRead === 0) throw dataError("DATA_EMPTY", `data file "${file}" is empty`);
      return { size: stat.size, modified: stat.mtimeMs, start: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isBaseError(error)) throw error;
    throw dataError("DATA_FILE_MISSING", `data file "${file}" cannot be read: ${reasonOf(error)}`);
  }
}

/** Says in words why the operating system refused a file. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

interface Content {
  readonly size: number;
  readonly gzipped: boolean;
  readonly context: ReadContext;
}

async function* contentOf(file: string, { size, gzipped, context }: Content): AsyncGenerator<Uint8Array> {
  const { onProgress, signal } = context;
  async function* counted(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
      // An abort is the caller's own wish: its reason is thrown as it is.
      signal?.throwIfAborted();
      bytes += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
      onProgress?.({ file, bytes, total: Math.max(size, bytes) });
    }
  }
  if (!gzipped) {
    yield* counted();
    return;
  }
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  pipeline(Readable.from(counted()), gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!code.startsWith("Z_")) throw error;
    const reason = error instanceof Error ? error.message : code;
    throw dataError("DATA_FILE_DAMAGED", `"${file}" cannot be decompressed: ${reason}`);
  }
}

async function firstOf(chunks: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  for await (const chunk of chunks) return chunk.subarray(0, headBytes);
  return new Uint8Array();
}

type Collectable = Pick<DataSource, "file" | "size" | "gzipped" | "chunks">;

async function collect({ file, size, gzipped, chunks }: Collectable, limit?: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks()) {
    length += chunk.length;
    if (limit !== undefined && length > limit) {
      throw dataError("DATA_FILE_DAMAGED", `"${file}" goes on after the ${limit} bytes that its header promises`);
    }
    checkMemory(length, `"${file}", decompressed,`);
    parts.push(chunk);
  }
  if (!gzipped && length !== size) {
    throw dataError("DATA_FILE_DAMAGED", `"${file}" changed while it was read: ${size} bytes, then ${length}`);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length);
}
