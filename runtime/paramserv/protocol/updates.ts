import { aggregations } from "./aggregations.js";
import { size, take } from "./fifo.js";
import { handOver } from "./leases.js";
import { move, planOf, settle } from "./pace.js";
import { inParts, isDone } from "./parts.js";
import { plannedPush } from "./plan.js";
import { noteCopy } from "./snapshots.js";
import { type State, slotOf, type Turn } from "./state.js";
import { strategyNamed } from "./strategies.js";
import type { Contribution, SlotId, Update } from "./types.js";
import { actorOf, handOut, occupy } from "./workers.js";

/** How many of the waiting pushes make the next update now; 0 while it is not complete, or a copy of the weights has to be made first. */
export function complete(state: State): number {
  const { config, members, floor, due, snapshot } = state;
  if (due.length > 0 || snapshot?.captured === false) return 0;
  const { backups } = config;
  return strategyNamed(config.strategy).take({ pushes: size(state.queue), members: members[floor] ?? 0, backups });
}

/** Makes an update of the waiting pushes, if it is complete and nobody reads. */
export function startUpdate(turn: Turn): void {
  const { state } = turn;
  const { config, idle } = state;
  if (state.update !== null || state.status !== "running" || state.readers > 0) return;
  const slots = Array.from({ length: complete(state) }, () => take(state.queue) ?? 0).sort((a, b) => a - b);
  if (slots.length === 0) return;
  const work = updateOf(state, slots, config.splitUpdates ? Math.max(idle.length, 1) : 1);
  for (const id of slots) slotOf(state, id).phase = "applying";
  if (strategyNamed(config.strategy).dropsLate) dropLate(turn);
  state.update = { work, phase: 0, parts: inParts(work.parts) };
}

/** When all parts of a phase are made: the next phase, or the end of the update. */
export function endPhase({ state, effects }: Turn): void {
  if (state.update === null || !isDone(state.update.parts)) return;
  const { work, phase } = state.update;
  if (phase + 1 < state.config.phases) {
    state.update = { work, phase: phase + 1, parts: inParts(work.parts) };
    return;
  }
  state.update = null;
  commit({ state, effects }, work);
}

/** Parts of the update to workers that are free. */
export function handOutUpdate({ state, effects }: Turn): void {
  if (state.update === null) return;
  const { work: update, phase, parts } = state.update;
  handOut(state, parts, (worker, part) => {
    occupy(state, worker, { kind: "apply", part });
    effects.push({ kind: "apply", to: actorOf(state, worker), update, phase, part });
  });
}

/** The slot's push is in the weights: its worker has applied it. */
export function commitPush(turn: Turn, id: SlotId): void {
  commit(turn, updateOf(turn.state, [id], 1));
}

function updateOf(state: State, slots: readonly SlotId[], parts: number): Update<unknown> {
  const { config, version } = state;
  const pushes = slots.map((id) => ({
    id,
    slot: slotOf(state, id),
    ...plannedPush(planOf(state, id), slotOf(state, id).clock),
  }));
  const total = pushes.reduce((sum, { rows }) => sum + rows, 0);
  const weigh = aggregations[config.aggregation];
  return {
    version,
    iteration: state.iteration + pushes.reduce((most, { batches }) => Math.max(most, batches), 0) - 1,
    contributions: pushes.map(({ id, slot, rows, batches }): Contribution<unknown> => {
      const { worker, figures } = slot.push ?? { worker: -1, figures: undefined };
      const [weight, staleness] = [weigh({ rows, total }), version - slot.read];
      return { slot: id, clock: slot.clock, worker, rows, batches, weight, staleness, figures };
    }),
    parts,
  };
}

/** What the round still lacks counts no more: its slots go on with their next items. */
function dropLate({ state, effects }: Turn): void {
  for (const [id, { round, phase, clock }] of state.slots.entries()) {
    if (round !== state.floor || phase === "applying") continue;
    const { rows } = plannedPush(planOf(state, id), clock);
    state.drops += 1;
    state.droppedRows += rows;
    move(state, id);
    effects.push({ kind: "dropped", slot: id, clock, rows });
    handOver({ state, effects }, id);
  }
}

function commit(turn: Turn, work: Update<unknown>): void {
  const { state, effects } = turn;
  state.version += 1;
  state.iteration = work.iteration + 1;
  effects.push({ kind: "updated", update: work });
  for (const { slot, rows } of work.contributions) {
    state.rows += rows;
    state.pushes += 1;
    move(state, slot);
    handOver(turn, slot);
  }
  settle(state);
  const ended = state.floor >= (state.epoch + 1) * state.rounds;
  if (ended) {
    state.epoch += 1;
    // A run that stops just here is validated when it goes on.
    effects.push({ kind: "epochEnd", epoch: state.epoch, validating: state.config.validate });
  }
  noteCopy(state, ended);
}
