import { type ErrorCode, internalError, type Problem } from "../../errors.js";
import type { Fifo } from "./fifo.js";
import type { Parts } from "./parts.js";
import type { Effect, ProtocolConfig, SlotId, Update } from "./types.js";

/** When something began: milliseconds, or null since the last tick. */
export type Stamp = number | null;

/**
 * Of a slot's item, its next push. parked: the strategy does not let it read yet; ready: waits for its worker; granted: is
 * read and computed; pushed: waits to be applied; applying: is part of the update that is made; done: there is none left.
 */
export type Phase = "parked" | "ready" | "granted" | "pushed" | "applying" | "done";

export interface SlotState {
  /** The worker that holds it. */
  holder: number | null;
  /** While nobody holds it: the worker that was lost with it, whose other slots go with it; since when. */
  lostWith: number | null;
  vacantSince: Stamp;
  /** Items committed or dropped, and the round of the next. */
  clock: number;
  round: number;
  phase: Phase;
  /** The version that its item was granted at. */
  read: number;
  /** How often its item was lost with its worker. */
  losses: number;
  /** Whether it stands in its holder's list of ready slots. */
  listed: boolean;
  /** Of the item that is pushed: who computed it, and its figures. */
  push: { readonly worker: number; readonly figures: unknown } | null;
}

/** What a worker is at. */
export type Task =
  | {
      readonly kind: "grant";
      readonly slot: SlotId;
      readonly clock: number;
      readonly version: number;
      readonly iteration: number;
      /** Until it has said `pulled`. */
      reading: boolean;
    }
  | { readonly kind: "apply"; readonly part: number }
  | { readonly kind: "copy"; readonly part: number }
  | { readonly kind: "evaluate"; readonly part: number };

export interface WorkerState {
  incarnation: number;
  /** False: its lease has ended, and what it still says is refused. */
  present: boolean;
  /** The number of its last message. */
  seq: number;
  /** Its last refused messages: duplicates have the same answer. */
  refusals: { readonly seq: number; readonly code: ErrorCode }[];
  /** Its last sign of life. */
  heard: Stamp;
  slots: SlotId[];
  /** Its slots that may be granted. Some may not be any more: whoever takes one looks. */
  ready: Fifo;
  /** Whether it stands among those that want a grant. */
  wanting: boolean;
  task: Task | null;
  since: Stamp;
  /** Its place in the list of idle workers; −1 where it has a task. */
  idleAt: number;
}

/** The copy of the weights for a validation, a checkpoint, or both. There is one: the next waits until it is free. */
export interface Snapshot {
  readonly version: number;
  readonly epoch: number;
  readonly copy: Parts;
  captured: boolean;
  /** Whether the host has yet to save it. */
  saving: boolean;
  readonly save: boolean;
  /** What is left to validate. */
  validation: Parts | null;
  figures: unknown[];
}

/** A copy that has to be made. */
export interface Due {
  readonly epoch: number;
  readonly save: boolean;
  readonly validate: boolean;
}

/** All that the protocol knows: plain data, as JSON and back at any moment. */
export interface State {
  readonly config: ProtocolConfig;
  status: "running" | "stopping" | "completed" | "aborted" | "failed";
  /** The last tick. */
  now: Stamp;
  /** Whether every slot has been leased once: before, nothing is granted. */
  started: boolean;
  readonly slots: SlotState[];
  readonly workers: Record<number, WorkerState>;
  /** How many workers are present. */
  present: number;
  /** Workers that are gone and still known, the oldest first. */
  gone: number[];
  /** Slots that nobody holds, in the order in which they are leased. */
  vacant: Fifo;
  /** Workers without a slot, in order of joining. */
  spares: number[];
  /** Workers without a task; the last is asked first. */
  readonly idle: number[];
  /** Idle workers with a slot that may be granted, in order; some may be at work again. */
  readonly wanting: Fifo;
  /** Pushes that wait to be applied, in order of arrival. */
  readonly queue: Fifo;
  /** Workers that read the weights now. */
  readers: number;
  /** Rounds in an epoch. */
  readonly rounds: number;
  /** The round of the slowest slot. */
  floor: number;
  /** How many slots are at each round. */
  readonly members: Record<number, number>;
  /** Slots that may read when the floor is at this round. */
  readonly parked: Record<number, SlotId[]>;
  /** Updates made. */
  version: number;
  iteration: number;
  /** Rows and pushes applied; items dropped, of them. */
  rows: number;
  pushes: number;
  drops: number;
  droppedRows: number;
  /** Epochs ended. */
  epoch: number;
  update: { readonly work: Update<unknown>; phase: number; parts: Parts } | null;
  due: Due[];
  snapshot: Snapshot | null;
  /** Why the last worker was lost, or the run. */
  problems: readonly Problem[];
}

/** What a message changes: the state, in place, and what the server then does. */
export interface Turn {
  readonly state: State;
  readonly effects: Effect<unknown>[];
}

/** The states at work are known by their numbers; one that is not there is a defect. */
export function slotOf({ slots }: State, id: SlotId): SlotState {
  const slot = slots[id];
  if (slot === undefined) throw internalError(`there is no slot ${id}`);
  return slot;
}

export function workerOf({ workers }: State, id: number): WorkerState {
  const worker = workers[id];
  if (worker === undefined) throw internalError(`there is no worker ${id}`);
  return worker;
}

export function isOver({ status }: State): boolean {
  return status !== "running" && status !== "stopping";
}
