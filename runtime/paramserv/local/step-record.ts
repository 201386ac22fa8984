import type { Figures } from "../figures.js";
import type { Job } from "../job.js";
import type { Update } from "../protocol/types.js";
import { lossesOf, meansOf, ScalarSums, userLosses } from "../scalars.js";
import type { StepRecord } from "../types.js";
import { learningRateOf } from "./recording.js";

/** Makes what a caller is told of an update. */
export function stepRecord(job: Job): (update: Update<Figures>, epoch: number) => StepRecord {
  const { options, program } = job;
  const losses = program === undefined || "module" in options.upd ? userLosses : lossesOf(program);
  const rateAt = learningRateOf(job);
  return ({ version, iteration, contributions }, epoch) => {
    const sums = new ScalarSums();
    for (const { rows, figures } of contributions) sums.add({ rows, scalars: figures.scalars });
    return {
      update: version + 1,
      epoch,
      rows: sums.rows,
      ...(rateAt && { learning_rate: rateAt(iteration) }),
      train: { loss: Number.NaN, ...meansOf(losses, sums.scalars) },
    };
  };
}
