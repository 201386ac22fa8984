import type { Problem } from "../../errors.js";
import { inOrder } from "./fifo.js";
import { share } from "./leases.js";
import { fail, lose } from "./losses.js";
import { isOver, type Stamp, type State, slotOf, type Task, type Turn, type WorkerState } from "./state.js";

/**
 * Time passes. What began since the last tick begins now, so a wait is never cut short; it may end late by the time
 * between two ticks.
 */
export function tick(turn: Turn, time: number): void {
  const { state } = turn;
  const now = Math.max(time, state.now ?? time);
  state.now = now;
  for (const [id, worker] of Object.entries(state.workers)) {
    if (!worker.present) continue;
    worker.heard ??= now;
    if (worker.task !== null) worker.since ??= now;
    const problem = overdue(state, Number(id), worker, now);
    if (problem !== undefined) lose(turn, Number(id), [problem]);
    if (isOver(state)) return;
  }
  endVacancies(turn, now);
}

function overdue({ config }: State, id: number, worker: WorkerState, now: number): Problem | undefined {
  const { silence, work } = config.deadlines;
  if (isPast(worker.heard, silence, now)) {
    return { code: "WORKER_SILENT", message: `worker ${id} gave no sign of life for ${silence} ms` };
  }
  if (worker.task === null || !isPast(worker.since, work, now)) return undefined;
  return { code: "WORKER_LATE", message: `worker ${id} did not ${describe(worker.task)} within ${work} ms` };
}

function isPast(since: Stamp, limit: number | null, now: number): boolean {
  return limit !== null && since !== null && now - since >= limit;
}

function describe(task: Task): string {
  switch (task.kind) {
    case "grant":
      return `push item ${task.clock} of slot ${task.slot}`;
    case "apply":
      return "make its part of an update";
    case "copy":
      return "copy its part of the weights";
    default:
      return "evaluate its part of the validation rows";
  }
}

/** Slots that have waited long enough for a worker go to those that are there. */
function endVacancies(turn: Turn, now: number): void {
  const { state } = turn;
  const { join } = state.config.deadlines;
  const due = inOrder(state.vacant).filter((id) => {
    const slot = slotOf(state, id);
    slot.vacantSince ??= now;
    return isPast(slot.vacantSince, join, now);
  });
  shareOrFail(turn, due, `within ${join} ms`);
}

/** No worker will come for what is vacant. */
export function endAllVacancies(turn: Turn): void {
  shareOrFail(turn, inOrder(turn.state.vacant), "for the slots that nobody holds");
}

function shareOrFail(turn: Turn, slots: readonly number[], when: string): void {
  const { state } = turn;
  if (slots.length === 0) return;
  if (state.present > 0) share(turn, slots);
  else fail(turn, state.problems.length > 0 ? state.problems : [missing(state, when)]);
}

function missing({ slots }: State, when: string): Problem {
  return { code: "WORKER_MISSING", message: `no worker came ${when}; the run has ${slots.length} slots` };
}
