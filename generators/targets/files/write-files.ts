import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isDirectory, makeDirectories, removeDirectories } from "../../../runtime/directories.js";
import { ModelFileError, type Problem } from "../../../runtime/errors.js";
import type { GeneratedFiles } from "../target.js";
import { digest, manifestName, readGenerated } from "./manifest.js";

interface WriteOptions {
  /** Write into a directory that holds other files, and over files that were edited. Nothing else in it is touched. */
  readonly force: boolean;
}

/** A file of a product that is not on disk as it would be generated now. */
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

function bytesOf(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
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
  const problem = `the files cannot be written: ${reasons[code] ?? message}`;
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
function refusal(directory: string, entries: readonly string[], files: GeneratedFiles): Problem | undefined {
  if (entries.length === 0) return undefined;
  const at = { file: directory };
  const asGenerated = readGenerated(String(bytesOf(join(directory, manifestName)) ?? ""));
  if (asGenerated === undefined) {
    const message = `the directory holds ${named(entries)}, expected it to be empty or to hold generated files`;
    const hint = "choose another directory, or write into it with --force";
    return { code: "PACKAGE_DIRECTORY_NOT_EMPTY", at, message, hint };
  }
  const edited = Object.entries(files).flatMap(([path, content]) => {
    const found = path === manifestName ? undefined : bytesOf(join(directory, path));
    const isEdited = found !== undefined && digest(found) !== digest(content) && !asGenerated(path, found);
    return isEdited ? [path] : [];
  });
  if (edited.length === 0) return undefined;
  const message = `${named(edited)} would be overwritten, but was edited after it was generated`;
  const hint = "choose another directory, or overwrite it with --force";
  return { code: "PACKAGE_FILE_EDITED", at, message, hint };
}

function writeOne(file: string, content: GeneratedFiles[string]): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, "w");
  try {
    for (const piece of typeof content === "string" ? [Buffer.from(content)] : content) {
      for (let at = 0; at < piece.byteLength; ) at += writeSync(handle, piece, at);
    }
  } finally {
    closeSync(handle);
  }
}

/** Writes all files beside their places, then renames each into its place: a full disk leaves the old ones. */
function writeStaged(directory: string, files: GeneratedFiles): void {
  const blocked = Object.keys(files).find((path) => isDirectory(join(directory, path)));
  if (blocked !== undefined) throw Object.assign(new Error(`${blocked} is a directory`), { code: "EISDIR" });
  const stage = mkdtempSync(join(directory, ".paramserv-"));
  try {
    for (const [path, content] of Object.entries(files)) writeOne(join(stage, path), content);
    for (const path of Object.keys(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      renameSync(join(stage, path), join(directory, path));
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * Writes a product. The directory is made if it is missing, and must be empty or hold a product of ours whose files were
 * not edited; with `force` it may hold anything, and what is not of the product is left alone.
 *
 * @throws ModelFileError: PACKAGE_DIRECTORY_NOT_EMPTY, PACKAGE_FILE_EDITED, PACKAGE_UNWRITABLE; nothing is written then
 */
export function writeFiles(directory: string, files: GeneratedFiles, { force }: WriteOptions): void {
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

/** The files of a product that are missing from a directory or differ from what would be generated now. */
export function staleFiles(directory: string, files: GeneratedFiles): readonly StaleFile[] {
  return Object.entries(files).flatMap(([path, content]): readonly StaleFile[] => {
    const found = bytesOf(join(directory, path));
    if (found !== undefined && digest(found) === digest(content)) return [];
    return [{ path, state: found === undefined ? "missing" : "stale" }];
  });
}
