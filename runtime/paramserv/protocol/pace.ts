import { internalError } from "../../errors.js";
import { put } from "./fifo.js";
import { roundAt } from "./plan.js";
import { type SlotState, type State, slotOf, workerOf } from "./state.js";
import { strategyNamed } from "./strategies.js";
import type { SlotId, SlotPlan } from "./types.js";

/** Puts a slot among those of its round: its next item waits for its worker, or for slower slots, or there is none. */
export function place(state: State, id: SlotId): void {
  const { config, floor, members, parked } = state;
  const slot = slotOf(state, id);
  members[slot.round] = (members[slot.round] ?? 0) + 1;
  // More where a run that goes on was made shorter, and this slot is ahead.
  if (slot.round >= state.rounds * config.epochs) {
    slot.phase = "done";
    return;
  }
  const opens = slot.round - strategyNamed(config.strategy).lead(config);
  slot.phase = "parked";
  if (opens <= floor) ready(state, id, slot);
  else {
    parked[opens] ??= [];
    parked[opens].push(id);
  }
}

/** A slot's item is committed or dropped: it is at its next. `settle` has to follow. */
export function move(state: State, id: SlotId): void {
  const slot = slotOf(state, id);
  const left = (state.members[slot.round] ?? 0) - 1;
  if (left === 0) delete state.members[slot.round];
  else state.members[slot.round] = left;
  slot.clock += 1;
  slot.round = roundAt(planOf(state, id), slot.clock, state.rounds);
  slot.losses = 0;
  slot.push = null;
  place(state, id);
}

/** Raises the floor to the slowest slot's round, and lets the slots read that waited for it. */
export function settle(state: State): void {
  const { config, members, parked, rounds } = state;
  while (state.floor < rounds * config.epochs && members[state.floor] === undefined) {
    state.floor += 1;
    for (const id of parked[state.floor] ?? []) ready(state, id, slotOf(state, id));
    delete parked[state.floor];
  }
}

function ready(state: State, id: SlotId, slot: SlotState): void {
  slot.phase = "ready";
  offer(state, id);
}

/** Tells the slot's holder that its item may be granted. */
export function offer(state: State, id: SlotId): void {
  const slot = slotOf(state, id);
  if (slot.phase !== "ready" || slot.holder === null || slot.listed) return;
  slot.listed = true;
  put(workerOf(state, slot.holder).ready, id);
  want(state, slot.holder);
}

/** An idle worker with a slot that may be granted wants it; one at work wants it when it is done. */
export function want(state: State, id: number): void {
  const worker = workerOf(state, id);
  if (worker.task !== null || worker.wanting) return;
  worker.wanting = true;
  put(state.wanting, id);
}

/** The plan of a slot of the run. */
export function planOf({ config }: State, id: SlotId): SlotPlan {
  const plan = config.plans[id];
  if (plan === undefined) throw internalError(`there is no plan for slot ${id}`);
  return plan;
}
