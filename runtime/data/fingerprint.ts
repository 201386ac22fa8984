import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import type { OpenFile } from "./open-file.js";
import type { DataOrigin } from "./types.js";

/**
 * The sha-256 of what is in each file, as `sha256sum` prints it. Of a folder of pictures, which may be larger than any file:
 * of the paths and sizes of the files in it.
 */
export async function fingerprints(
  files: readonly OpenFile[],
  signal?: AbortSignal | undefined,
): Promise<DataOrigin["files"]> {
  return Promise.all(
    files.map(async ({ source, format }) => {
      const sha256 = (await format.fingerprint?.(source)) ?? (await fingerprint(source.file, signal));
      return { name: basename(source.file), sha256 };
    }),
  );
}

async function fingerprint(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk as Uint8Array);
  }
  return hash.digest("hex");
}
