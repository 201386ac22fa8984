import { isOver, type State, slotOf, type Task, workerOf } from "./state.js";
import type { Actor, Effect } from "./types.js";
import { actorOf } from "./workers.js";

/**
 * What the server has said and is not done with, made of the state alone: for a host that has been started again, or that
 * has to repeat to one worker what it is to do. Orders carry what they carried before, so a worker knows those that it has
 * had. An order to read is repeated as long as its item is not pushed.
 */
export function outstandingEffects(state: State, actor?: Actor): readonly Effect<unknown>[] {
  if (actor !== undefined) return isPresent(state, actor) ? ofWorker(state, actor.worker) : [];
  const ending = endingOf(state);
  if (ending.length > 0) return ending;
  const present = Object.keys(state.workers)
    .map(Number)
    .filter((id) => workerOf(state, id).present);
  return [...present.flatMap((id) => ofWorker(state, id)), ...replacements(state), ...saving(state)];
}

function isPresent({ workers }: State, { worker, incarnation }: Actor): boolean {
  const known = workers[worker];
  return known?.present === true && known.incarnation === incarnation;
}

function endingOf({ status, problems }: State): readonly Effect<unknown>[] {
  if (status === "failed") return [{ kind: "fail", problems }];
  return status === "completed" || status === "aborted" ? [{ kind: "finish", status }] : [];
}

function ofWorker(state: State, id: number): readonly Effect<unknown>[] {
  if (isOver(state)) return [];
  const to = actorOf(state, id);
  const { slots, task } = workerOf(state, id);
  const leases = slots.map((slot): Effect<unknown> => ({ kind: "lease", to, slot, clock: slotOf(state, slot).clock }));
  return [...leases, ...(task === null ? [] : orderOf(state, to, task))];
}

function orderOf({ update, snapshot }: State, to: Actor, task: Task): readonly Effect<unknown>[] {
  if (task.kind === "grant") {
    const { slot, clock, version, iteration } = task;
    return [{ kind: "grant", to, slot, clock, version, iteration }];
  }
  const { part } = task;
  if (task.kind === "apply")
    return update === null ? [] : [{ kind: "apply", to, update: update.work, phase: update.phase, part }];
  if (snapshot === null) return [];
  const { version, epoch, copy, validation } = snapshot;
  if (task.kind === "copy") return [{ kind: "copy", to, version, part, parts: copy.count }];
  return validation === null ? [] : [{ kind: "evaluate", to, epoch, part, parts: validation.count }];
}

/** Workers that were lost and left slots that nobody holds yet. */
function replacements(state: State): readonly Effect<unknown>[] {
  const lost = new Set(
    state.slots.flatMap(({ holder, lostWith }) => (holder === null && lostWith !== null ? [lostWith] : [])),
  );
  return [...lost].flatMap((id): readonly Effect<unknown>[] => {
    const known = state.workers[id];
    return known === undefined || known.present
      ? []
      : [{ kind: "replace", worker: actorOf(state, id), problems: state.problems }];
  });
}

/** The copy that the host has not said to have saved. */
function saving({ snapshot }: State): readonly Effect<unknown>[] {
  if (snapshot === null || !snapshot.captured || !snapshot.saving) return [];
  const { version, epoch } = snapshot;
  return [{ kind: "captured", version, epoch, save: true }];
}
