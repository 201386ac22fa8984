import { isBaseError, type Problem, RunError } from "../../errors.js";
import type { Figures } from "../figures.js";
import { plannedPush } from "../protocol/plan.js";
import type { Protocol } from "../protocol/protocol.js";
import type { Actor, Effect, Message, Update } from "../protocol/types.js";
import { ScalarSums } from "../scalars.js";
import type { Recorder } from "../statistics/recorder.js";
import type { UpdateTotals } from "../worker/update-totals.js";
import type { Order, Report } from "./messages.js";

export type Ending = "completed" | "aborted";

/** What belongs to a captured version of the weights. */
export interface Capture {
  readonly version: number;
  readonly epoch: number;
  readonly save: boolean;
}

export interface ServerHost {
  /** Of the update that the slot's push at this clock will be part of, where the worker needs them. */
  totals(slot: number, clock: number): UpdateTotals | undefined;
  /** What becomes of an update in which there are numbers that are not finite. */
  healing(update: Update<Figures>): "step" | "stay" | "restore";
  send(to: Actor, order: Order): void;
  /** A worker is lost: another may be started in its place. */
  replace(lost: Actor, problems: readonly Problem[]): void;
  /** An update is complete. */
  updated(update: Update<Figures>): void;
  /** A copy of the weights begins: the moment to note what belongs to the version. */
  capturing(capture: Capture): void;
  /** It is complete. */
  captured(capture: Capture): void;
}

interface ServerOptions extends ServerHost {
  readonly protocol: Protocol<Figures>;
  readonly recorder: Recorder;
}

type EffectOf<Kind extends Effect<Figures>["kind"]> = Extract<Effect<Figures>, { readonly kind: Kind }>;

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
  #isOver = false;

  /** What is done for each effect. */
  readonly #acts: { readonly [Kind in Effect<Figures>["kind"]]: (effect: EffectOf<Kind>) => void } = {
    accepted: () => {},
    duplicate: () => {},
    refused: (effect) => this.#refused(effect),
    lease: ({ to, slot }) => this.#options.recorder.leased(to, slot),
    grant: (effect) => this.#grant(effect),
    apply: (effect) => this.#apply(effect),
    copy: ({ to, ...order }) => this.#order(to, order),
    evaluate: ({ to, ...order }) => this.#order(to, order),
    updated: ({ update }) => {
      this.#options.recorder.updated(update);
      this.#options.updated(update);
    },
    dropped: (effect) => this.#options.recorder.dropped(effect),
    epochEnd: ({ epoch, validating }) => this.#options.recorder.epochEnd(epoch, validating),
    capture: (effect) => this.#options.capturing(effect),
    captured: (effect) => this.#options.captured(effect),
    validated: ({ figures }) => this.#validated(figures),
    replace: ({ worker, problems }) => {
      this.#options.recorder.lost();
      this.#options.replace(worker, problems);
    },
    finish: ({ status }) => {
      this.#isOver = true;
      this.#settle.resolve(status);
    },
    fail: ({ problems }) => this.abandon(new RunError(problems)),
  };

  constructor(options: ServerOptions) {
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // A run may be abandoned before anybody waits for its end.
    this.ended.catch(() => {});
  }

  report(report: Report): void {
    if (this.#isOver) return;
    const { recorder } = this.#options;
    if (report.kind === "learned") recorder.learned(report.sums);
    else {
      const { message } = report;
      if (message.kind === "push" || message.kind === "evaluated") recorder.heard(message.from, message.figures);
      if (message.kind === "push" && this.#isOneBatch(message)) recorder.learned(message.figures);
      this.#receive(message);
    }
  }

  lost(worker: Actor, problems: readonly Problem[]): void {
    this.#receive({ kind: "lost", worker, problems });
  }

  saved(version: number): void {
    this.#receive({ kind: "saved", version });
  }

  tick(now: number): void {
    this.#receive({ kind: "tick", now });
  }

  /** Ends the run after the update that is being made. */
  stop(): void {
    this.#receive({ kind: "stop" });
  }

  /** Ends the run now, with an error that is not a worker's. */
  abandon(error: unknown): void {
    this.#isOver = true;
    this.#settle.reject(error);
  }

  /** Of pushes of several batches the worker tells what it learned as it goes. */
  #isOneBatch({ slot, clock }: { readonly slot: number; readonly clock: number }): boolean {
    const plan = this.#options.protocol.state.config.plans[slot];
    return plan !== undefined && plannedPush(plan, clock).batches === 1;
  }

  #receive(message: Message<Figures>): void {
    if (this.#isOver) return;
    try {
      for (const effect of this.#options.protocol.receive(message)) this.#act(effect);
    } catch (error) {
      this.abandon(
        isBaseError(error) ? error : new RunError({ code: "INTERNAL", message: String(error) }, { cause: error }),
      );
    }
  }

  #act<Kind extends Effect<Figures>["kind"]>(effect: EffectOf<Kind>): void {
    const act: (effect: EffectOf<Kind>) => void = this.#acts[effect.kind as Kind];
    act(effect);
  }

  /** Our own workers say nothing wrong, but one whose lease has ended may not have heard of it yet. */
  #refused({ code, message }: Extract<Effect<Figures>, { kind: "refused" }>): void {
    if (code !== "PROTOCOL_FENCED") this.abandon(new RunError({ code, message }));
  }

  #grant({ to, ...order }: EffectOf<"grant">): void {
    this.#order(to, { ...order, totals: this.#options.totals(order.slot, order.clock) });
  }

  #apply({ to, update, phase, part }: EffectOf<"apply">): void {
    const { version, iteration, parts, contributions } = update;
    const shares = contributions.map(({ slot, rows, weight }) => ({ slot, rows, weight }));
    const how = this.#options.healing(update);
    this.#order(to, { kind: "apply", version, iteration, phase, part, parts, shares, how });
  }

  #order(to: Actor, order: Order): void {
    const { recorder, send } = this.#options;
    // A run that goes on may begin with the validation that was still to come.
    recorder.begin();
    send(to, order);
  }

  /** Adds the slices in order, whoever made them first. */
  #validated(figures: readonly Figures[]): void {
    const sums = new ScalarSums();
    for (const slice of figures) sums.add(slice);
    this.#options.recorder.validated(sums);
  }
}
