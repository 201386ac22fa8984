/** Of a clock, as a checkpoint keeps it. Seconds. */
export interface ClockState {
  /** All that the run has taken. */
  readonly elapsed: number;
  /** Until the first weights were given out, in each session. */
  readonly setup: number;
}

/**
 * The time of a run: seconds since its start, over all its sessions. A run that was resumed goes on where its checkpoint
 * was: neither the time between two sessions counts, nor what an earlier one did after the checkpoint, which is done again.
 */
export class RunClock {
  readonly #now: () => number;
  /** What `now` would have said at the start of a run without a break. */
  readonly #origin: number;
  readonly #resumedAt: number;
  #setup: number;
  #hasBegun = false;

  /** `startedAt`: when this session started, by `now`. */
  constructor(now: () => number, startedAt: number, saved: ClockState = { elapsed: 0, setup: 0 }) {
    this.#now = now;
    this.#origin = startedAt - saved.elapsed;
    this.#resumedAt = saved.elapsed;
    this.#setup = saved.setup;
  }

  /** Seconds of the run so far. */
  get seconds(): number {
    return this.#now() - this.#origin;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The set-up of this session is over. Returns how many seconds it took. */
  begin(): number {
    const seconds = this.seconds - this.#resumedAt;
    this.#setup += seconds;
    this.#hasBegun = true;
    return seconds;
  }

  /** Seconds of set-up until `seconds`, all sessions together. */
  setupUntil(seconds: number): number {
    return this.#hasBegun ? this.#setup : this.#setup + seconds - this.#resumedAt;
  }

  /** A session that has not begun leaves the clock as it was. */
  save(): ClockState {
    return { elapsed: this.#hasBegun ? this.seconds : this.#resumedAt, setup: this.#setup };
  }
}
