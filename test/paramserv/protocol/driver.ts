import { plannedPush } from "../../../runtime/paramserv/protocol/plan.js";
import { Protocol } from "../../../runtime/paramserv/protocol/protocol.js";
import { initialState } from "../../../runtime/paramserv/protocol/start.js";
import type { State } from "../../../runtime/paramserv/protocol/state.js";
import type {
  Effect,
  HostMessage,
  Message,
  ProtocolConfig,
  WorkerMessage,
} from "../../../runtime/paramserv/protocol/types.js";
import { configOf, two } from "./configs.js";

type Said = WorkerMessage<string>;
export type Saying = Said extends infer One ? (One extends Said ? Omit<One, "from" | "seq"> : never) : never;

export const problems = [{ code: "WORKER_FAILED", message: "it died" }] as const;

/** Slots of one row each an epoch and push, and a configuration around them. */
export function slots(count: number, given: Partial<ProtocolConfig> = {}, rows = 1): ProtocolConfig {
  return { ...two, plans: Array.from({ length: count }, () => ({ rows, batchsize: 1, rowsPerPush: 1 })), ...given };
}

/** One message after another, written down in short; sequence numbers are kept, answers are left out where a message is accepted. */
export class Driver {
  readonly protocol: Protocol<string>;
  readonly config: ProtocolConfig;
  readonly #seqs = new Map<string, number>();

  constructor(config: ProtocolConfig, state: State = initialState(config)) {
    this.config = config;
    this.protocol = new Protocol(state);
  }

  /** Worker w's next message, as incarnation 0 unless said. */
  say(worker: number, saying: Saying, incarnation = 0): readonly string[] {
    const name = `${worker}.${incarnation}`;
    const seq = (this.#seqs.get(name) ?? 0) + 1;
    this.#seqs.set(name, seq);
    return this.send({ ...saying, from: { worker, incarnation }, seq } as Said);
  }

  send(message: unknown): readonly string[] {
    return short(this.protocol.receive(message as Message<string>));
  }

  host(message: HostMessage): readonly string[] {
    return this.send(message);
  }

  join(...workers: readonly number[]): readonly string[] {
    return workers.flatMap((worker) => this.say(worker, { kind: "join" }));
  }

  pulled(worker: number, slot: number, clock: number): readonly string[] {
    return this.say(worker, { kind: "pulled", slot, clock });
  }

  push(worker: number, slot: number, clock: number): readonly string[] {
    const plan = this.config.plans[slot];
    const rows = plan === undefined ? 0 : plannedPush(plan, clock).rows;
    return this.say(worker, { kind: "push", slot, clock, rows, figures: `${slot}.${clock}` });
  }

  /** Reads and pushes. */
  learn(worker: number, slot: number, clock: number): readonly string[] {
    return [...this.pulled(worker, slot, clock), ...this.push(worker, slot, clock)];
  }

  applied(worker: number, version: number, part = 0, phase = 0): readonly string[] {
    return this.say(worker, { kind: "applied", version, phase, part });
  }

  copied(worker: number, version: number, part = 0): readonly string[] {
    return this.say(worker, { kind: "copied", version, part });
  }

  evaluated(worker: number, epoch: number, part: number): readonly string[] {
    return this.say(worker, { kind: "evaluated", epoch, part, figures: `${part}` });
  }

  tick(now: number): readonly string[] {
    return this.host({ kind: "tick", now });
  }

  lost(worker: number, incarnation = 0): readonly string[] {
    return this.host({ kind: "lost", worker: { worker, incarnation }, problems });
  }
}

export function short(effects: readonly Effect<string>[]): readonly string[] {
  return effects.filter(({ kind }) => kind !== "accepted").map(shortOf);
}

function shortOf(effect: Effect<string>): string {
  const to =
    "to" in effect ? ` ${effect.to.worker}${effect.to.incarnation > 0 ? `.${effect.to.incarnation}` : ""}` : "";
  const head = `${effect.kind}${to}`;
  switch (effect.kind) {
    case "refused":
      return `${head} ${effect.code}: ${effect.message}`;
    case "duplicate":
      return effect.first === undefined ? head : `${head} ${effect.first}`;
    case "lease":
    case "grant":
      return `${head}: ${effect.slot}.${effect.clock}`;
    case "apply":
      return `${head}: ${effect.update.version} phase ${effect.phase} part ${effect.part}/${effect.update.parts}`;
    case "copy":
      return `${head}: ${effect.version} part ${effect.part}/${effect.parts}`;
    case "evaluate":
      return `${head}: ${effect.epoch} part ${effect.part}/${effect.parts}`;
    case "updated":
      return `updated ${effect.update.version}: ${effect.update.contributions.map(({ slot, clock }) => `${slot}.${clock}`).join(" ")}`;
    case "dropped":
      return `dropped ${effect.slot}.${effect.clock}`;
    case "epochEnd":
      return `epochEnd ${effect.epoch}${effect.validating ? " validating" : ""}`;
    case "capture":
    case "captured":
      return `${effect.kind} ${effect.version}, epoch ${effect.epoch}${effect.save ? ", save" : ""}`;
    case "validated":
      return `validated ${effect.epoch}: ${effect.figures.join(" ")}`;
    case "replace":
      return `replace ${effect.worker.worker}: ${effect.problems.map(({ code }) => code).join(" ")}`;
    case "finish":
      return `finish ${effect.status}`;
    case "fail":
      return `fail${effect.worker === undefined ? "" : ` by ${effect.worker.worker}`}: ${effect.problems.map(({ code, message }) => `${code} ${message}`).join("; ")}`;
    default:
      return head;
  }
}

/** A driver for a seed's configuration. */
export const driverOf = (seed: number): Driver => new Driver(configOf(seed));
