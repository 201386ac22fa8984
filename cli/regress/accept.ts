import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFilesAtomically } from "../../runtime/results/atomic-files.js";
import type { CheckedModel } from "./check-model.js";
import { formatRecord, type RegressRecord, readRecord, readStoredFiles, recordFolder, recordPath } from "./record.js";
import { isAsStored } from "./types.js";

/**
 * What is stored of a model: numbers that are within the tolerance stay as they were, so that a record does not change
 * with the machine.
 */
function nextRecord({ result, record }: CheckedModel, directory: string): RegressRecord | undefined {
  if (record?.training === undefined) return record;
  const stored = readRecord(directory, result.name);
  const isNear = result.states.training === "same" || result.states.training === "close";
  return isNear && typeof stored === "object" && stored.training !== undefined
    ? { ...record, training: stored.training }
    : record;
}

/**
 * Stores what was found, each file whole or not at all, and removes files that are not generated any more and records of
 * models that are gone. A model that failed keeps its record. Returns the names of what changed.
 *
 * @throws RunError where the folder cannot be written to
 */
export async function accept(
  directory: string,
  checked: readonly CheckedModel[],
  gone: readonly string[],
): Promise<readonly string[]> {
  const changed = checked.filter(({ result, record }) => record !== undefined && !isAsStored(result));
  const pending = changed.flatMap((model) => {
    const { name } = model.result;
    const record = nextRecord(model, directory);
    const packages = [...model.packages].flatMap(([target, files]) =>
      [...files].map(([path, bytes]) => ({ path: join(recordFolder(directory), name, target, path), chunks: [bytes] })),
    );
    if (record === undefined) return packages;
    return [...packages, { path: recordPath(directory, name), chunks: [Buffer.from(formatRecord(record))] }];
  });
  await writeFilesAtomically(pending);
  for (const { result, packages } of changed) {
    for (const [target, files] of packages) {
      const surplus = [...readStoredFiles(directory, result.name, target).keys()].filter((path) => !files.has(path));
      for (const path of surplus) rmSync(join(recordFolder(directory), result.name, target, path));
    }
  }
  for (const name of gone) rmSync(join(recordFolder(directory), name), { recursive: true });
  return [...changed.map(({ result }) => result.name), ...gone];
}
