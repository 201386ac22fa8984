import type { StepResult } from "../../engines/engine.js";
import { type LossPart, meansOf, ScalarSums } from "../scalars.js";
import type { CurvePoint } from "../types.js";

/** Points at most. Even, so that they can be joined two and two. */
export const mostPoints = 2000;

/** Of some updates in a row: sums and weights, so that joining two of them loses nothing. */
interface CurveBucket {
  /** Updates made when it ended. */
  readonly updates: number;
  /** Of its last update. */
  readonly learning_rate?: number;
  readonly scalars: StepResult;
}

/** Of a curve, as a checkpoint keeps it. */
export interface CurveState {
  /** Updates in each bucket; the last may have fewer. */
  readonly stride: number;
  readonly buckets: readonly CurveBucket[];
}

/**
 * How losses, metrics and the learning rate went, update by update, in bounded memory: there is a point an update until
 * there are {@link mostPoints}; then neighbours are joined two and two, and a point stands for twice as many updates, again
 * and again. So points lie even, and are the same for the same updates, whether or not the run was resumed in between.
 */
export class Curve {
  #stride: number;
  #buckets: CurveBucket[];

  constructor(saved: CurveState = { stride: 1, buckets: [] }) {
    this.#stride = saved.stride;
    this.#buckets = [...saved.buckets];
  }

  /** The update after which `updates` are made. */
  add(update: CurveBucket): void {
    const last = this.#buckets.at(-1);
    const isInLast = last !== undefined && this.#numberOf(last.updates) === this.#numberOf(update.updates);
    if (isInLast) {
      this.#buckets[this.#buckets.length - 1] = joined(last, update);
      return;
    }
    if (this.#buckets.length < mostPoints) this.#buckets.push(update);
    else {
      this.#halve();
      this.add(update);
    }
  }

  /** The means of each point. */
  points(losses: readonly LossPart[]): readonly CurvePoint[] {
    return this.#buckets.map(({ scalars, ...point }) => ({ ...point, train: meansOf(losses, scalars) }));
  }

  save(): CurveState {
    return { stride: this.#stride, buckets: [...this.#buckets] };
  }

  /** Which bucket an update belongs to; updates count from 1. */
  #numberOf(updates: number): number {
    return Math.floor((updates - 1) / this.#stride);
  }

  #halve(): void {
    this.#stride *= 2;
    const pairs = Array.from({ length: this.#buckets.length / 2 }, (_, index) => [2 * index, 2 * index + 1] as const);
    this.#buckets = pairs.flatMap(([first, second]) => {
      const [one, other] = [this.#buckets[first], this.#buckets[second]];
      return one === undefined || other === undefined ? [] : [joined(one, other)];
    });
  }
}

function joined({ scalars }: CurveBucket, later: CurveBucket): CurveBucket {
  const sums = new ScalarSums({ rows: 0, scalars });
  sums.add({ rows: 0, scalars: later.scalars });
  return { ...later, scalars: sums.scalars };
}
