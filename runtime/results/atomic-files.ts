import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectories } from "../directories.js";
import { type ErrorCode, RunError } from "../errors.js";

export interface PendingFile {
  readonly path: string;
  /** Its bytes, in pieces that are written one after the other. */
  readonly chunks: readonly Uint8Array[];
}

/**
 * Writes files so that each is there whole or not at all: all are written beside their place under another name, then
 * renamed. If one cannot be written none is renamed, and nothing is left behind. Makes the directories.
 */
export async function writeFilesAtomically(files: readonly PendingFile[]): Promise<void> {
  const pending = files.map((file) => ({ ...file, temporary: temporaryName(file.path) }));
  try {
    for (const { path, chunks, temporary } of pending) {
      await orFail("RESULT_DIRECTORY_UNWRITABLE", dirname(path), () => prepare(temporary));
      await orFail("RESULT_WRITE_FAILED", path, () => writeWhole(temporary, chunks));
    }
    for (const { path, temporary } of pending) {
      await orFail("RESULT_WRITE_FAILED", path, () => rename(temporary, path));
    }
  } catch (error) {
    await Promise.all(pending.map(({ temporary }) => rm(temporary, { force: true }).catch(() => {})));
    throw error;
  }
}

/** In the same directory, because a rename is atomic only within one file system. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
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

async function orFail(code: keyof typeof what, path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RunError({ code, message: `${what[code]}: ${reason}`, at: { file: path } }, { cause });
  }
}
