import { assertNever, type ErrorCode, internalError, ProtocolError } from "../../errors.js";
import { plannedPush, planOf, pushesAnEpoch } from "./plan.js";
import { advance } from "./rules.js";
import type { Effect, Message, Phase, ProtocolConfig, State, Transition, WorkerId, WorkerState } from "./types.js";

/**
 * The parameter server's consistency protocol: a message in, a new state and effects out. No clocks, sockets or threads,
 * so threads over shared memory, HTTP servers and property tests all run this one.
 *
 * - Updates and reads exclude one another: no pull sees half an update.
 * - `stop` lets an update that is being made end, then finishes; a failing worker fails the run at once. In both cases
 *   messages that are still under way are ignored.
 * - How pushes join: across workers by rank, with the weights of `aggregation`; a push that stands for several batches
 *   (`freq: "EPOCH"`) is the sum of their mean gradients, and weighs with all their rows.
 * - `iteration` counts batches on the longest path, so a schedule means the same under BATCH and EPOCH: an update of
 *   pushes of b batches moves it by b, and has the iteration of the last of them.
 *
 * @throws ProtocolError when a worker says what it may not.
 */
export function transition(state: State, message: Message): Transition {
  if (state.status !== "running" && state.status !== "stopping") return { state, effects: [] };
  const { state: next, effects } = receive(state, message);
  const { state: settled, effects: more } = advance(next);
  return { state: settled, effects: [...effects, ...more] };
}

/** The state before any worker has joined. */
export function initialState(config: ProtocolConfig): State {
  if (config.plans.length === 0) throw internalError("a run needs a worker");
  if (config.plans.some(({ rows }) => rows < 1)) throw internalError("each worker needs a row");
  const worker: WorkerState = { phase: "absent", clock: 0, pulling: false, read: 0 };
  return {
    config,
    status: "running",
    workers: config.plans.map(() => worker),
    queue: [],
    version: 0,
    iteration: 0,
    rows: 0,
    epoch: 0,
    update: undefined,
    validation: undefined,
  };
}

function receive(state: State, message: Message): Transition {
  switch (message.kind) {
    case "stop":
      return silent({ ...state, status: "stopping" });
    case "fail":
      known(state, message.worker);
      return lost(state, { kind: "fail", worker: message.worker, problems: message.problems });
    case "join":
      expectPhase(state, message, "absent");
      return silent(setWorker(state, message.worker, { phase: "idle" }));
    case "leave":
      return left(state, message);
    case "applied":
      return silent(applied(state, message));
    case "pull":
    case "pulled":
    case "push":
    case "evaluated":
      // Workers that did not hear of a stop yet.
      return silent(state.status === "stopping" ? state : work(state, message));
    default:
      return assertNever(message, "message");
  }
}

type WorkMessage = Extract<Message, { kind: "pull" | "pulled" | "push" | "evaluated" }>;

function work(state: State, message: WorkMessage): State {
  switch (message.kind) {
    case "pull":
      return pull(state, message);
    case "pulled":
      expectPhase(state, message, "reading");
      expectClock(state, message);
      return setWorker(state, message.worker, { phase: "computing" });
    case "push":
      return push(state, message);
    case "evaluated":
      return evaluated(state, message);
    default:
      return assertNever(message, "message");
  }
}

function pull(state: State, message: Extract<Message, { kind: "pull" }>): State {
  const { pulling, clock } = expectPhase(state, message, "idle", "pushed", "applying", "evaluating");
  expectClock(state, message);
  const total = pushesAnEpoch(planOf(state, message.worker)) * state.config.epochs;
  if (pulling || clock === total) throw unexpected(message, pulling ? "its last pull is unanswered" : "all is pushed");
  return setWorker(state, message.worker, { pulling: true });
}

function push(state: State, message: Extract<Message, { kind: "push" }>): State {
  const { worker, rows } = message;
  const { clock } = expectPhase(state, message, "computing");
  expectClock(state, message);
  const planned = plannedPush(planOf(state, worker), clock).rows;
  if (rows !== planned) {
    throw violation(
      "PROTOCOL_ROWS_WRONG",
      `worker ${worker} pushed ${rows} rows at clock ${clock}; planned ${planned}`,
    );
  }
  return setWorker({ ...state, queue: [...state.queue, worker] }, worker, { phase: "pushed", clock: clock + 1 });
}

function applied(state: State, message: Extract<Message, { kind: "applied" }>): State {
  expectPhase(state, message, "applying");
  const { update } = state;
  if (update === undefined || update.work.version !== message.version) {
    throw unexpected(message, `update ${message.version} is not being made`);
  }
  const waiting = update.waiting.filter((worker) => worker !== message.worker);
  return setWorker({ ...state, update: { ...update, waiting } }, message.worker, { phase: "idle" });
}

function evaluated(state: State, message: Extract<Message, { kind: "evaluated" }>): State {
  expectPhase(state, message, "evaluating");
  const { validation } = state;
  if (validation === undefined || validation.epoch !== message.epoch) {
    throw unexpected(message, `epoch ${message.epoch} is not being validated`);
  }
  const done = validation.done + 1;
  return setWorker({ ...state, validation: { ...validation, done } }, message.worker, { phase: "idle" });
}

function left(state: State, message: Extract<Message, { kind: "leave" }>): Transition {
  const { worker } = message;
  const { clock, phase } = known(state, worker);
  const total = pushesAnEpoch(planOf(state, worker)) * state.config.epochs;
  if (clock === total && phase === "idle") return silent(setWorker(state, worker, { phase: "left" }));
  if (state.status === "stopping" && phase !== "applying") return silent(setWorker(state, worker, { phase: "left" }));
  const text = `worker ${worker} left while ${phase}, after ${clock} of ${total} pushes`;
  return lost(state, { kind: "fail", worker, problems: [{ code: "WORKER_FAILED", message: text }] });
}

function lost(state: State, effect: Extract<Effect, { kind: "fail" }>): Transition {
  const applying = state.workers[effect.worker]?.phase === "applying";
  // On the way out only a worker that holds an update matters.
  if (state.status === "stopping" && !applying) return silent(setWorker(state, effect.worker, { phase: "left" }));
  return { state: { ...state, status: "failed" }, effects: [effect] };
}

/** A new state with one worker changed. */
function setWorker(state: State, id: WorkerId, change: Partial<WorkerState>): State {
  return { ...state, workers: state.workers.map((worker, at) => (at === id ? { ...worker, ...change } : worker)) };
}

function silent(state: State): Transition {
  return { state, effects: [] };
}

function known({ workers }: State, id: WorkerId): WorkerState {
  const worker = workers[id];
  if (worker !== undefined) return worker;
  throw violation(
    "PROTOCOL_WORKER_UNKNOWN",
    `there is no worker ${id}; the run has workers 0 to ${workers.length - 1}`,
  );
}

function expectPhase(
  state: State,
  message: Extract<Message, { worker: WorkerId }>,
  ...phases: readonly Phase[]
): WorkerState {
  const worker = known(state, message.worker);
  if (phases.includes(worker.phase)) return worker;
  throw unexpected(message, `it is ${worker.phase}, not ${phases.join(" or ")}`);
}

function expectClock(state: State, { kind, worker, clock }: Extract<Message, { clock: number }>): void {
  const expected = known(state, worker).clock;
  if (clock === expected) return;
  throw violation("PROTOCOL_CLOCK_WRONG", `worker ${worker} sent ${kind} with clock ${clock}; expected ${expected}`);
}

function unexpected(message: Extract<Message, { worker: WorkerId }>, why: string): ProtocolError {
  return violation("PROTOCOL_MESSAGE_UNEXPECTED", `worker ${message.worker} sent ${message.kind}, but ${why}`);
}

function violation(code: ErrorCode, message: string): ProtocolError {
  return new ProtocolError({ code, message });
}
