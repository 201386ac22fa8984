import { statSync } from "node:fs";

/**
 * What a path leads to, if it is there and no regular file: `a directory`, `a special file`. To be asked before a file is
 * opened: opening a pipe that nobody writes to never ends.
 */
export function irregularity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return undefined;
  return found.isDirectory() ? "a directory" : "a special file";
}

/** @throws Error that says what a path leads to, if it is there and no regular file */
export function requireRegularFile(path: string): void {
  const found = irregularity(path);
  if (found !== undefined) throw new Error(`found ${found}, expected a regular file`);
}
