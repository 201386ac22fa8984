import { fifo, inOrder, keepOnly, put, size, take } from "./fifo.js";
import { offer } from "./pace.js";
import { type State, slotOf, type Turn, type WorkerState, workerOf } from "./state.js";
import type { SlotId } from "./types.js";
import { actorOf } from "./workers.js";

/** A worker that has joined takes what nobody holds, or a slot from one that holds several; else it waits as a spare. */
export function leaseToJoined(turn: Turn, id: number): void {
  const { state } = turn;
  if (size(state.vacant) > 0) leaseVacant(turn, id);
  else {
    state.spares.push(id);
    const slot = surplusSlot(state);
    if (slot !== undefined) handOver(turn, slot);
  }
}

/** What has become vacant goes to workers without a slot, in order of joining. */
export function leaseToSpares(turn: Turn): void {
  const { state } = turn;
  while (size(state.vacant) > 0) {
    const spare = state.spares.shift();
    if (spare === undefined) return;
    leaseVacant(turn, spare);
  }
}

/** These vacant slots wait for nobody: they go to the workers with fewest slots. There is such a worker. */
export function share(turn: Turn, slots: readonly SlotId[]): void {
  const { state } = turn;
  const shared = new Set(slots);
  keepOnly(state.vacant, (slot) => !shared.has(slot));
  for (const slot of slots) {
    const worker = withFewestSlots(state);
    if (worker !== undefined) lease(turn, slot, worker);
  }
}

/** A slot whose item is not under way goes from a worker that holds several to one that holds none. */
export function handOver(turn: Turn, id: SlotId): void {
  const { state } = turn;
  const slot = slotOf(state, id);
  if (slot.holder === null || state.spares.length === 0) return;
  if (slot.phase !== "ready" && slot.phase !== "parked") return;
  const giver = workerOf(state, slot.holder);
  const spare = giver.slots.length > 1 ? state.spares.shift() : undefined;
  if (spare === undefined) return;
  giver.slots = giver.slots.filter((held) => held !== id);
  keepOnly(giver.ready, (listed) => listed !== id);
  slot.listed = false;
  lease(turn, id, spare);
}

/** The slots of a worker that is gone: nobody holds them. An item under way is not of this: it is taken back before. */
export function vacate(state: State, id: number): readonly SlotId[] {
  const worker = workerOf(state, id);
  const { slots } = worker;
  for (const slotId of slots) {
    const slot = slotOf(state, slotId);
    slot.holder = null;
    slot.lostWith = id;
    slot.vacantSince = null;
    slot.listed = false;
    put(state.vacant, slotId);
  }
  worker.slots = [];
  worker.ready = fifo();
  return slots;
}

/** The vacant slot of the worker's own number, so that who does what is the same in every run; else the first one. */
function takeVacant(state: State, id: number): SlotId | undefined {
  if (!inOrder(state.vacant).includes(id)) return take(state.vacant);
  keepOnly(state.vacant, (slot) => slot !== id);
  return id;
}

/** A vacant slot; where that was lost with a worker, the others that were lost with it, so that one worker replaces another. */
function leaseVacant(turn: Turn, id: number): void {
  const { state } = turn;
  const first = takeVacant(state, id);
  if (first === undefined) return;
  const { lostWith } = slotOf(state, first);
  lease(turn, first, id);
  if (lostWith === null) return;
  const others = inOrder(state.vacant).filter((slot) => slotOf(state, slot).lostWith === lostWith);
  keepOnly(state.vacant, (slot) => !others.includes(slot));
  for (const slot of others) lease(turn, slot, id);
}

function lease(turn: Turn, id: SlotId, worker: number): void {
  const { state, effects } = turn;
  const slot = slotOf(state, id);
  slot.holder = worker;
  slot.lostWith = null;
  workerOf(state, worker).slots.push(id);
  state.spares = state.spares.filter((spare) => spare !== worker);
  if (size(state.vacant) === 0) state.started = true;
  effects.push({ kind: "lease", to: actorOf(state, worker), slot: id, clock: slot.clock });
  offer(state, id);
}

/** A slot of the worker with most slots among those that have one to give. */
function surplusSlot(state: State): SlotId | undefined {
  let most = 1;
  let found: SlotId | undefined;
  for (const worker of presentWorkers(state)) {
    if (worker.slots.length <= most) continue;
    const slot = worker.slots.find((id) => ["ready", "parked"].includes(slotOf(state, id).phase));
    if (slot === undefined) continue;
    most = worker.slots.length;
    found = slot;
  }
  return found;
}

function withFewestSlots(state: State): number | undefined {
  let fewest = Number.POSITIVE_INFINITY;
  let found: number | undefined;
  for (const [id, { present, slots }] of Object.entries(state.workers)) {
    if (!present || slots.length >= fewest) continue;
    fewest = slots.length;
    found = Number(id);
  }
  return found;
}

function presentWorkers({ workers }: State): readonly WorkerState[] {
  return Object.values(workers).filter(({ present }) => present);
}
