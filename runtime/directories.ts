import { mkdirSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type ErrorCode, RunError } from "./errors.js";

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Whether a path is a directory; false where there is nothing. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Makes one directory; false if it is there already. */
function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST" && statSync(path).isDirectory()) return false;
    throw error;
  }
}

/**
 * Makes a directory and those above it; returns the ones that were made, innermost first. Not node's `recursive`, which
 * never returns where a file system answers ENOENT, as /proc does.
 */
export function makeDirectories(directory: string): readonly string[] {
  const path = resolve(directory);
  try {
    return makeDirectory(path) ? [path] : [];
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
  }
  const above = makeDirectories(dirname(path));
  try {
    return makeDirectory(path) ? [path, ...above] : above;
  } catch (error) {
    removeDirectories(above);
    throw error;
  }
}

/** Removes what {@link makeDirectories} made. */
export function removeDirectories(made: readonly string[]): void {
  for (const path of made) rmdirSync(path);
}

const results = { code: "RESULT_DIRECTORY_UNWRITABLE", what: "results" } as const;

/**
 * Makes sure that files can be written to a directory, before hours of training rather than after; leaves nothing.
 *
 * @throws RunError RESULT_DIRECTORY_UNWRITABLE, or the code that is given for what shall be written
 */
export function checkWritable(
  directory: string,
  { code, what }: { readonly code: ErrorCode; readonly what: string } = results,
): void {
  let made: readonly string[] = [];
  try {
    made = makeDirectories(directory);
    rmdirSync(mkdtempSync(join(directory, ".paramserv-")));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${what} could not be written to it: ${reason}`;
    throw new RunError({ code, at: { file: directory }, message }, { cause });
  } finally {
    removeDirectories(made);
  }
}
