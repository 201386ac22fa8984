import { type Activity, activities, type Seconds } from "./messages.js";

/** Adds up what a worker spends its time with. */
export class Stopwatch {
  readonly #seconds: Record<Activity, number> = { pull: 0, batch: 0, gradient: 0, update: 0, wait: 0, validation: 0 };
  #idleSince: number | undefined;

  /** Runs `work` on the account of an activity. */
  async measure<T>(activity: Activity, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#seconds[activity] += (performance.now() - start) / 1000;
    }
  }

  /** The worker waits from now on. */
  idle(): void {
    this.#idleSince = performance.now();
  }

  /** The worker waits no more. */
  busy(): void {
    if (this.#idleSince !== undefined) this.#seconds.wait += (performance.now() - this.#idleSince) / 1000;
    this.#idleSince = undefined;
  }

  get seconds(): Seconds {
    return { ...this.#seconds };
  }
}

/** The sum of several workers' accounts. */
export function addSeconds(all: readonly Seconds[]): Seconds {
  const entries = activities.map((name) => [name, all.reduce((sum, seconds) => sum + seconds[name], 0)]);
  return Object.fromEntries(entries) as Seconds;
}
