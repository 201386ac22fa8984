import { existsSync, lstatSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Problem } from "../errors.js";
import { isRunning } from "../processes.js";

/** A file that was written, and its place. */
export interface WrittenFile {
  readonly temporary: string;
  readonly path: string;
}

/** Where a file waits, in its directory, until all that replace it and its companions stand. */
function oldName(path: string): string {
  return join(dirname(path), `.${basename(path)}.paramserv-old`);
}

/** Whether a save ended between the old file and the new one: what stands beside `path` is no whole set. */
export function isCutShort(path: string): boolean {
  return existsSync(oldName(path)) && !existsSync(path);
}

/** What lies in the way of files: a name that is neither free nor a regular file's. */
export function blockedPlaces(paths: readonly string[]): readonly Problem[] {
  return paths.flatMap((file): readonly Problem[] => {
    const entry = lstatSync(file, { throwIfNoEntry: false });
    if (entry === undefined || entry.isFile()) return [];
    const kind = entry.isDirectory() ? "a directory" : entry.isSymbolicLink() ? "a symbolic link" : "a special file";
    const message = `found ${kind}, expected a file that may be replaced, or nothing`;
    return [
      { code: "RESULT_DIRECTORY_UNWRITABLE", at: { file }, message, hint: "move it away, or choose another directory" },
    ];
  });
}

/**
 * Puts files in their places. Old files of these names are set aside first, the last one before all others, and the last
 * new one comes after all others: while it is missing the set is not whole, and old and new ones never stand beside each
 * other. If a rename fails the old files are put back; if the process is killed {@link restoreOldFiles} does it.
 *
 * @throws what a rename threw
 */
export async function swapFiles(files: readonly WrittenFile[]): Promise<void> {
  const aside: string[] = [];
  const placed: string[] = [];
  try {
    for (const { path } of files.toReversed()) {
      if (!existsSync(path)) continue;
      await rename(path, oldName(path));
      aside.push(path);
    }
    for (const { temporary, path } of files) {
      await rename(temporary, path);
      placed.push(path);
    }
  } catch (error) {
    for (const path of placed) await rm(path, { force: true }).catch(() => {});
    await putBack(aside.toReversed()).catch(() => {});
    throw error;
  }
  await removeOldFiles(aside);
}

/** Ends a save that was killed while it swapped: the new files hold if the last of them stands, else the old ones. */
export async function restoreOldFiles(paths: readonly string[]): Promise<void> {
  const old = paths.filter((path) => existsSync(oldName(path)));
  const last = paths.at(-1);
  if (last !== undefined && existsSync(last)) await removeOldFiles(old);
  else await putBack(old);
}

async function putBack(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rename(oldName(path), path);
}

/** What cannot be removed does no harm: the next save removes it. */
async function removeOldFiles(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(oldName(path), { force: true }).catch(() => {})));
}

/** A name beside `path` that tells which process writes there. The same directory: a rename is atomic within one disk. */
export function temporaryName(path: string, unique: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${unique}.tmp`);
}

/** Removes what processes that no longer run have left of writing these files. */
export async function removeStaleFiles(paths: readonly string[]): Promise<void> {
  const names = new Set(paths.map((path) => basename(path)));
  for (const directory of new Set(paths.map(dirname))) {
    for (const entry of await readdir(directory).catch(() => [])) {
      const [, name = "", process = ""] = /^\.(.+)\.(\d+)-[0-9a-f]{12}\.tmp$/.exec(entry) ?? [];
      if (names.has(name) && !isRunning(Number(process))) await rm(join(directory, entry), { force: true });
    }
  }
}
