import type { ScalarMean, StepResult } from "../engines/engine.js";
import type { ProgramScalar } from "../program/types.js";

/** Losses and metrics over some rows, by name: sums and weights. */
export interface Sums {
  readonly rows: number;
  readonly scalars: StepResult;
}

/** What a loss adds to the total. */
export type LossPart = Pick<ProgramScalar, "name" | "factor">;

/** The losses of a user function: what it calls `loss`. */
export const userLosses: readonly LossPart[] = [{ name: "loss", factor: 1 }];

/** The losses of a program. */
export function lossesOf({ scalars }: { readonly scalars: readonly ProgramScalar[] }): readonly LossPart[] {
  return scalars.filter(({ role }) => role === "loss");
}

/** Sums and weights collected batch by batch: their means are exact, whoever computed which rows. */
export class ScalarSums {
  #rows: number;
  readonly #scalars: Map<string, ScalarMean>;

  /** `initial`: what was collected before. Default: nothing. */
  constructor({ rows, scalars }: Sums = { rows: 0, scalars: {} }) {
    this.#rows = rows;
    this.#scalars = new Map(Object.entries(scalars));
  }

  get rows(): number {
    return this.#rows;
  }

  /** So far; by their names, in the order in which they came. */
  get scalars(): StepResult {
    return Object.fromEntries(this.#scalars);
  }

  add({ rows, scalars }: Sums): void {
    this.#rows += rows;
    for (const [name, { sum, weight }] of Object.entries(scalars)) {
      const before = this.#scalars.get(name) ?? { sum: 0, weight: 0 };
      this.#scalars.set(name, { sum: before.sum + sum, weight: before.weight + weight });
    }
  }

  clear(): void {
    this.#rows = 0;
    this.#scalars.clear();
  }
}

/**
 * The total loss: Σ factor · mean. A loss that no row has any weight in adds nothing, but a sum that is not finite shows.
 * Undefined where none has any weight.
 */
export function totalLoss(losses: readonly LossPart[], scalars: StepResult): number | undefined {
  let total: number | undefined;
  for (const { name, factor } of losses) {
    const { sum, weight } = scalars[name] ?? { sum: 0, weight: 0 };
    if (weight === 0 && Number.isFinite(sum)) continue;
    total = (total ?? 0) + factor * (weight === 0 ? sum : sum / weight);
  }
  return total;
}

/**
 * What a person is told: the total as `loss`, then metrics by name, and where there are several losses each of them too.
 * What has no weight is left out.
 */
export function meansOf(losses: readonly LossPart[], scalars: StepResult): Readonly<Record<string, number>> {
  const total = totalLoss(losses, scalars);
  const hidden = ["loss", losses.length === 1 ? losses[0]?.name : undefined];
  const others = Object.entries(scalars).filter(([name, { weight }]) => weight !== 0 && !hidden.includes(name));
  const means = others.map(([name, { sum, weight }]): [string, number] => [name, sum / weight]);
  return { ...(total !== undefined && { loss: total }), ...Object.fromEntries(means) };
}
