import { availableParallelism } from "node:os";
import { openEngine } from "../../engines/index.js";
import type { Job } from "../job.js";
import { pushesAnEpoch, rowsAnEpoch } from "../protocol/plan.js";
import { strategies } from "../protocol/strategies.js";
import type { ProtocolConfig } from "../protocol/types.js";
import { lossesOf, meansOf, ScalarSums } from "../scalars.js";
import type { EpochRecord, KeptWeights } from "../types.js";
import { validationBatches } from "../validation-batches.js";
import { BatchReader } from "../worker/batch-reader.js";
import { engineEvaluator } from "../worker/engine-gradients.js";
import type { Ending } from "./server.js";

interface Ended {
  readonly job: Job;
  readonly config: ProtocolConfig;
  /** Updates made, and rows that are done with. */
  readonly progress: { readonly updates: number; readonly rows: number };
  readonly recorded: { readonly epochs: readonly EpochRecord[] };
  readonly status: Ending;
  /** The flat variables that are kept. */
  readonly weights: Float32Array;
}

/** Which weights a run ends with, and what the validation says of them. */
export async function keptWeights(ended: Ended): Promise<KeptWeights> {
  const { job, config, progress, status } = ended;
  const { epochs } = ended.recorded;
  const epochRows = rowsAnEpoch(config.plans);
  const update = progress.updates;
  const kept = { update, updates: plannedUpdates(config), epoch: Math.ceil(progress.rows / epochRows) };
  const last = epochs.at(-1);
  const isEpochEnd = progress.rows === epochs.length * epochRows;
  const known = isEpochEnd ? last?.validation : undefined;
  const figures = known ?? (status === "aborted" && update > 0 ? await validate(job, ended.weights) : undefined);
  return { ...kept, ...(figures && { validation: figures }) };
}

/** BSP and SBP make an update of each round of pushes, the others of each push. */
export function plannedUpdates({ strategy, epochs, plans }: ProtocolConfig): number {
  const pushes = plans.map(pushesAnEpoch);
  return (
    epochs * (strategies[strategy].joinsRounds ? Math.max(...pushes) : pushes.reduce((sum, count) => sum + count, 0))
  );
}

/** Seconds that the validation of an interrupted run may take; its user waits. */
const patience = 10;

/** Evaluates the validation rows on this thread; undefined where there are none, or not enough time. */
async function validate(
  { options, program, validation }: Job,
  weights: Float32Array,
): Promise<KeptWeights["validation"]> {
  if (program === undefined || validation === undefined || !weights.every(Number.isFinite)) return undefined;
  const deadline = performance.now() + patience * 1000;
  const session = await openEngine(options.engine, program, { threads: availableParallelism() });
  const reader = new BatchReader(validation.dataset, options.batchsize, 0);
  try {
    const evaluator = engineEvaluator(session, program);
    evaluator.weights.set(weights);
    const sums = new ScalarSums();
    for (const rows of validationBatches(validation.rows, options.batchsize, { part: 0, parts: 1 })) {
      if (performance.now() > deadline) return undefined;
      sums.add({ rows: rows.length, scalars: await evaluator.evaluate(await reader.read(rows)) });
    }
    return meansOf(lossesOf(program), sums.scalars);
  } finally {
    await reader.close();
    await session.close();
  }
}
