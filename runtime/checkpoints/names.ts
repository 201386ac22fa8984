import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { isDirectory } from "../directories.js";
import { isRunning } from "../processes.js";

/** The folder of the checkpoints inside the directory of a result. */
export const checkpointFolder = "checkpoints";

/** The files of a checkpoint. */
export const checkpointFiles = {
  /** Every variable by name; what `--from` reads, too. */
  weights: "model.safetensors",
  /** What the optimizer keeps of each trained variable: `optimizer/history/conv1.weight`. */
  slots: "optimizer.safetensors",
  /** {@link CheckpointManifest}; the last to be written. */
  manifest: "manifest.json",
} as const;

/** Which checkpoint was the best so far. */
export const bestFile = "best.json";

/** Arrays of the optimizer are called so and by the names of slot and variable. */
export const slotPrefix = "optimizer/";

/** `update-00001234`: the weights after so many updates. Eight digits, more where they are needed. */
export function checkpointName(version: number): string {
  return `update-${String(version).padStart(8, "0")}`;
}

/** The number of updates in the name of a checkpoint; undefined where the name is none. */
export function versionOf(name: string): number | undefined {
  const [, digits] = /^update-(\d{8,15})$/.exec(name) ?? [];
  const version = Number(digits);
  return digits !== undefined && checkpointName(version) === name ? version : undefined;
}

/** A name that tells which process writes there. */
export function temporaryName(): string {
  return `.tmp-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** Whether a name is what a process that no longer runs, or this one, has left of a write. To be asked under the lock. */
export function isLeftover(name: string): boolean {
  const [, id] = /^\.tmp-(\d+)-[0-9a-f]{12}$/.exec(name) ?? [];
  return id !== undefined && (Number(id) === process.pid || !isRunning(Number(id)));
}

/** Where the checkpoints of a directory are: in its folder `checkpoints` if it has one, else in it. */
export function checkpointsIn(directory: string): string {
  const inner = join(directory, checkpointFolder);
  return isDirectory(inner) ? inner : directory;
}
