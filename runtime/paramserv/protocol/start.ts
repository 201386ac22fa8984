import { internalError } from "../../errors.js";
import { fifo } from "./fifo.js";
import { place } from "./pace.js";
import { roundAt, roundsAnEpoch } from "./plan.js";
import type { SlotState, State } from "./state.js";
import type { ProtocolConfig, SlotPlan } from "./types.js";

/** What a checkpoint keeps of a run: nothing of workers, and nothing under way. */
export interface ProtocolCheckpoint {
  readonly version: number;
  readonly iteration: number;
  readonly epoch: number;
  readonly rows: number;
  readonly pushes: number;
  readonly drops: number;
  readonly droppedRows: number;
  /** Ended epochs whose validation is still to come. */
  readonly unvalidated: readonly number[];
  /** Items of each slot that are committed or dropped. */
  readonly clocks: readonly number[];
}

/** The state before any worker has joined. */
export function initialState(config: ProtocolConfig): State {
  const clocks = config.plans.map(() => 0);
  return restoredState(config, {
    version: 0,
    iteration: 0,
    epoch: 0,
    rows: 0,
    pushes: 0,
    drops: 0,
    droppedRows: 0,
    unvalidated: [],
    clocks,
  });
}

/** What a checkpoint needs of the state; meant to be taken at the effect `capture`. */
export function checkpointOf(state: State): ProtocolCheckpoint {
  const { version, iteration, epoch, rows, pushes, drops, droppedRows, slots, due, snapshot } = state;
  const pending = [
    ...(snapshot?.validation ? [snapshot.epoch] : []),
    ...due.filter((one) => one.validate).map((one) => one.epoch),
  ];
  return {
    version,
    iteration,
    epoch,
    rows,
    pushes,
    drops,
    droppedRows,
    unvalidated: pending,
    clocks: slots.map(({ clock }) => clock),
  };
}

/**
 * The state of a run that goes on from a checkpoint, before any worker has joined. What was under way is computed again.
 * An epoch whose validation was still to come is validated first. The number of epochs may be another than before.
 */
export function restoredState(config: ProtocolConfig, { clocks, unvalidated, ...counts }: ProtocolCheckpoint): State {
  check(config);
  if (clocks.length !== config.plans.length) {
    throw internalError(`the checkpoint has ${clocks.length} slots; the run has ${config.plans.length}`);
  }
  const rounds = roundsAnEpoch(config.plans);
  const slots = config.plans.map((plan, id) => slotAt(plan, clocks[id] ?? 0, rounds));
  const state: State = {
    config,
    status: "running",
    now: null,
    started: false,
    slots,
    workers: {},
    present: 0,
    gone: [],
    vacant: fifo([...slots.keys()]),
    spares: [],
    idle: [],
    wanting: fifo(),
    queue: fifo(),
    readers: 0,
    rounds,
    floor: slots.reduce((least, { round }) => Math.min(least, round), Number.MAX_SAFE_INTEGER),
    members: {},
    parked: {},
    ...counts,
    update: null,
    due: config.validate ? unvalidated.map((epoch) => ({ epoch, save: false, validate: true })) : [],
    snapshot: null,
    problems: [],
  };
  for (const id of slots.keys()) place(state, id);
  return state;
}

function slotAt(plan: SlotPlan, clock: number, rounds: number): SlotState {
  return {
    holder: null,
    lostWith: null,
    vacantSince: null,
    clock,
    round: roundAt(plan, clock, rounds),
    phase: "parked",
    read: 0,
    losses: 0,
    listed: false,
    push: null,
  };
}

/** A host that gives anything else has a defect: what users give is checked before. */
function check({ plans, epochs, staleness, backups, phases, attempts, checkpoint }: ProtocolConfig): void {
  if (plans.length === 0) throw internalError("a run needs a slot");
  if (plans.some(({ rows }) => rows < 1)) throw internalError("each slot needs a row");
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  if (![epochs, phases, attempts, checkpoint?.every ?? 1].every(whole(1)) || ![staleness, backups].every(whole(0))) {
    throw internalError("epochs, phases, attempts and checkpoint.every count from 1, staleness and backups from 0");
  }
}
