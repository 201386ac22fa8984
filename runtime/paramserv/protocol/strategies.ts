/** What a strategy is told of. */
interface Waiting {
  /** Pushes that wait to be applied. */
  readonly pushes: number;
  /** Slots that have a push in the earliest round that is not complete: pushed or not. */
  readonly members: number;
  readonly backups: number;
}

/** What tells one consistency model from another. Everything else in the protocol is common to all. */
interface Strategy {
  /**
   * How many rounds a slot may be ahead of the slowest: it reads for its round r when every push of a round before
   * r − lead is committed or dropped.
   */
  lead(limits: { readonly staleness: number }): number;
  /** How many of the waiting pushes make the next update, in order of arrival; 0 while it is not complete. */
  take(waiting: Waiting): number;
  /** Whether an update joins pushes of a round, rather than being one push. */
  readonly joinsRounds: boolean;
  /** Whether what is missing of an update's round when it is made counts no more. */
  readonly dropsLate: boolean;
  /** Whether workers apply their pushes themselves, before they say `push`: then nothing excludes anything. */
  readonly appliedByWorkers: boolean;
  /** Whether workers go on learning while an epoch is validated. */
  readonly overlapsValidation: boolean;
}

/**
 * The strategy table. Round r of an epoch has the slots with more than r pushes an epoch, so one with fewer never blocks
 * the others.
 * - BSP (bulk synchronous parallel): an update joins the pushes of all slots of a round; then all go on together.
 * - ASP (asynchronous parallel): each push is an update by itself, in order of arrival.
 * - SSP (stale synchronous parallel; Ho et al., NIPS 2013): as ASP, with nobody more than `staleness` rounds ahead.
 * - SBP (backup workers; Chen et al., arXiv 1604.00981): as BSP, but an update is made when all but `backups` pushes of
 *   the round are in, at least one. The others count no more: a result that comes late is thrown away.
 * - HOGWILD (Recht et al., NIPS 2011): workers write to shared weights without locks; updates may be lost in part.
 */
export const strategies = {
  BSP: {
    lead: () => 0,
    take: ({ pushes, members }) => (pushes === members ? pushes : 0),
    joinsRounds: true,
    dropsLate: false,
    appliedByWorkers: false,
    overlapsValidation: false,
  },
  ASP: {
    lead: () => Number.POSITIVE_INFINITY,
    take: ({ pushes }) => Math.min(pushes, 1),
    joinsRounds: false,
    dropsLate: false,
    appliedByWorkers: false,
    overlapsValidation: true,
  },
  SSP: {
    lead: ({ staleness }) => staleness,
    take: ({ pushes }) => Math.min(pushes, 1),
    joinsRounds: false,
    dropsLate: false,
    appliedByWorkers: false,
    overlapsValidation: true,
  },
  SBP: {
    lead: () => 0,
    take: ({ pushes, members, backups }) => (pushes >= Math.max(1, members - backups) ? pushes : 0),
    joinsRounds: true,
    dropsLate: true,
    appliedByWorkers: false,
    overlapsValidation: false,
  },
  HOGWILD: {
    lead: () => Number.POSITIVE_INFINITY,
    take: () => 0,
    joinsRounds: false,
    dropsLate: false,
    appliedByWorkers: true,
    overlapsValidation: true,
  },
} as const satisfies Record<string, Strategy>;

export type StrategyName = keyof typeof strategies;

/** The row, whichever it is. */
export function strategyNamed(name: StrategyName): Strategy {
  return strategies[name];
}
