import { internalError } from "../../errors.js";
import type { State, WorkerId, WorkerPlan } from "./types.js";

/** Pushes in an epoch. */
export function pushesAnEpoch({ rows, rowsPerPush }: WorkerPlan): number {
  return Math.ceil(rows / rowsPerPush);
}

/** Batches in an epoch. */
export function batchesAnEpoch({ rows, rowsPerPush, batchsize }: WorkerPlan): number {
  const whole = Math.floor(rows / rowsPerPush);
  return whole * Math.ceil(rowsPerPush / batchsize) + Math.ceil((rows - whole * rowsPerPush) / batchsize);
}

/** What the push at this clock holds: rows, and the batches that they make. */
export function plannedPush(plan: WorkerPlan, clock: number): { readonly rows: number; readonly batches: number } {
  const index = clock % pushesAnEpoch(plan);
  const rows = Math.min(plan.rowsPerPush, plan.rows - index * plan.rowsPerPush);
  return { rows, batches: Math.ceil(rows / plan.batchsize) };
}

/** Rows that all workers push in an epoch. */
export function rowsAnEpoch(plans: readonly WorkerPlan[]): number {
  return plans.reduce((sum, { rows }) => sum + rows, 0);
}

/** The plan of a worker of the run. */
export function planOf({ config }: State, worker: WorkerId): WorkerPlan {
  const plan = config.plans[worker];
  if (plan === undefined) throw internalError(`there is no plan for worker ${worker}`);
  return plan;
}
