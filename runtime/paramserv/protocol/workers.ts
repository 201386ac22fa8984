import { size } from "./fifo.js";
import { want } from "./pace.js";
import { type Parts, takePart } from "./parts.js";
import { type State, type Task, workerOf } from "./state.js";
import type { Actor } from "./types.js";

/** A worker as its messages name it. */
export function actorOf(state: State, id: number): Actor {
  return { worker: id, incarnation: workerOf(state, id).incarnation };
}

/** Gives a worker something to do. */
export function occupy(state: State, id: number, task: Task): void {
  notIdle(state, id);
  workerOf(state, id).task = task;
}

/** The worker has nothing to do; it is the next that is asked. */
export function release(state: State, id: number): void {
  const worker = workerOf(state, id);
  worker.task = null;
  worker.since = null;
  worker.idleAt = state.idle.length;
  state.idle.push(id);
  if (size(worker.ready) > 0) want(state, id);
}

/** Takes a worker out of the idle ones; the last of them takes its place, so that nobody else has to move. */
export function notIdle(state: State, id: number): void {
  const { idle } = state;
  const worker = workerOf(state, id);
  const last = idle.pop();
  if (last !== undefined && last !== id) {
    idle[worker.idleAt] = last;
    workerOf(state, last).idleAt = worker.idleAt;
  }
  worker.idleAt = -1;
}

/** Hands parts out to idle workers, to the one that became idle last first. */
export function handOut(state: State, parts: Parts, give: (worker: number, part: number) => void): void {
  while (state.idle.length > 0) {
    const part = takePart(parts);
    const worker = state.idle.at(-1);
    if (part === undefined || worker === undefined) return;
    give(worker, part);
  }
}
