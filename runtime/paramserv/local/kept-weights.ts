import { availableParallelism } from "node:os";
import { openEngine } from "../../engines/index.js";
import type { Job } from "../job.js";
import { pushesAnEpoch, rowsAnEpoch } from "../protocol/plan.js";
import type { ProtocolConfig } from "../protocol/types.js";
import type { Counts } from "../recorder.js";
import { lossesOf, meansOf, ScalarSums } from "../scalars.js";
import type { KeptWeights } from "../types.js";
import { validationBatches } from "../validation-batches.js";
import { BatchReader } from "./batch-reader.js";
import { engineEvaluator } from "./engine-gradients.js";
import type { Ending } from "./server.js";

interface Ended {
  readonly job: Job;
  readonly config: ProtocolConfig;
  readonly counts: Counts;
  readonly status: Ending;
  /** The flat variables that are kept. */
  readonly weights: Float32Array;
}

/** Which weights a run ends with, and what the validation says of them. */
export async function keptWeights(ended: Ended): Promise<KeptWeights> {
  const { job, config, counts, status } = ended;
  const epochRows = rowsAnEpoch(config.plans);
  const update = counts.updates;
  const kept = { update, updates: plannedUpdates(config), epoch: Math.ceil(counts.samples / epochRows) };
  const last = counts.epochs.at(-1);
  const isEpochEnd = counts.samples === counts.epochs.length * epochRows;
  const known = isEpochEnd ? last?.validation : undefined;
  const figures = known ?? (status === "aborted" && update > 0 ? await validate(job, ended.weights) : undefined);
  return { ...kept, ...(figures && { validation: figures }) };
}

/** BSP makes an update of each round of pushes, ASP of each push. */
function plannedUpdates({ strategy, epochs, plans }: ProtocolConfig): number {
  const pushes = plans.map(pushesAnEpoch);
  return epochs * (strategy === "BSP" ? Math.max(...pushes) : pushes.reduce((sum, count) => sum + count, 0));
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
  try {
    const evaluator = engineEvaluator(session, program);
    evaluator.weights.set(weights);
    const reader = new BatchReader(validation.dataset, options.batchsize);
    const sums = new ScalarSums();
    for (const rows of validationBatches(validation.rows, options.batchsize, { part: 0, parts: 1 })) {
      if (performance.now() > deadline) return undefined;
      sums.add({ rows: rows.length, scalars: await evaluator.evaluate(reader.read(rows)) });
    }
    return meansOf(lossesOf(program), sums.scalars);
  } finally {
    await session.close();
  }
}
