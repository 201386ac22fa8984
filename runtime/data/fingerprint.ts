import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { DataOrigin } from "./types.js";

/** The sha-256 of what is in each file, as `sha256sum` prints it. */
export async function fingerprints(
  files: readonly string[],
  signal?: AbortSignal | undefined,
): Promise<DataOrigin["files"]> {
  return Promise.all(files.map(async (file) => ({ name: basename(file), sha256: await fingerprint(file, signal) })));
}

async function fingerprint(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk as Uint8Array);
  }
  return hash.digest("hex");
}
