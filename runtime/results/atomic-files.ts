import { randomBytes } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDirectories } from "../directories.js";
import { type ErrorCode, RunError } from "../errors.js";
import { blockedPlaces, removeStaleFiles, restoreOldFiles, swapFiles, temporaryName } from "./swap-files.js";

export interface PendingFile {
  readonly path: string;
  /** Its bytes, in pieces that are written one after the other. */
  readonly chunks: readonly Uint8Array[];
}

/**
 * Writes files so that all are there whole, or those that were there before: all are written beside their places under
 * other names, then swapped in, the last one last (see {@link swapFiles}). If one cannot be written or renamed nothing
 * has changed, and nothing is left behind. What a save that was killed has left is put right first. Makes the directories.
 */
export async function writeFilesAtomically(files: readonly PendingFile[]): Promise<void> {
  const paths = files.map(({ path }) => path);
  const first = paths[0] ?? ".";
  const blocked = await orFail("RESULT_DIRECTORY_UNWRITABLE", dirname(first), async () => blockedPlaces(paths));
  if (blocked.length > 0) throw new RunError(blocked);
  const pending = files.map((file) => ({
    ...file,
    temporary: temporaryName(file.path, randomBytes(6).toString("hex")),
  }));
  try {
    await orFail("RESULT_WRITE_FAILED", first, () => restoreOldFiles(paths));
    await orFail("RESULT_WRITE_FAILED", first, () => removeStaleFiles(paths));
    for (const { path, chunks, temporary } of pending) {
      await orFail("RESULT_DIRECTORY_UNWRITABLE", dirname(path), () => prepare(temporary));
      await orFail("RESULT_WRITE_FAILED", path, () => writeWhole(temporary, chunks));
    }
    await orFail("RESULT_WRITE_FAILED", first, () => swapFiles(pending));
  } catch (error) {
    await Promise.all(pending.map(({ temporary }) => rm(temporary, { force: true }).catch(() => {})));
    throw error;
  }
}

/** Makes the directory and the empty file: what fails here is the directory's fault. */
async function prepare(temporary: string): Promise<void> {
  makeDirectories(dirname(temporary));
  await (await open(temporary, "wx")).close();
}

async function writeWhole(temporary: string, chunks: readonly Uint8Array[]): Promise<void> {
  const handle = await open(temporary, "w");
  try {
    for (const chunk of chunks) await handle.writeFile(chunk);
    // Else a crash after the rename could leave an empty file under the final name.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const what = {
  RESULT_DIRECTORY_UNWRITABLE: "the directory for results cannot be written to",
  RESULT_WRITE_FAILED: "the result cannot be written",
} as const satisfies Partial<Record<ErrorCode, string>>;

async function orFail<Value>(code: keyof typeof what, path: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RunError({ code, message: `${what[code]}: ${reason}`, at: { file: path } }, { cause });
  }
}
