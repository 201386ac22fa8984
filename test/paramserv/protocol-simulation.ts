import { plannedPush, pushesAnEpoch } from "../../runtime/paramserv/protocol/plan.js";
import { initialState, transition } from "../../runtime/paramserv/protocol/protocol.js";
import type {
  Effect,
  Message,
  ProtocolConfig,
  State,
  Update,
  WorkerId,
} from "../../runtime/paramserv/protocol/types.js";

/** What a simulated run did. Gradients are integers, so sums are exact in any order. */
export interface Outcome {
  readonly status: "completed" | "aborted" | "failed";
  /** One sum for each worker's slice of the model; each executor adds its own slice. */
  readonly weights: readonly number[];
  readonly updates: readonly Update[];
  readonly staleness: readonly number[];
  /** Staleness as the simulation counts it, update by update. */
  readonly countedStaleness: readonly number[];
  readonly epochs: readonly number[];
  readonly validated: readonly number[];
  readonly evaluations: readonly string[];
}

/** Picks one of `count` messages that could be delivered next. */
export type Schedule = (count: number) => number;

export interface Interruption {
  /** After so many delivered messages. */
  readonly after: number;
  readonly message: Message;
}

/** The integer gradient of a worker's push. */
export function gradientOf(worker: WorkerId, clock: number): number {
  return (worker + 1) * 1000 + clock;
}

/**
 * Runs the protocol with simulated workers: each has a queue of messages on their way, and `schedule` chooses whose is
 * delivered next. Throws when a run stands still before its end, when a read overlaps an update, or when the weights
 * change under a validation.
 */
export function simulate(config: ProtocolConfig, schedule: Schedule, interruption?: Interruption): Outcome {
  const run = new Simulation(config);
  for (let delivered = 0; run.status === undefined; delivered++) {
    if (delivered > 100_000) throw new Error("the run does not end");
    if (interruption !== undefined && delivered === interruption.after) run.deliver(interruption.message);
    else run.deliverNext(schedule);
  }
  return run.outcome(run.status);
}

class Simulation {
  status: Outcome["status"] | undefined;
  readonly #config: ProtocolConfig;
  #state: State;
  readonly #mail: Message[][];
  readonly #weights: number[];
  readonly #clocks: number[];
  readonly #reading = new Set<WorkerId>();
  #updating = false;
  #validating = false;
  readonly #readAt: number[];
  readonly #updates: Update[] = [];
  readonly #staleness: number[] = [];
  readonly #counted: number[] = [];
  readonly #epochs: number[] = [];
  readonly #validated: number[] = [];
  readonly #evaluations: string[] = [];

  constructor(config: ProtocolConfig) {
    this.#config = config;
    this.#state = initialState(config);
    this.#mail = config.plans.map((_, worker) => [
      { kind: "join", worker },
      { kind: "pull", worker, clock: 0 },
    ]);
    this.#weights = config.plans.map(() => 0);
    this.#clocks = config.plans.map(() => 0);
    this.#readAt = config.plans.map(() => 0);
  }

  deliverNext(schedule: Schedule): void {
    const senders = [...this.#mail.keys()].filter((worker) => (this.#mail[worker]?.length ?? 0) > 0);
    if (senders.length === 0) throw new Error(`deadlock: nothing is under way in ${JSON.stringify(this.#state)}`);
    const message = this.#mail[senders[schedule(senders.length)] ?? 0]?.shift();
    if (message !== undefined) this.deliver(message);
  }

  deliver(message: Message): void {
    if (message.kind === "pulled") this.#reading.delete(message.worker);
    if (message.kind === "applied") this.#write(message.worker);
    const before = JSON.stringify(this.#state);
    const state = this.#state;
    const { state: next, effects } = transition(state, message);
    if (JSON.stringify(state) !== before) throw new Error("transition changed the state it was given");
    this.#state = next;
    for (const effect of effects) this.#act(effect);
  }

  outcome(status: Outcome["status"]): Outcome {
    return {
      status,
      weights: this.#weights,
      updates: this.#updates,
      staleness: this.#staleness,
      countedStaleness: this.#counted,
      epochs: this.#epochs,
      validated: this.#validated,
      evaluations: this.#evaluations,
    };
  }

  #act(effect: Effect): void {
    switch (effect.kind) {
      case "grant":
        if (this.#updating) throw new Error("a worker reads while an update is made");
        if (this.#validating && this.#config.strategy === "BSP")
          throw new Error("a worker goes on during a validation");
        this.#reading.add(effect.worker);
        this.#readAt[effect.worker] = this.#updates.length;
        this.#send(effect.worker, { kind: "pulled", worker: effect.worker, clock: effect.clock });
        this.#push(effect.worker, effect.clock);
        return;
      case "apply":
        if (this.#reading.size > 0) throw new Error("an update is made while a worker reads");
        if (effect.update.snapshot && this.#validating)
          throw new Error("the weights that are validated are overwritten");
        this.#updating = true;
        for (const worker of effect.update.executors) {
          this.#send(worker, { kind: "applied", worker, version: effect.update.version });
        }
        return;
      case "updated":
        this.#updating = false;
        this.#counted.push(
          ...effect.update.contributions.map((one) => this.#updates.length - (this.#readAt[one.worker] ?? 0)),
        );
        this.#updates.push(effect.update);
        this.#staleness.push(...effect.staleness);
        return;
      case "evaluate": {
        const { worker, epoch, part, parts } = effect;
        this.#evaluations.push(`${epoch}: ${part} of ${parts}`);
        this.#send(worker, { kind: "evaluated", worker, epoch, part });
        return;
      }
      case "epochEnd":
        this.#epochs.push(effect.epoch);
        this.#validating = effect.validating;
        return;
      case "validated":
        this.#validated.push(effect.epoch);
        this.#validating = false;
        return;
      case "finish":
        this.status = effect.status;
        return;
      case "fail":
        this.status = "failed";
    }
  }

  #push(worker: WorkerId, clock: number): void {
    const plan = this.#config.plans[worker];
    if (plan === undefined) return;
    this.#clocks[worker] = clock + 1;
    this.#send(worker, { kind: "push", worker, clock, rows: plannedPush(plan, clock).rows });
    if (clock + 1 < pushesAnEpoch(plan) * this.#config.epochs)
      this.#send(worker, { kind: "pull", worker, clock: clock + 1 });
  }

  /** An executor adds all contributions to its slices of the model. */
  #write(worker: WorkerId): void {
    const work = this.#state.update?.work;
    if (work === undefined) return;
    const { executors, contributions } = work;
    const sum = contributions.reduce(
      (total, one) => total + gradientOf(one.worker, (this.#clocks[one.worker] ?? 0) - 1),
      0,
    );
    const part = executors.indexOf(worker);
    for (let slice = 0; slice < this.#weights.length; slice++) {
      if (slice % executors.length === part) this.#weights[slice] = (this.#weights[slice] ?? 0) + sum;
    }
  }

  #send(worker: WorkerId, message: Message): void {
    this.#mail[worker]?.push(message);
  }
}
