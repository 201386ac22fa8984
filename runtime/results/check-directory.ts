import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../errors.js";
import { checkOutputDirectory } from "../output-directory.js";
import { resultFiles } from "./record.js";
import { blockedPlaces } from "./swap-files.js";

function placesIn(directory: string): readonly string[] {
  return Object.values(resultFiles).map((name) => join(directory, name));
}

/** Whether a directory holds any file of a result. */
export function holdsFiles(directory: string): boolean {
  return placesIn(directory).some((path) => existsSync(path));
}

/**
 * Makes sure, before hours of training rather than after, that a result can be saved to a directory: it is empty, or
 * `force` is given and nothing but files lies where the result's files go.
 *
 * @throws UsageError CLI_OUTPUT_NOT_EMPTY, CLI_OUTPUT_UNWRITABLE; RunError RESULT_DIRECTORY_UNWRITABLE with all that is in the way
 */
export function checkResultDirectory(directory: string, options: { readonly force: boolean }): void {
  checkOutputDirectory(directory, options);
  const blocked = blockedPlaces(placesIn(directory));
  if (blocked.length > 0) throw new RunError(blocked);
}
