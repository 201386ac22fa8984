import { checkpointFrequency } from "../../checkpoints/frequency.js";
import { reference } from "../../kernels/reference.js";
import type { UpdatePlan } from "../../optimizers/plan.js";
import { makeOptimizer } from "../../optimizers/table.js";
import type { Assignment } from "../assign.js";
import type { Job } from "../job.js";
import { batchesAnEpoch, pushesAnEpoch } from "../protocol/plan.js";
import type { ProtocolConfig } from "../protocol/types.js";
import { chunksOf } from "../shards/chunks.js";
import type { MemoryPlan } from "../shards/plan.js";
import { longestMask } from "../worker/masks.js";

/** Times that a piece of work may be lost with its worker before the run fails with the cause. */
export const attempts = 3;

/** What the protocol is to do for a job. */
export function configOf({ options, validation }: Job, assignments: readonly Assignment[]): ProtocolConfig {
  const { utype, aggregation, epochs, staleness, numBackupWorkers, timeout, agg, checkpointing } = options;
  return {
    strategy: utype,
    aggregation,
    epochs,
    plans: assignments.map(({ plan }) => plan),
    staleness,
    backups: numBackupWorkers,
    validate: validation !== undefined,
    checkpoint: checkpointFrequency(checkpointing),
    // A user function gets the whole model.
    splitUpdates: !("module" in agg),
    phases: "module" in agg ? 1 : 1 + makeOptimizer(agg, reference).reductions.length,
    // Threads tell when they end, and the team watches over those that hang: only the start has a deadline here.
    deadlines: { join: timeout * 1000, work: null, silence: null },
    attempts,
  };
}

/** What the shared memory of a job holds. */
export function planMemory(
  { options, layout, ...job }: Job,
  assignments: readonly Assignment[],
  plan: UpdatePlan | undefined,
): MemoryPlan {
  const { agg, modelAvg, nonfinite, checkpointing } = options;
  const { trained, pushed, size } = layout;
  const isUser = "module" in agg;
  // What is gone back to, and what is saved, has the optimizer's slots.
  const keepsSlots = nonfinite === "restore" || checkpointing !== "NONE";
  const hasSteps = assignments.some((one) => batchesAnEpoch(one.plan) > pushesAnEpoch(one.plan));
  return {
    trained,
    pushed,
    size,
    chunks: chunksOf(layout, plan),
    workers: assignments.length,
    slots: plan?.slots.length ?? 0,
    models: modelAvg,
    capture: { weights: job.validation !== undefined || keepsSlots, slots: keepsSlots },
    localSteps: modelAvg || hasSteps,
    candidate: isUser,
    mask: longestMask(job.program, job.training.lengths),
  };
}
