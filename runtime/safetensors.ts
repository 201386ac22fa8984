import type { NDArray } from "./array.js";
import { joinChunks } from "./chunks.js";
import { type Problem, RunError } from "./errors.js";
import { isRecord, parseJson } from "./json.js";
import { sizeOf } from "./shape.js";

/**
 * The safetensors format (huggingface/safetensors, README, "Format"): 8 bytes header length (little-endian), a JSON
 * header of names, types, shapes and byte ranges, then the data without gaps.
 */

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, NDArray>>;
  /** Free text about the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The data begin on a cache line (readers need 8), so that mapped files can be used where they lie. */
const alignment = 64;
/** The format's own limit on the header. */
const maxHeader = 100_000_000;
const lengthBytes = 8;
const elementBytes = 4;

type Dtype = "F32" | "I32";

interface HeaderEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/** Serializes tensors, sorted by name; the same input gives the same bytes. */
export function writeSafetensors(
  tensors: Readonly<Record<string, NDArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return joinChunks(safetensorsChunks(tensors, metadata));
}

/** The same in pieces, to be written one after the other: the header, then the arrays where they lie. */
export function safetensorsChunks(
  tensors: Readonly<Record<string, NDArray>>,
  metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
  const header = new Map<string, HeaderEntry | Readonly<Record<string, string>>>();
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (texts.length > 0) header.set("__metadata__", Object.fromEntries(texts));
  const arrays: Uint8Array[] = [];
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const begin = end;
    end += data.length * elementBytes;
    header.set(name, { dtype: data instanceof Int32Array ? "I32" : "F32", shape, data_offsets: [begin, end] });
    arrays.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const start = Math.ceil((lengthBytes + text.length) / alignment) * alignment;
  const head = new Uint8Array(start);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - lengthBytes), true);
  head.fill(0x20, lengthBytes);
  head.set(text, lengthBytes);
  return [head, ...arrays];
}

/** Where one tensor lies in a file. */
export interface SafetensorsEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Its bytes in the file. */
  readonly start: number;
  readonly length: number;
}

/** How many bytes of a file to read for its header, from its first 8 and its size. */
export function safetensorsHeaderBytes(first: Uint8Array, fileBytes: number, file: string): number {
  return lengthBytes + headerLength(first, fileBytes, file);
}

/** What is in a file of `fileBytes`, from its header alone. Throws one SAFETENSORS_INVALID with all problems. */
export function safetensorsIndex(
  bytes: Uint8Array,
  fileBytes: number,
  file: string,
): { readonly entries: ReadonlyMap<string, SafetensorsEntry>; readonly metadata: Readonly<Record<string, string>> } {
  const { header, start } = readHeader(bytes, fileBytes, file);
  const problems: string[] = [];
  const metadata = readMetadata(header.__metadata__, problems);
  const entries = new Map<string, HeaderEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const entry = decodeEntry(name, value, problems);
    if (entry !== undefined) entries.set(name, entry);
  }
  if (problems.length === 0) checkRanges(entries, fileBytes - start, problems);
  throwProblems(file, problems);
  const placed = [...entries].map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [begin, end],
      },
    ]) => {
      return [name, { dtype, shape, start: start + begin, length: end - begin }] as const;
    },
  );
  return { entries: new Map(placed), metadata };
}

/** Reads a file of float32 and int32 tensors; `file` names it in messages. Throws one SAFETENSORS_INVALID with all. */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const { entries, metadata } = safetensorsIndex(bytes, bytes.length, file);
  const tensors = [...entries].map(([name, { dtype, shape, start, length }]) => {
    // Copied: aligned, and independent of the file's bytes (a Buffer's own slice would share them).
    const part = Uint8Array.from(bytes.subarray(start, start + length)).buffer;
    return [name, { shape, data: dtype === "I32" ? new Int32Array(part) : new Float32Array(part) }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  if (first.length < lengthBytes)
    throwProblems(file, [`it has ${first.length} bytes, expected at least ${lengthBytes}`]);
  const length = new DataView(first.buffer, first.byteOffset, first.byteLength).getBigUint64(0, true);
  if (length > maxHeader || Number(length) > fileBytes - lengthBytes) {
    const most = Math.min(maxHeader, fileBytes - lengthBytes);
    throwProblems(file, [`its header claims ${length} bytes, expected at most ${most}`]);
  }
  return Number(length);
}

function readHeader(
  bytes: Uint8Array,
  fileBytes: number,
  file: string,
): { header: Readonly<Record<string, unknown>>; start: number } {
  const start = lengthBytes + headerLength(bytes, fileBytes, file);
  const header = parseJson(bytes.subarray(lengthBytes, start));
  if (!isRecord(header)) throwProblems(file, ["its header is not a JSON object"]);
  return { header, start };
}

function readMetadata(value: unknown, problems: string[]): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value)) {
    problems.push("its __metadata__ is not an object of strings");
    return {};
  }
  const texts: [string, string][] = [];
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === "string") texts.push([key, text]);
    else problems.push(`its __metadata__ "${key}" is ${typeof text}, expected a string`);
  }
  return Object.fromEntries(texts);
}

function decodeEntry(name: string, value: unknown, problems: string[]): HeaderEntry | undefined {
  if (!isRecord(value)) {
    problems.push(`tensor "${name}" is not described by an object`);
    return undefined;
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== "F32" && dtype !== "I32") {
    problems.push(`tensor "${name}" has type ${JSON.stringify(dtype)}, expected "F32" or "I32"`);
    return undefined;
  }
  const [begin, end] = Array.isArray(offsets) ? (offsets as readonly unknown[]) : [];
  if (!isLengths(shape) || !isLength(begin) || !isLength(end)) {
    problems.push(`tensor "${name}" has a damaged shape or data_offsets`);
    return undefined;
  }
  const needed = sizeOf(shape) * elementBytes;
  if (end - begin !== needed) {
    problems.push(`tensor "${name}" has ${end - begin} bytes, expected ${needed} for shape [${shape.join(",")}]`);
    return undefined;
  }
  return { dtype, shape, data_offsets: [begin, end] };
}

/** The ranges must cover the data exactly: no overlap, no hole, nothing after the last. */
function checkRanges(entries: ReadonlyMap<string, HeaderEntry>, dataBytes: number, problems: string[]): void {
  let at = 0;
  const begin = ({ data_offsets }: HeaderEntry) => data_offsets[0];
  const end = ({ data_offsets }: HeaderEntry) => data_offsets[1];
  const sorted = [...entries].sort(([, a], [, b]) => begin(a) - begin(b) || end(a) - end(b));
  for (const [name, entry] of sorted) {
    if (begin(entry) !== at) problems.push(`tensor "${name}" begins at byte ${begin(entry)}, expected ${at}`);
    at = end(entry);
  }
  if (at !== dataBytes) problems.push(`its tensors need ${at} bytes of data, found ${dataBytes}`);
}

function isLength(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isLengths(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isLength);
}

/** Problems shown; a damaged header may have thousands. */
const shown = 20;

function throwProblems(file: string, problems: readonly [string, ...string[]]): never;
function throwProblems(file: string, problems: readonly string[]): void;
function throwProblems(file: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const listed = problems.slice(0, shown).map(
    (message): Problem => ({
      code: "SAFETENSORS_INVALID",
      message: `"${file}" is not a valid safetensors file: ${message}`,
    }),
  );
  throw new RunError(listed);
}
