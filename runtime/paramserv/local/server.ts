import { assertNever, isBaseError, type Problem, RunError } from "../../errors.js";
import { initialState, transition } from "../protocol/protocol.js";
import type { Effect, Message, ProtocolConfig, State, Update } from "../protocol/types.js";
import type { Recorder } from "../recorder.js";
import { ScalarSums, type Sums } from "../scalars.js";
import type { Order, Report, Seconds } from "./messages.js";
import type { UpdateTotals } from "./update-totals.js";

export type Ending = "completed" | "aborted";

interface ServerOptions {
  readonly config: ProtocolConfig;
  readonly recorder: Recorder;
  /** Of the update that the worker's push at this clock will be part of, where the worker needs them. */
  totals(rank: number, clock: number): UpdateTotals | undefined;
  send(rank: number, order: Order): void;
}

/**
 * The server on the main thread: runs the protocol and keeps the books. It never touches weights or gradients, so signals
 * and timers stay prompt while the workers compute.
 */
export class LocalServer {
  /** How the run ended; rejects when it failed. */
  readonly ended: Promise<Ending>;
  readonly #options: ServerOptions;
  #settle: { readonly resolve: (ending: Ending) => void; readonly reject: (error: unknown) => void } = {
    resolve: () => {},
    reject: () => {},
  };
  #state: State;
  #abandoned = false;
  readonly #pushed = new Map<number, Sums>();
  readonly #evaluated = new Map<number, Sums>();
  readonly #seconds = new Map<number, Seconds>();

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#state = initialState(options.config);
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // A run may be abandoned before anybody waits for its end.
    this.ended.catch(() => {});
  }

  /** What the workers have spent their time with so far. */
  get seconds(): readonly Seconds[] {
    return [...this.#seconds.values()];
  }

  report(rank: number, { messages, seconds, learned, pushed, evaluated }: Report): void {
    this.#seconds.set(rank, seconds);
    if (pushed !== undefined) this.#pushed.set(rank, pushed);
    if (learned !== undefined && this.#state.status === "running" && !this.#abandoned) {
      this.#options.recorder.learned(learned);
    }
    for (const message of messages) {
      if (message.kind === "evaluated" && evaluated !== undefined) this.#evaluated.set(message.part, evaluated);
      this.#receive(message);
    }
  }

  lost(rank: number, problems: readonly Problem[]): void {
    this.#receive({ kind: "fail", worker: rank, problems });
  }

  /** Ends the run after the update that is being made. */
  stop(): void {
    this.#receive({ kind: "stop" });
  }

  /** Ends the run now, with an error that is not a worker's. */
  abandon(error: unknown): void {
    this.#abandoned = true;
    this.#settle.reject(error);
  }

  #receive(message: Message): void {
    if (this.#abandoned) return;
    try {
      const { state, effects } = transition(this.#state, message);
      this.#state = state;
      for (const effect of effects) this.#act(effect);
    } catch (error) {
      this.abandon(
        isBaseError(error) ? error : new RunError({ code: "INTERNAL", message: String(error) }, { cause: error }),
      );
    }
  }

  #act(effect: Effect): void {
    const { recorder, send } = this.#options;
    switch (effect.kind) {
      case "grant":
        recorder.begin();
        this.#grant(effect);
        break;
      case "apply":
        this.#apply(effect.update);
        break;
      case "updated":
        recorder.updated(effect.update, effect.staleness, this.#pushedBy(effect.update));
        break;
      case "evaluate":
        send(effect.worker, effect);
        break;
      case "epochEnd":
        recorder.epochEnd(effect.epoch, effect.validating);
        break;
      case "validated":
        this.#validated();
        break;
      case "finish":
        this.#settle.resolve(effect.status);
        break;
      case "fail":
        this.abandon(new RunError(effect.problems));
        break;
      default:
        assertNever(effect, "effect");
    }
  }

  #grant(effect: Extract<Effect, { kind: "grant" }>): void {
    const totals = this.#options.totals(effect.worker, effect.clock);
    this.#options.send(effect.worker, { ...effect, ...(totals && { totals }) });
  }

  #pushedBy({ contributions }: Update): readonly Sums["scalars"][] {
    return contributions.map(({ worker }) => this.#pushed.get(worker)?.scalars ?? {});
  }

  #apply(update: Update): void {
    for (const [part, rank] of update.executors.entries()) {
      this.#options.send(rank, { kind: "apply", update, part, parts: update.executors.length });
    }
  }

  /** Adds the slices in order, whoever made them first. */
  #validated(): void {
    const sums = new ScalarSums();
    for (const [, part] of [...this.#evaluated].sort(([a], [b]) => a - b)) sums.add(part);
    this.#evaluated.clear();
    this.#options.recorder.validated(sums);
  }
}
