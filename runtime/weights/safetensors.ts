import { open } from "node:fs/promises";
import { ModelFileError } from "../errors.js";
import { requireRegularFile } from "../regular-file.js";
import { type SafetensorsEntry, safetensorsHeaderBytes, safetensorsIndex } from "../safetensors.js";
import type { WeightSource } from "./source.js";

function unreadable(file: string, cause: unknown): ModelFileError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the weights cannot be read: ${reason}`;
  return new ModelFileError({ code: "MODEL_FILE_MISSING", at: { file }, message }, { cause });
}

/** `length` bytes of a file from `start`; fewer where it ends. */
async function readRange(file: string, start: number, length: number): Promise<{ bytes: Buffer; size: number }> {
  try {
    requireRegularFile(file);
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - start)));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return { bytes: bytes.subarray(0, bytesRead), size };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function readArray(file: string, name: string, { shape, start, length }: SafetensorsEntry) {
  const { bytes } = await readRange(file, start, length);
  if (bytes.length !== length) {
    const message = `the file ends within "${name}": found ${bytes.length} bytes of it, expected ${length}`;
    throw new ModelFileError({ code: "SAFETENSORS_INVALID", at: { file }, message });
  }
  // A buffer of its own begins on a multiple of four.
  return { shape, data: new Float32Array(Uint8Array.from(bytes).buffer) };
}

/**
 * The float32 tensors of a safetensors file. Only the header is read; a tensor is read when it is asked for.
 *
 * @throws RunError SAFETENSORS_INVALID, ModelFileError MODEL_FILE_MISSING
 */
export async function openSafetensors(file: string): Promise<WeightSource> {
  const first = await readRange(file, 0, 8);
  const { bytes, size } = await readRange(file, 0, safetensorsHeaderBytes(first.bytes, first.size, file));
  const { entries } = safetensorsIndex(bytes, size, file);
  const floats = new Map([...entries].filter(([, { dtype }]) => dtype === "F32"));
  return {
    file,
    entries: [...floats].map(([name, { shape }]) => ({ name, shape })),
    async read(name) {
      const entry = floats.get(name);
      if (entry !== undefined) return readArray(file, name, entry);
      throw new ModelFileError({ code: "MODEL_WEIGHTS_INVALID", at: { file }, message: `it has no array "${name}"` });
    },
  };
}
