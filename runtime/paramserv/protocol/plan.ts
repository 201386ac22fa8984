import type { SlotPlan } from "./types.js";

/** Pushes in an epoch. */
export function pushesAnEpoch({ rows, rowsPerPush }: SlotPlan): number {
  return Math.ceil(rows / rowsPerPush);
}

/** Batches in an epoch. */
export function batchesAnEpoch({ rows, rowsPerPush, batchsize }: SlotPlan): number {
  const whole = Math.floor(rows / rowsPerPush);
  return whole * Math.ceil(rowsPerPush / batchsize) + Math.ceil((rows - whole * rowsPerPush) / batchsize);
}

/** What the push at this clock holds: rows, and the batches that they make. */
export function plannedPush(plan: SlotPlan, clock: number): { readonly rows: number; readonly batches: number } {
  const index = clock % pushesAnEpoch(plan);
  const rows = Math.min(plan.rowsPerPush, plan.rows - index * plan.rowsPerPush);
  return { rows, batches: Math.ceil(rows / plan.batchsize) };
}

/** Rows that all slots push in an epoch. */
export function rowsAnEpoch(plans: readonly SlotPlan[]): number {
  return plans.reduce((sum, { rows }) => sum + rows, 0);
}

/** Rounds in an epoch: the pushes of the slot that has most. */
export function roundsAnEpoch(plans: readonly SlotPlan[]): number {
  return plans.reduce((most, plan) => Math.max(most, pushesAnEpoch(plan)), 0);
}

/**
 * The round that a slot's item at this clock belongs to, counted over the whole run: epoch · rounds + place in the epoch.
 * A slot that has done its pushes of an epoch is at the start of the next, so one with fewer pushes holds nobody up.
 */
export function roundAt(plan: SlotPlan, clock: number, rounds: number): number {
  const pushes = pushesAnEpoch(plan);
  return Math.floor(clock / pushes) * rounds + (clock % pushes);
}
