import { aggregations } from "./aggregations.js";
import { plannedPush, planOf, rowsAnEpoch } from "./plan.js";
import { strategies } from "./strategies.js";
import type { Contribution, State, Transition, Update, WorkerId, WorkerState } from "./types.js";

/** A step that the server can make without another message; undefined while it cannot. */
type Rule = (state: State) => Transition | undefined;

/** In order of precedence: updates before reads, so that no push waits for ever; validation before new work. */
const rules: readonly Rule[] = [completeUpdate, abort, completeValidation, startUpdate, evaluate, grant, complete];

/** Makes every step that is possible now. */
export function advance(from: State): Transition {
  let state = from;
  const effects = [];
  for (;;) {
    const step = state.status === "running" || state.status === "stopping" ? firstStep(state) : undefined;
    if (step === undefined) return { state, effects };
    state = step.state;
    effects.push(...step.effects);
  }
}

function firstStep(state: State): Transition | undefined {
  for (const rule of rules) {
    const step = rule(state);
    if (step !== undefined) return step;
  }
  return undefined;
}

function completeUpdate(state: State): Transition | undefined {
  if (state.update === undefined || state.update.waiting.length > 0) return undefined;
  const { work } = state.update;
  const contributors = work.contributions.map(({ worker }) => worker);
  const rows = state.rows + rowsOf(work);
  const ended = rows >= (state.epoch + 1) * rowsAnEpoch(state.config.plans);
  const epoch = state.epoch + (ended ? 1 : 0);
  const validating = ended && state.config.validate;
  const present = state.workers.filter(({ phase }) => phase !== "left").length;
  const next: State = {
    ...setWorkers(state, contributors, { phase: "idle" }),
    version: state.version + 1,
    iteration: work.iteration + 1,
    rows,
    epoch,
    update: undefined,
    validation: validating ? { epoch, parts: present, given: 0, done: 0 } : state.validation,
  };
  const staleness = contributors.map((worker) => state.version - (state.workers[worker]?.read ?? 0));
  const updated = { kind: "updated", update: work, staleness } as const;
  return { state: next, effects: ended ? [updated, { kind: "epochEnd", epoch, validating }] : [updated] };
}

function abort(state: State): Transition | undefined {
  if (state.status !== "stopping" || state.update !== undefined) return undefined;
  return { state: { ...state, status: "aborted" }, effects: [{ kind: "finish", status: "aborted" }] };
}

function completeValidation(state: State): Transition | undefined {
  const { validation } = state;
  if (validation === undefined || validation.done < validation.parts) return undefined;
  return { state: { ...state, validation: undefined }, effects: [{ kind: "validated", epoch: validation.epoch }] };
}

function startUpdate(state: State): Transition | undefined {
  const work = state.update === undefined && everyoneIsHere(state) ? nextUpdate(state) : undefined;
  if (work === undefined || state.workers.some(({ phase }) => phase === "reading")) return undefined;
  const queue = state.queue.filter((worker) => work.contributions.every((one) => one.worker !== worker));
  const next = { ...setWorkers(state, work.executors, { phase: "applying" }), queue };
  return { state: { ...next, update: { work, waiting: work.executors } }, effects: [{ kind: "apply", update: work }] };
}

function evaluate(state: State): Transition | undefined {
  const { validation } = state;
  if (state.status !== "running" || validation === undefined || validation.given === validation.parts) return undefined;
  const worker = state.workers.findIndex(({ phase }) => phase === "idle");
  if (worker < 0) return undefined;
  const { epoch, parts, given: part } = validation;
  const next = {
    ...setWorkers(state, [worker], { phase: "evaluating" }),
    validation: { ...validation, given: part + 1 },
  };
  return { state: next, effects: [{ kind: "evaluate", worker, epoch, part, parts }] };
}

function grant(state: State): Transition | undefined {
  // An update that is being made, or is only waiting for the last reader, goes first.
  if (state.status !== "running" || state.update !== undefined || !everyoneIsHere(state)) return undefined;
  if (nextUpdate(state) !== undefined) return undefined;
  const { mayRead } = strategies[state.config.strategy];
  const worker = state.workers.findIndex(({ phase, pulling }, id) => phase === "idle" && pulling && mayRead(state, id));
  if (worker < 0) return undefined;
  const { version, iteration } = state;
  const clock = state.workers[worker]?.clock ?? 0;
  const next = setWorkers(state, [worker], { phase: "reading", pulling: false, read: version });
  return { state: next, effects: [{ kind: "grant", worker, clock, version, iteration }] };
}

function complete(state: State): Transition | undefined {
  if (state.epoch < state.config.epochs || state.update !== undefined || state.validation !== undefined)
    return undefined;
  return { state: { ...state, status: "completed" }, effects: [{ kind: "finish", status: "completed" }] };
}

/** The update that the waiting pushes make; undefined while some are missing or the last snapshot is still in use. */
function nextUpdate(state: State): Update | undefined {
  const { config, version } = state;
  const { ready, executors } = strategies[config.strategy];
  const contributors = state.status === "running" ? ready(state) : [];
  if (contributors.length === 0) return undefined;
  const pushes = contributors.map((worker) => ({ worker, ...lastPush(state, worker) }));
  const total = pushes.reduce((sum, { rows }) => sum + rows, 0);
  const snapshot = config.validate && state.rows + total >= (state.epoch + 1) * rowsAnEpoch(state.config.plans);
  if (snapshot && state.validation !== undefined) return undefined;
  const all = executors(state, contributors);
  return {
    version,
    iteration: state.iteration + Math.max(...pushes.map(({ batches }) => batches)) - 1,
    contributions: pushes.map(({ worker, rows }): Contribution => {
      return { worker, rows, weight: aggregations[config.aggregation]({ rows, total }) };
    }),
    executors: config.splitUpdates ? all : all.slice(0, 1),
    snapshot,
  };
}

function lastPush(state: State, worker: WorkerId): ReturnType<typeof plannedPush> {
  return plannedPush(planOf(state, worker), (state.workers[worker]?.clock ?? 0) - 1);
}

function everyoneIsHere({ workers }: State): boolean {
  return workers.every(({ phase }) => phase !== "absent");
}

function rowsOf({ contributions }: Update): number {
  return contributions.reduce((sum, { rows }) => sum + rows, 0);
}

function setWorkers(state: State, ids: readonly WorkerId[], change: Partial<WorkerState>): State {
  return {
    ...state,
    workers: state.workers.map((worker, id) => (ids.includes(id) ? { ...worker, ...change } : worker)),
  };
}
