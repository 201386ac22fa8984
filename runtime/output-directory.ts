import { readdirSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { checkWritable } from "./directories.js";
import { type Problem, UsageError } from "./errors.js";

type Found = { readonly kind: "directory"; readonly entries: number } | { readonly kind: "other" | "missing" };

function look(path: string): Found {
  try {
    return statSync(path).isDirectory() ? { kind: "directory", entries: readdirSync(path).length } : { kind: "other" };
  } catch {
    return { kind: "missing" };
  }
}

/** As the user would write it: relative where that is shorter. */
function shown(path: string): string {
  const local = relative(process.cwd(), path);
  return local === "" ? "." : local.startsWith("..") ? path : local;
}

function problemWith(directory: string, force: boolean): Pick<Problem, "code" | "message" | "hint"> | undefined {
  const found = look(directory);
  if (found.kind === "other") {
    return { code: "CLI_OUTPUT_UNWRITABLE", message: "found a file, expected a directory or nothing" };
  }
  if (found.kind === "directory" && found.entries > 0 && !force) {
    const message = `found ${found.entries} ${found.entries === 1 ? "entry" : "entries"}, expected an empty directory or none`;
    return {
      code: "CLI_OUTPUT_NOT_EMPTY",
      message,
      hint: "choose another directory, or --force to write into this one",
    };
  }
  let existing = resolve(directory);
  while (look(existing).kind === "missing" && dirname(existing) !== existing) existing = dirname(existing);
  if (look(existing).kind !== "directory") {
    return { code: "CLI_OUTPUT_UNWRITABLE", message: `cannot be made: ${shown(existing)} is not a directory` };
  }
  return undefined;
}

/**
 * Makes sure, before any work, that files can be written into a directory that is empty or does not exist yet.
 * Leaves nothing behind. With `force` the directory may hold files.
 */
export function checkOutputDirectory(directory: string, options: { readonly force: boolean }): void {
  const problem = problemWith(directory, options.force);
  if (problem !== undefined) throw new UsageError({ ...problem, at: { file: directory } });
  checkWritable(directory);
}
