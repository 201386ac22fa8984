import { assertNever, type Problem } from "../../errors.js";
import { keepOnly } from "./fifo.js";
import { leaseToSpares, share, vacate } from "./leases.js";
import { type Parts, returnPart } from "./parts.js";
import { type State, slotOf, type Task, type Turn, workerOf } from "./state.js";
import type { Actor } from "./types.js";
import { actorOf, notIdle } from "./workers.js";

/** Workers that are gone and still known, at least: what they say is refused as fenced, not as unknown. */
const mostGone = 256;

/** A worker is lost: what it had under way is given to others, and the host is asked for another worker. What it has pushed stays pushed. */
export function lose(turn: Turn, id: number, problems: readonly Problem[]): void {
  const worker = actorOf(turn.state, id);
  if (failsBy(turn, id, problems)) return;
  turn.effects.push({ kind: "replace", worker, problems });
  vacate(turn.state, id);
  leaseToSpares(turn);
}

/** A worker has come back as the next incarnation: the one before is lost, and nobody has to be asked for. */
export function supersede(turn: Turn, id: number, problems: readonly Problem[]): void {
  if (!failsBy(turn, id, problems)) vacate(turn.state, id);
}

/** A worker has left: what it held goes to others at once, if there are any. Nothing is lost by it. */
export function dismiss(turn: Turn, id: number): void {
  const { state } = turn;
  takeBack(state, id, false);
  const slots = vacate(state, id);
  leaseToSpares(turn);
  if (state.present > 0 && state.started)
    share(
      turn,
      slots.filter((slot) => slotOf(state, slot).holder === null),
    );
}

/** The run is lost. */
export function fail(turn: Turn, problems: readonly Problem[], worker?: Actor): void {
  turn.state.status = "failed";
  turn.state.problems = problems;
  turn.effects.push({ kind: "fail", problems, ...(worker && { worker }) });
}

/** Takes back what a worker had under way; whether the run fails because that was lost too often. */
function failsBy(turn: Turn, id: number, problems: readonly Problem[]): boolean {
  const { state } = turn;
  state.problems = problems;
  if (takeBack(state, id, true) < state.config.attempts) return false;
  fail(turn, problems, actorOf(state, id));
  return true;
}

/** Ends a worker's lease. Gives how often what it was at has been lost. */
function takeBack(state: State, id: number, isLoss: boolean): number {
  const worker = workerOf(state, id);
  const { task } = worker;
  if (task === null) notIdle(state, id);
  if (worker.wanting) keepOnly(state.wanting, (wanting) => wanting !== id);
  state.spares = state.spares.filter((spare) => spare !== id);
  state.present -= 1;
  state.gone.push(id);
  Object.assign(worker, { present: false, task: null, since: null, wanting: false, idleAt: -1 });
  forgetOldest(state);
  return task === null ? 0 : takeBackTask(state, task, isLoss);
}

function takeBackTask(state: State, task: Task, isLoss: boolean): number {
  switch (task.kind) {
    case "grant":
      return takeBackItem(state, task, isLoss);
    case "apply":
      return takeBackPart(state.update?.parts, task.part, isLoss);
    case "copy":
      return takeBackPart(state.snapshot?.copy, task.part, isLoss);
    case "evaluate":
      return takeBackPart(state.snapshot?.validation, task.part, isLoss);
    default:
      return assertNever(task, "task");
  }
}

/** The item waits for the next holder of its slot, unless it was dropped meanwhile. */
function takeBackItem(state: State, task: Extract<Task, { kind: "grant" }>, isLoss: boolean): number {
  const slot = slotOf(state, task.slot);
  if (task.reading) state.readers -= 1;
  if (slot.clock !== task.clock) return 0;
  slot.losses += isLoss ? 1 : 0;
  slot.phase = "ready";
  return slot.losses;
}

function takeBackPart(parts: Parts | null | undefined, part: number, isLoss: boolean): number {
  return parts ? returnPart(parts, part, isLoss) : 0;
}

function forgetOldest(state: State): void {
  if (state.gone.length <= Math.max(mostGone, 2 * state.slots.length)) return;
  const oldest = state.gone.shift();
  if (oldest !== undefined) delete state.workers[oldest];
}
