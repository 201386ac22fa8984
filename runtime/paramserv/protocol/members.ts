import { fifo } from "./fifo.js";
import { leaseToJoined } from "./leases.js";
import { supersede } from "./losses.js";
import { isOver, type Turn } from "./state.js";
import type { Actor } from "./types.js";
import { release } from "./workers.js";

/** A worker joins, for the first time or as its next incarnation; what the one before had under way is taken from it. */
export function join(turn: Turn, { worker: id, incarnation }: Actor): void {
  const { state } = turn;
  const before = state.workers[id];
  if (before?.present) {
    const message = `worker ${id} came back as incarnation ${incarnation} while incarnation ${before.incarnation} was at work`;
    supersede(turn, id, [{ code: "WORKER_FAILED", message }]);
    if (isOver(state)) return;
  }
  state.gone = state.gone.filter((gone) => gone !== id);
  state.present += 1;
  state.workers[id] = {
    incarnation,
    present: true,
    seq: 1,
    refusals: [],
    heard: null,
    slots: [],
    ready: fifo(),
    wanting: false,
    task: null,
    since: null,
    idleAt: -1,
  };
  release(state, id);
  leaseToJoined(turn, id);
}
