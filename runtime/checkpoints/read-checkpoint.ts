import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isBaseError, ModelFileError, type Problem } from "../errors.js";
import { parseJson } from "../json.js";
import { requireRegularFile } from "../regular-file.js";
import { type SafetensorsEntry, safetensorsHeaderBytes, safetensorsIndex } from "../safetensors.js";
import { readExactNumbers } from "./exact-json.js";
import { type CheckpointManifest, checkManifest, damaged } from "./manifest.js";
import { checkpointFiles } from "./names.js";

/** A checkpoint that was found whole. Arrays stay on the disk until they are asked for. */
export interface LoadedCheckpoint {
  /** Its folder. */
  readonly path: string;
  readonly manifest: CheckpointManifest;
  /** The shape of each array: `conv1.weight`, and slots as `optimizer/history/conv1.weight`. */
  readonly arrays: ReadonlyMap<string, readonly number[]>;
  /**
   * Reads an array to where it shall lie, in shared memory too.
   *
   * @throws ModelFileError CHECKPOINT_DAMAGED where it is not in the checkpoint, has another length, or cannot be read
   */
  read(name: string, into: Float32Array): Promise<void>;
}

interface Place extends SafetensorsEntry {
  readonly file: string;
}

/**
 * Reads the manifest of a checkpoint and compares every file with its sha-256.
 *
 * @throws ModelFileError CHECKPOINT_DAMAGED with all that is wrong, CHECKPOINT_FORMAT_DIFFERENT
 */
export async function loadCheckpoint(path: string): Promise<LoadedCheckpoint> {
  const manifest = await readManifest(path);
  const { weights, slots } = checkpointFiles;
  const problems: Problem[] = [];
  const places = new Map<string, Place>();
  for (const name of [weights, slots]) {
    const file = join(path, name);
    try {
      requireRegularFile(file);
      if ((await sha256Of(file)) !== manifest.files[name]) {
        problems.push(damaged(file, "it is not the file that its manifest was written with"));
        continue;
      }
      for (const [array, entry] of await indexOf(file)) places.set(array, { ...entry, file });
    } catch (error) {
      problems.push(damaged(file, `it cannot be read: ${reasonOf(error)}`));
    }
  }
  if (problems.length > 0) throw new ModelFileError(problems);
  return {
    path,
    manifest,
    arrays: new Map([...places].map(([name, { shape }]) => [name, shape])),
    async read(name, into) {
      const place = places.get(name);
      if (place === undefined) throw new ModelFileError(damaged(path, `it has no array "${name}"`));
      await readArray(place, name, into);
    },
  };
}

async function readManifest(path: string): Promise<CheckpointManifest> {
  const file = join(path, checkpointFiles.manifest);
  let bytes: Uint8Array;
  try {
    requireRegularFile(file);
    bytes = await readFile(file);
  } catch (error) {
    throw new ModelFileError(damaged(file, `it cannot be read: ${reasonOf(error)}`), { cause: error });
  }
  return checkManifest(readExactNumbers(parseJson(bytes)), file);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

async function indexOf(file: string): Promise<ReadonlyMap<string, SafetensorsEntry>> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const first = await readBytes(handle, Math.min(8, size), 0);
    const head = await readBytes(handle, safetensorsHeaderBytes(first, size, file), 0);
    return safetensorsIndex(head, size, file).entries;
  } finally {
    await handle.close();
  }
}

async function readArray({ file, start, length }: Place, name: string, into: Float32Array): Promise<void> {
  if (length !== into.byteLength) {
    const message = `"${name}" has ${length} bytes, expected ${into.byteLength}`;
    throw new ModelFileError(damaged(file, message));
  }
  try {
    const handle = await open(file, "r");
    try {
      await fillFrom(handle, new Uint8Array(into.buffer, into.byteOffset, into.byteLength), start);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new ModelFileError(damaged(file, `"${name}" cannot be read: ${reasonOf(error)}`), { cause: error });
  }
}

async function readBytes(handle: FileHandle, length: number, start: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await fillFrom(handle, bytes, start);
  return bytes;
}

/** Bytes that one read asks for; the system gives at most 2 GiB at once. */
const mostBytes = 2 ** 30;

async function fillFrom(handle: FileHandle, into: Uint8Array, start: number): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const { bytesRead } = await handle.read(into, at, Math.min(into.length - at, mostBytes), start + at);
    if (bytesRead === 0) throw new Error("the file ends early");
    at += bytesRead;
  }
}

function reasonOf(error: unknown): string {
  if (isBaseError(error)) return error.problems.map(({ message }) => message).join("; ");
  return error instanceof Error ? error.message : String(error);
}
