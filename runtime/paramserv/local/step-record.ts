import type { Figures } from "../figures.js";
import type { Job } from "../job.js";
import { pushesAnEpoch } from "../protocol/plan.js";
import type { SlotPlan, Update } from "../protocol/types.js";
import { lossesOf, meansOf, ScalarSums, userLosses } from "../scalars.js";
import type { StepRecord } from "../types.js";
import { learningRateOf } from "./recording.js";

/** Makes what a caller is told of an update. */
export function stepRecord(job: Job, plans: readonly SlotPlan[]): (update: Update<Figures>) => StepRecord {
  const { options, program } = job;
  const losses = program === undefined || "module" in options.upd ? userLosses : lossesOf(program);
  const rateAt = learningRateOf(job);
  return ({ version, iteration, contributions }) => {
    // An update's rows are of one epoch; the protocol may be in the next when the update is told.
    const [epoch = 0] = contributions.map(({ slot, clock }) => epochOf(plans[slot], clock));
    const sums = new ScalarSums();
    for (const { rows, figures } of contributions) sums.add({ rows, scalars: figures.scalars });
    return {
      update: version + 1,
      epoch: epoch + 1,
      rows: sums.rows,
      ...(rateAt && { learning_rate: rateAt(iteration) }),
      train: { loss: Number.NaN, ...meansOf(losses, sums.scalars) },
    };
  };
}

function epochOf(plan: SlotPlan | undefined, clock: number): number {
  return plan === undefined ? 0 : Math.floor(clock / pushesAnEpoch(plan));
}
