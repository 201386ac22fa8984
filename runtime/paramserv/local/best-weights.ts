import type { OpenCheckpoints } from "../../checkpoints/open.js";
import { viewsByName } from "../../program/layout.js";
import type { Job } from "../job.js";
import type { ProtocolConfig } from "../protocol/types.js";
import type { KeptWeights } from "../types.js";
import { plannedUpdates } from "./kept-weights.js";

/**
 * The best weights of a run that asked for them, read to where those of its end lie (Keras, EarlyStopping with
 * `restore_best_weights`); undefined where it did not ask, or nothing was validated.
 */
export async function readBest(
  { job, config, weights }: { readonly job: Job; readonly config: ProtocolConfig; readonly weights: Float32Array },
  checkpoints: OpenCheckpoints | undefined,
): Promise<KeptWeights | undefined> {
  const found = job.options.best === undefined ? undefined : await checkpoints?.best();
  if (found === undefined) return undefined;
  const { best, checkpoint } = found;
  for (const [name, { data }] of Object.entries(viewsByName(job.layout, weights))) await checkpoint.read(name, data);
  const { version, epoch, validation } = best;
  return { update: version, updates: plannedUpdates(config), epoch, validation };
}
