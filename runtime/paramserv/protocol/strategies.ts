import { planOf, pushesAnEpoch } from "./plan.js";
import type { State, WorkerId } from "./types.js";

/** What tells one consistency model from another. Everything else in the protocol is common to all. */
interface Strategy {
  /** The waiting pushes that make the next update, in order of rank; none while the update is not complete. */
  ready(state: State): readonly WorkerId[];
  /** Whether a worker that asks may read the weights for its next push. */
  mayRead(state: State, worker: WorkerId): boolean;
  /** Who can make an update of these contributors: nobody who is at work on something else. */
  executors(state: State, contributors: readonly WorkerId[]): readonly WorkerId[];
  /** Whether workers go on learning while an epoch is validated. */
  readonly overlapsValidation: boolean;
}

/**
 * The strategy table.
 * - BSP: an update joins the pushes of all workers that have a push in this round of this epoch; then all go on together.
 *   Round r has the workers with more than r pushes an epoch, so a worker with fewer never blocks the others.
 * - ASP: each push is an update by itself, in order of arrival.
 */
export const strategies = {
  BSP: {
    ready(state) {
      const members = roundMembers(state);
      return members.every((worker) => state.queue.includes(worker)) ? members : [];
    },
    mayRead(state, worker) {
      const { epoch, round } = roundOf(state);
      const planned = pushesAnEpoch(planOf(state, worker));
      const due = epoch * planned + round;
      return round < planned && state.workers[worker]?.clock === due && state.validation === undefined;
    },
    executors: (state) => present(state),
    overlapsValidation: false,
  },
  ASP: {
    ready: (state) => state.queue.slice(0, 1),
    mayRead: () => true,
    executors: (_state, contributors) => contributors,
    overlapsValidation: true,
  },
} as const satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof strategies;

function roundOf({ config, version }: State): { readonly epoch: number; readonly round: number } {
  const rounds = Math.max(...config.plans.map(pushesAnEpoch));
  return { epoch: Math.floor(version / rounds), round: version % rounds };
}

function roundMembers(state: State): readonly WorkerId[] {
  const { round } = roundOf(state);
  return [...state.workers.keys()].filter((worker) => pushesAnEpoch(planOf(state, worker)) > round);
}

function present({ workers }: State): readonly WorkerId[] {
  return [...workers.keys()].filter((worker) => workers[worker]?.phase !== "left");
}
