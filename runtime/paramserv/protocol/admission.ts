import type { ErrorCode } from "../../errors.js";
import { isOver, type State, type Turn, type WorkerState } from "./state.js";
import type { WorkerMessage } from "./types.js";

/** Why a message is refused. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Refusals of a worker that are kept for duplicates of its messages. */
const mostRefusals = 8;

/**
 * Whether a worker's message is the next that is expected of it; where not, it is answered here. Answers at the door change
 * nothing: a message whose content is refused later has been heard, and its number is used up.
 */
export function admit(turn: Turn, message: WorkerMessage<unknown>): boolean {
  const { state } = turn;
  const { from, seq } = message;
  const worker = state.workers[from.worker];
  const isNew = worker === undefined || from.incarnation > worker.incarnation;
  if (isNew) return admitNew(turn, message);
  if (from.incarnation === worker.incarnation && seq <= worker.seq) {
    if (worker.present) worker.heard = null;
    const first = worker.refusals.find((one) => one.seq === seq)?.code;
    turn.effects.push({ kind: "duplicate", to: from, seq, ...(first && { first }) });
    return false;
  }
  if (from.incarnation < worker.incarnation || !worker.present) {
    refuse(turn, message, { code: "PROTOCOL_FENCED", message: `worker ${from.worker} is held to be gone` });
    return false;
  }
  if (seq > worker.seq + 1) {
    refuse(turn, message, sequence(message, worker.seq + 1));
    return false;
  }
  worker.seq = seq;
  worker.heard = null;
  return true;
}

function admitNew(turn: Turn, message: WorkerMessage<unknown>): boolean {
  const refusal = refusalOfNew(turn.state, message);
  if (refusal !== undefined) refuse(turn, message, refusal);
  return refusal === undefined;
}

function refusalOfNew(state: State, message: WorkerMessage<unknown>): Refusal | undefined {
  const { kind, from, seq } = message;
  const known = state.workers[from.worker];
  if (kind !== "join") {
    return {
      code: "PROTOCOL_WORKER_UNKNOWN",
      message: `worker ${from.worker}, incarnation ${from.incarnation}, has not joined`,
    };
  }
  if (seq !== 1) return sequence(message, 1);
  if (isOver(state))
    return { code: "PROTOCOL_RUN_ENDED", message: `the run is ${state.status}; worker ${from.worker} came too late` };
  const most = mostWorkers(state);
  if (known?.present !== true && state.present >= most) {
    return { code: "PROTOCOL_WORKERS_TOO_MANY", message: `worker ${from.worker} is one more than ${most} workers` };
  }
  return undefined;
}

/** As many spares as slots, and some: beyond, workers only cost memory. */
function mostWorkers({ slots }: State): number {
  return 2 * slots.length + 16;
}

function sequence({ from, seq }: WorkerMessage<unknown>, expected: number): Refusal {
  return {
    code: "PROTOCOL_SEQUENCE_WRONG",
    message: `worker ${from.worker} sent message ${seq}; expected message ${expected}`,
  };
}

export function refuse(turn: Turn, { from, seq }: WorkerMessage<unknown>, { code, message }: Refusal): void {
  turn.effects.push({ kind: "refused", to: from, seq, code, message });
}

/** The worker's message was heard and is refused for what it says: a duplicate has the same answer. */
export function refuseContent(
  turn: Turn,
  message: WorkerMessage<unknown>,
  worker: WorkerState,
  refusal: Refusal,
): void {
  worker.refusals.push({ seq: message.seq, code: refusal.code });
  if (worker.refusals.length > mostRefusals) worker.refusals.shift();
  refuse(turn, message, refusal);
}
