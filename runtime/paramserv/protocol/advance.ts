import { size, take } from "./fifo.js";
import { beginSnapshot, endSnapshot, handOutSnapshot, isValidating } from "./snapshots.js";
import { isOver, type State, slotOf, type Turn, workerOf } from "./state.js";
import { strategyNamed } from "./strategies.js";
import type { SlotId } from "./types.js";
import { complete, endPhase, handOutUpdate, startUpdate } from "./updates.js";
import { actorOf, occupy } from "./workers.js";

/**
 * Makes every step that is possible now, in order of precedence: what ends, then what it lets begin; updates before
 * reads, so that no push waits for ever; copies and validation before new work. No step makes an earlier one possible.
 */
export function advance(turn: Turn): void {
  if (isOver(turn.state)) return;
  endPhase(turn);
  if (turn.state.status === "stopping" && turn.state.update === null) {
    finish(turn, "aborted");
    return;
  }
  endSnapshot(turn);
  beginSnapshot(turn);
  startUpdate(turn);
  handOutUpdate(turn);
  handOutSnapshot(turn);
  grant(turn);
  if (allIsDone(turn.state)) finish(turn, "completed");
}

function finish({ state, effects }: Turn, status: "completed" | "aborted"): void {
  state.status = status;
  effects.push({ kind: "finish", status });
}

/** The last checkpoint may still be on its way to the disk: who saves it waits for that. */
function allIsDone(state: State): boolean {
  const { config, epoch, update, due, snapshot } = state;
  if (epoch < config.epochs || update !== null || due.length > 0) return false;
  return snapshot === null || (snapshot.captured && snapshot.validation === null);
}

/** Grants items to the idle workers that want one. */
function grant(turn: Turn): void {
  const { state } = turn;
  if (!mayGrant(state)) return;
  for (let id = take(state.wanting); id !== undefined; id = take(state.wanting)) {
    const worker = workerOf(state, id);
    worker.wanting = false;
    // It may have been given something else since it said so; then it is asked again when it is done.
    const slot = worker.task === null ? nextReady(state, id) : undefined;
    if (slot !== undefined) grantSlot(turn, id, slot);
  }
}

function mayGrant(state: State): boolean {
  const { config, status, started, update } = state;
  if (status !== "running" || !started || update !== null || complete(state) > 0) return false;
  return strategyNamed(config.strategy).overlapsValidation || !isValidating(state);
}

function nextReady(state: State, id: number): SlotId | undefined {
  const { ready } = workerOf(state, id);
  while (size(ready) > 0) {
    const slotId = take(ready) ?? 0;
    const slot = slotOf(state, slotId);
    slot.listed = false;
    if (slot.phase === "ready") return slotId;
  }
  return undefined;
}

function grantSlot({ state, effects }: Turn, id: number, slotId: SlotId): void {
  const { version, iteration } = state;
  const slot = slotOf(state, slotId);
  slot.phase = "granted";
  slot.read = version;
  state.readers += 1;
  occupy(state, id, { kind: "grant", slot: slotId, clock: slot.clock, version, iteration, reading: true });
  effects.push({ kind: "grant", to: actorOf(state, id), slot: slotId, clock: slot.clock, version, iteration });
}
