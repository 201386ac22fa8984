import type { Refusal } from "./admission.js";
import { put } from "./fifo.js";
import { dismiss, fail } from "./losses.js";
import { planOf } from "./pace.js";
import { plannedPush } from "./plan.js";
import { type State, slotOf, type Task, type Turn, type WorkerState, workerOf } from "./state.js";
import { strategyNamed } from "./strategies.js";
import type { WorkerMessage } from "./types.js";
import { commitPush } from "./updates.js";
import { actorOf, release } from "./workers.js";

export type Kind = WorkerMessage<unknown>["kind"];
export type Of<K extends Kind> = Extract<WorkerMessage<unknown>, { kind: K }>;

/** What a message of a worker that is present means. */
export interface Answer<K extends Kind> {
  /** Why it is refused. Changes nothing. */
  check(state: State, worker: WorkerState, message: Of<K>): Refusal | undefined;
  /** What it changes, when it is accepted. */
  act(turn: Turn, message: Of<K>): void;
}

/** The answer table: one row a message. */
export const answers: { readonly [K in Kind]: Answer<K> } = {
  join: {
    check: (_state, _worker, message) => unexpected(message, "it has joined already"),
    act: () => {},
  },
  pulled: {
    check: (state, { task }, message) =>
      checkItem(state, task, message) ?? (isReading(task) ? undefined : unexpected(message, "it has read the weights")),
    act({ state }, { from }) {
      const { task } = workerOf(state, from.worker);
      if (task?.kind !== "grant") return;
      task.reading = false;
      state.readers -= 1;
    },
  },
  push: { check: checkPush, act: push },
  applied: {
    check(state, { task }, message) {
      const { version, phase, part } = message;
      const { update } = state;
      const isIts = task?.kind === "apply" && task.part === part && update?.phase === phase;
      if (isIts && update.work.version === version) return undefined;
      return unexpected(message, `it does not make part ${part} of phase ${phase} of update ${version}`);
    },
    act({ state }, { from }) {
      if (state.update !== null) state.update.parts.done += 1;
      release(state, from.worker);
    },
  },
  copied: {
    check(state, { task }, message) {
      const { version, part } = message;
      if (task?.kind === "copy" && task.part === part && state.snapshot?.version === version) return undefined;
      return unexpected(message, `it does not copy part ${part} of version ${version}`);
    },
    act({ state }, { from }) {
      if (state.snapshot !== null) state.snapshot.copy.done += 1;
      release(state, from.worker);
    },
  },
  evaluated: {
    check(state, { task }, message) {
      const { epoch, part } = message;
      if (task?.kind === "evaluate" && task.part === part && state.snapshot?.epoch === epoch) return undefined;
      return unexpected(message, `it does not evaluate part ${part} of epoch ${epoch}`);
    },
    act({ state }, { from, part, figures }) {
      const { snapshot } = state;
      if (snapshot?.validation) {
        snapshot.validation.done += 1;
        snapshot.figures[part] = figures;
      }
      release(state, from.worker);
    },
  },
  beat: { check: () => undefined, act: () => {} },
  leave: { check: () => undefined, act: (turn, { from }) => dismiss(turn, from.worker) },
  fail: {
    check: () => undefined,
    act(turn, { from, problems }) {
      const { state } = turn;
      // On the way out only a worker that makes a part of the update matters.
      if (state.status === "stopping" && workerOf(state, from.worker).task?.kind !== "apply")
        dismiss(turn, from.worker);
      else fail(turn, problems, actorOf(state, from.worker));
    },
  },
};

function isReading(task: Task | null): boolean {
  return task?.kind === "grant" && task.reading;
}

/** Whether the message is about the item that its worker was granted. */
function checkItem(state: State, task: Task | null, message: Of<"pulled" | "push">): Refusal | undefined {
  const { from, kind, slot, clock } = message;
  if (slot >= state.slots.length) {
    return {
      code: "PROTOCOL_SLOT_UNKNOWN",
      message: `there is no slot ${slot}; the run has slots 0 to ${state.slots.length - 1}`,
    };
  }
  if (task?.kind !== "grant" || task.slot !== slot)
    return unexpected(message, `it is not granted an item of slot ${slot}`);
  if (task.clock === clock) return undefined;
  const text = `worker ${from.worker} sent ${kind} with clock ${clock}; expected ${task.clock}`;
  return { code: "PROTOCOL_CLOCK_WRONG", message: text };
}

function checkPush(state: State, { task }: WorkerState, message: Of<"push">): Refusal | undefined {
  const wrong = checkItem(state, task, message);
  if (wrong !== undefined) return wrong;
  if (isReading(task)) return unexpected(message, "it has not read the weights");
  const { from, slot, clock, rows } = message;
  const planned = plannedPush(planOf(state, slot), clock).rows;
  if (rows === planned) return undefined;
  const text = `worker ${from.worker} pushed ${rows} rows at clock ${clock} of slot ${slot}; planned ${planned}`;
  return { code: "PROTOCOL_ROWS_WRONG", message: text };
}

function push(turn: Turn, { from, slot: id, clock, figures }: Of<"push">): void {
  const { state } = turn;
  release(state, from.worker);
  const slot = slotOf(state, id);
  // It was dropped meanwhile: the worker goes on with the slot's next item.
  if (slot.clock !== clock) return;
  slot.push = { worker: from.worker, figures };
  slot.phase = "pushed";
  if (strategyNamed(state.config.strategy).appliedByWorkers) commitPush(turn, id);
  else put(state.queue, id);
}

function unexpected({ from, kind }: WorkerMessage<unknown>, why: string): Refusal {
  return { code: "PROTOCOL_MESSAGE_UNEXPECTED", message: `worker ${from.worker} sent ${kind}, but ${why}` };
}
