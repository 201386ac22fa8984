import type { Activity, Seconds } from "../figures.js";

/** Adds up what a worker spends its time with. */
export class Stopwatch {
  readonly #seconds: Record<Activity, number> = {
    ...{ load: 0, pull: 0, compute: 0, push: 0, update: 0, wait: 0, validation: 0 },
  };
  #since = performance.now();

  /** All time since the last mark goes on the account of an activity. */
  mark(activity: Activity): void {
    const now = performance.now();
    this.#seconds[activity] += (now - this.#since) / 1000;
    this.#since = now;
  }

  get seconds(): Seconds {
    return { ...this.#seconds };
  }
}
