import { EarlyStop } from "./early-stopping.js";
import type { CheckedOptions } from "./options.js";
import type { CallbackResult, EpochRecord, StepRecord, TrainingEvent } from "./types.js";

interface Run {
  /** Completes the run early. */
  stop(): void;
  fail(error: unknown): void;
}

/** Calls the caller's functions on the main thread. What they throw, or reject with, is the run's error. */
export class Callbacks {
  readonly #options: Pick<CheckedOptions, "onEvent" | "onEpoch" | "onStep">;
  readonly #run: Run;
  readonly #early: EarlyStop | undefined;
  readonly #pending = new Set<Promise<void>>();
  #stoppedEarly = false;
  #error: { readonly error: unknown } | undefined;

  /** `earlier`: the epochs before the run was resumed, which early stopping counts; nobody else hears of them again. */
  constructor(
    options: Pick<CheckedOptions, "onEvent" | "onEpoch" | "onStep" | "earlyStopping">,
    run: Run,
    earlier: readonly EpochRecord[] = [],
  ) {
    this.#options = options;
    this.#run = run;
    this.#early = options.earlyStopping && new EarlyStop(options.earlyStopping);
    for (const record of earlier) this.#stoppedEarly = this.#early?.isEnough(record) ?? false;
  }

  /** Whether a callback or early stopping asked for the end. */
  get stoppedEarly(): boolean {
    return this.#stoppedEarly;
  }

  /** Whether anybody wants to hear of single updates. */
  get wantsSteps(): boolean {
    return this.#options.onStep !== undefined;
  }

  event(event: TrainingEvent): void {
    this.#call(() => this.#options.onEvent?.(event));
    if (event.event !== "epoch") return;
    const { event: _event, ...record } = event;
    this.epoch(record);
  }

  epoch(record: EpochRecord): void {
    const { onEpoch } = this.#options;
    if (onEpoch !== undefined) this.#call(() => onEpoch(record));
    this.#call(() => (this.#early?.isEnough(record) ? "stop" : undefined));
  }

  step(record: StepRecord): void {
    const { onStep } = this.#options;
    if (onStep !== undefined) this.#call(() => onStep(record));
  }

  /** Waits for callbacks that are still at work; throws what one of them threw. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    if (this.#error !== undefined) throw this.#error.error;
  }

  #call(callback: () => CallbackResult | Promise<CallbackResult>): void {
    try {
      const result = callback();
      if (result === "stop") this.#stop();
      else if (isPromise(result)) this.#follow(Promise.resolve(result));
    } catch (error) {
      this.#fail(error);
    }
  }

  #follow(promise: Promise<CallbackResult>): void {
    const followed: Promise<void> = promise
      .then(
        (result) => {
          if (result === "stop") this.#stop();
        },
        (error: unknown) => this.#fail(error),
      )
      .finally(() => this.#pending.delete(followed));
    this.#pending.add(followed);
  }

  #stop(): void {
    if (this.#stoppedEarly) return;
    this.#stoppedEarly = true;
    this.#run.stop();
  }

  #fail(error: unknown): void {
    this.#error ??= { error };
    this.#run.fail(error);
  }
}

/** Promises of any make. */
function isPromise(result: unknown): result is PromiseLike<CallbackResult> {
  return typeof result === "object" && result !== null && "then" in result && typeof result.then === "function";
}
