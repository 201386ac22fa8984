import { checkpointsIn } from "../checkpoints/names.js";
import { CheckpointStore } from "../checkpoints/store.js";
import { isResult, readResult } from "../results/index.js";

/**
 * What to say of a run that shall go on and is at its end: its last checkpoint is that of the result, and no more epochs
 * are asked for. Undefined where there is something left to do.
 */
export async function completion(directory: string, epochs: number | undefined): Promise<string | undefined> {
  if (!isResult(directory)) return undefined;
  // A result that cannot be read is written again.
  const result = await readResult(directory).catch(() => undefined);
  const last = (await new CheckpointStore(checkpointsIn(directory)).list()).at(-1);
  if (result === undefined || result.record.status !== "completed" || last !== result.record.kept.updates)
    return undefined;
  const done = result.record.options.epochs;
  if (epochs !== undefined && epochs > done) return undefined;
  return `the run is complete: ${done} of ${done} epochs, its result is in ${directory}; --epochs makes it longer`;
}
