import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { makeDirectories, removeDirectories } from "../../runtime/directories.js";
import { ModelFileError, type Problem } from "../../runtime/errors.js";
import { manifestName, readGenerated } from "./manifest.js";
import type { GeneratedPackage } from "./options.js";

interface WriteOptions {
  /** Write into a directory that holds other files, and over files that were edited. Nothing else in it is touched. */
  readonly force: boolean;
}

/** A file of a package that is not on disk as it would be generated now. */
interface StaleFile {
  readonly path: string;
  readonly state: "missing" | "stale";
}

/** The entries of a directory; `undefined` where there is none, and an error where there is something else. */
function entriesOf(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unwritable(directory, error);
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "a file of that name is in the way",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is a file",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
};

function unwritable(directory: string, error: unknown): ModelFileError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const problem = `the package cannot be written: ${reasons[code] ?? message}`;
  return new ModelFileError(
    { code: "PACKAGE_UNWRITABLE", at: { file: directory }, message: problem },
    { cause: error },
  );
}

/** At most five names, in order, for a message. */
function named(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** Why files must not go into a directory without force. */
function refusal(directory: string, entries: readonly string[], files: GeneratedPackage): Problem | undefined {
  if (entries.length === 0) return undefined;
  const at = { file: directory };
  const asGenerated = readGenerated(textOf(join(directory, manifestName)) ?? "");
  if (asGenerated === undefined) {
    const message = `the directory holds ${named(entries)}, expected it to be empty or to hold a generated package`;
    const hint = "choose another directory, or write into it with --force";
    return { code: "PACKAGE_DIRECTORY_NOT_EMPTY", at, message, hint };
  }
  const edited = Object.keys(files).filter((path) => {
    const text = path === manifestName ? undefined : textOf(join(directory, path));
    return text !== undefined && text !== files[path] && !asGenerated(path, text);
  });
  if (edited.length === 0) return undefined;
  const message = `${named(edited)} would be overwritten, but was edited after it was generated`;
  const hint = "choose another directory, or overwrite it with --force";
  return { code: "PACKAGE_FILE_EDITED", at, message, hint };
}

/** Writes all files beside their places, then renames each into its place: a full disk leaves the old ones. */
function writeStaged(directory: string, files: GeneratedPackage): void {
  const blocked = Object.keys(files).find((path) => isDirectory(join(directory, path)));
  if (blocked !== undefined) throw Object.assign(new Error(`${blocked} is a directory`), { code: "EISDIR" });
  const stage = mkdtempSync(join(directory, ".paramserv-"));
  try {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(stage, basename(path)), text);
    for (const path of Object.keys(files)) renameSync(join(stage, basename(path)), join(directory, path));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * Writes a package. The directory is made if it is missing, and must be empty or hold a package of ours whose files were
 * not edited; with `force` it may hold anything, and what is not of the package is left alone.
 *
 * @throws ModelFileError: PACKAGE_DIRECTORY_NOT_EMPTY, PACKAGE_FILE_EDITED, PACKAGE_UNWRITABLE; nothing is written then
 */
export function writePackage(directory: string, files: GeneratedPackage, { force }: WriteOptions): void {
  const problem = force ? undefined : refusal(directory, entriesOf(directory) ?? [], files);
  if (problem !== undefined) throw new ModelFileError(problem);
  let made: readonly string[] = [];
  try {
    made = makeDirectories(directory);
    writeStaged(directory, files);
  } catch (error) {
    removeDirectories(made);
    throw unwritable(directory, error);
  }
}

/** The files of a package that are missing from a directory or differ from what would be generated now. */
export function checkPackage(directory: string, files: GeneratedPackage): readonly StaleFile[] {
  return Object.entries(files).flatMap(([path, text]): readonly StaleFile[] => {
    const found = textOf(join(directory, path));
    if (found === text) return [];
    return [{ path, state: found === undefined ? "missing" : "stale" }];
  });
}
