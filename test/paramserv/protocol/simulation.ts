import { inOrder } from "../../../runtime/paramserv/protocol/fifo.js";
import { Protocol } from "../../../runtime/paramserv/protocol/protocol.js";
import {
  checkpointOf,
  initialState,
  type ProtocolCheckpoint,
  restoredState,
} from "../../../runtime/paramserv/protocol/start.js";
import type { Effect, Message, ProtocolConfig, WorkerMessage } from "../../../runtime/paramserv/protocol/types.js";
import { type Random, random } from "../../../runtime/random.js";
import { expectThat, type Figures, gradientOf, Ledger } from "./ledger.js";

/** How often what happens, of all steps of a run. */
export interface Troubles {
  /** Messages are delivered again, at once or later. */
  readonly duplicates?: number;
  /** Workers die: without a word, or told by the host. */
  readonly losses?: number;
  /** Workers go. */
  readonly leaves?: number;
  /** Workers come that nobody waits for. */
  readonly joins?: number;
  /** The server is started again from its state; what it had sent and nobody had read is lost. */
  readonly restarts?: number;
  /** Everything dies; the run goes on from its last saved checkpoint. */
  readonly crashes?: number;
  /** Workers that come back while the server thinks them at work. */
  readonly returns?: number;
  /** The run is stopped at this step. */
  readonly stopAt?: number;
  /** Of ten lost workers, how many are replaced. */
  readonly replaced?: number;
}

const problems = [{ code: "WORKER_FAILED", message: "the worker died" }] as const;
type Order = Extract<Effect<Figures>, { kind: "grant" | "apply" | "copy" | "evaluate" }>;
type Said = WorkerMessage<Figures>;
/** What a worker says, before it is numbered. */
type Saying = Said extends infer One ? (One extends Said ? Omit<One, "from" | "seq"> : never) : never;

/** A worker: does its orders one by one and says so. Its messages are under way for any time, but in order. */
class SimulatedWorker {
  readonly orders: Order[] = [];
  readonly mail: Said[] = [];
  readonly delivered: Said[] = [];
  readonly speed: number;
  isLeaving = false;
  readonly actor: { readonly worker: number; readonly incarnation: number };
  #seq = 0;
  readonly #had = new Set<string>();

  constructor(worker: number, incarnation: number, speed: number) {
    this.actor = { worker, incarnation };
    this.speed = speed;
    this.say({ kind: "join" });
  }

  get name(): string {
    return `${this.actor.worker}.${this.actor.incarnation}`;
  }

  say(saying: Saying): void {
    this.#seq += 1;
    this.mail.push({ ...saying, from: this.actor, seq: this.#seq } as Said);
  }

  /** Does an order, unless it has had it before: after a restart the server repeats what is outstanding. */
  work(order: Order, ledger: Ledger): void {
    const key = keyOf(order);
    if (this.isLeaving || this.#had.has(key)) return;
    this.#had.add(key);
    switch (order.kind) {
      case "grant": {
        const { slot, clock } = order;
        this.say({ kind: "pulled", slot, clock });
        const figures = { value: gradientOf(slot, clock) };
        this.say({ kind: "push", slot, clock, rows: ledger.plannedRows(slot, clock), figures });
        return;
      }
      case "apply":
        this.say({ kind: "applied", version: order.update.version, phase: order.phase, part: order.part });
        return;
      case "copy":
        this.say({ kind: "copied", version: order.version, part: order.part });
        return;
      case "evaluate":
        this.say({
          kind: "evaluated",
          epoch: order.epoch,
          part: order.part,
          figures: { value: order.part * 7 + order.epoch },
        });
    }
  }
}

function keyOf(order: Order): string {
  switch (order.kind) {
    case "grant":
      return `grant ${order.slot} ${order.clock}`;
    case "apply":
      return `apply ${order.update.version} ${order.phase} ${order.part}`;
    case "copy":
      return `copy ${order.version} ${order.part}`;
    case "evaluate":
      return `evaluate ${order.epoch} ${order.part}`;
  }
}

/** Runs the protocol to its end with workers, a network and a host that a seed decides about. Throws what the ledger finds, and where a run stands still. */
export class Simulation {
  readonly ledger: Ledger;
  readonly workers = new Map<number, SimulatedWorker>();
  failure: Extract<Effect<Figures>, { kind: "fail" }> | undefined;
  losses = 0;
  duplicates = 0;
  restarts = 0;
  crashes = 0;
  leases = 0;
  readonly #config: ProtocolConfig;
  readonly #troubles: Troubles;
  readonly #random: Random;
  #protocol: Protocol<Figures>;
  #zombies: Said[] = [];
  readonly #incarnations = new Map<number, number>();
  #ghosts = new Set<string>();
  #now = 0;
  #parts = new Map<string, number>();
  #checkpoint: { readonly state: ProtocolCheckpoint; readonly weights: readonly number[] } | undefined;
  #captured: ProtocolCheckpoint | undefined;
  #idleTicks = 0;

  constructor(config: ProtocolConfig, seed: number, troubles: Troubles = {}) {
    this.#config = config;
    this.#troubles = troubles;
    this.#random = random(seed, "protocol");
    this.#protocol = new Protocol(initialState(config));
    this.ledger = new Ledger(config);
    for (const worker of config.plans.keys()) this.#start(worker);
  }

  run(): this {
    for (let step = 0; this.ledger.ending === undefined; step++) {
      expectThat(step < 200_000, "the run does not end");
      if (step === this.#troubles.stopAt) this.stop();
      else if (!this.#trouble()) this.#step();
    }
    this.#afterEnd();
    return this;
  }

  stop(): void {
    this.#deliver({ kind: "stop" });
  }

  #start(worker: number): void {
    const incarnation = this.#incarnations.get(worker) ?? 0;
    this.#incarnations.set(worker, incarnation + 1);
    this.workers.set(worker, new SimulatedWorker(worker, incarnation, [1, 1, 3, 10][this.#random.int(4)] ?? 1));
  }

  #chance(per: number | undefined): boolean {
    return per !== undefined && this.#random.uniform() < per;
  }

  #any<T>(list: readonly T[]): T | undefined {
    return list[this.#random.int(Math.max(list.length, 1))];
  }

  #trouble(): boolean {
    const { losses, leaves, joins, restarts, crashes, returns } = this.#troubles;
    const worker = this.#any([...this.workers.values()]);
    if (worker !== undefined && this.#chance(losses)) return this.#kill(worker);
    if (worker !== undefined && this.#chance(returns)) return this.#comeBack(worker);
    if (worker !== undefined && this.#chance(leaves) && this.#mayLeave()) return this.#leave(worker);
    if (this.#chance(joins)) return this.#startNew();
    if (this.#chance(restarts)) return this.#restart();
    if (this.#checkpoint !== undefined && this.#chance(crashes)) return this.#crash();
    return false;
  }

  #startNew(): boolean {
    if (this.workers.size < 2 * this.#config.plans.length) this.#start(this.#incarnations.size);
    return true;
  }

  /** Its messages are lost, or come later; the host says so, or nobody does until it has been silent too long. */
  #kill(worker: SimulatedWorker): boolean {
    this.workers.delete(worker.actor.worker);
    if (this.#chance(0.5)) this.#zombies.push(...worker.mail);
    if (this.#chance(0.5)) this.#deliver({ kind: "lost", worker: worker.actor, problems });
    else this.#ghosts.add(worker.name);
    return true;
  }

  /** It was started again before anybody noticed that it had died. */
  #comeBack(worker: SimulatedWorker): boolean {
    this.#zombies.push(...worker.mail);
    this.#start(worker.actor.worker);
    return true;
  }

  /** One after another: where all have left, nobody is asked for. */
  #mayLeave(): boolean {
    return this.workers.size > 1 && [...this.workers.values()].every(({ isLeaving }) => !isLeaving);
  }

  #leave(worker: SimulatedWorker): boolean {
    worker.say({ kind: "leave" });
    worker.isLeaving = true;
    return true;
  }

  /** What is kept is bounded by slots and workers: nothing stands in a list twice, or is listed that is not there. */
  #checkBounds(): void {
    const { state } = this.#protocol;
    const present = Object.entries(state.workers).filter(([, worker]) => worker.present);
    expectThat(state.present === present.length, "another number of workers is present than told");
    const isOnce = (items: readonly number[]) => new Set(items).size === items.length;
    const lists = [state.vacant, state.wanting, state.queue, ...present.map(([, { ready }]) => ready)];
    expectThat(
      lists.every((list) => isOnce(inOrder(list))),
      "a list holds something twice",
    );
    expectThat(
      lists.every(({ items }) => items.length <= 2 * (state.slots.length + present.length)),
      "a list is not cleared",
    );
    expectThat([state.idle, state.spares, state.gone].every(isOnce), "a worker is listed twice");
    expectThat(
      inOrder(state.wanting).every((id) => state.workers[id]?.present === true),
      "a worker wants that is gone",
    );
    const idle = present.filter(([, { task }]) => task === null).map(([id]) => Number(id));
    expectThat(
      idle.length === state.idle.length && idle.every((id) => state.idle[state.workers[id]?.idleAt ?? -1] === id),
      "the idle workers are not those without a task",
    );
    const reading = present.filter(([, { task }]) => task?.kind === "grant" && task.reading);
    expectThat(state.readers === reading.length, "other workers read than told");
    const held = present.flatMap(([, worker]) => worker.slots);
    expectThat(
      isOnce(held) && held.length + inOrder(state.vacant).length === state.slots.length,
      "a slot is held twice, or lost",
    );
  }

  #restart(): boolean {
    this.restarts += 1;
    this.#checkBounds();
    this.#protocol = new Protocol(JSON.parse(JSON.stringify(this.#protocol.state)));
    for (const worker of this.workers.values()) {
      worker.orders.length = 0;
      this.#orders(this.#protocol.outstanding(worker.actor));
    }
    return true;
  }

  #crash(): boolean {
    const saved = this.#checkpoint;
    if (saved === undefined) return false;
    this.crashes += 1;
    this.#protocol = new Protocol(restoredState(this.#config, JSON.parse(JSON.stringify(saved.state))));
    this.ledger.restore(saved.state, saved.weights);
    this.workers.clear();
    this.#zombies = [];
    this.#ghosts.clear();
    this.#parts.clear();
    for (const worker of this.#config.plans.keys()) this.#start(worker);
    return true;
  }

  #step(): void {
    // The host never leaves a run without any worker.
    if (this.workers.size === 0) this.#start(this.#incarnations.size);
    const busy = [...this.workers.values()].filter(({ orders, mail }) => orders.length + mail.length > 0);
    const weighed = busy.flatMap((worker) => new Array<SimulatedWorker>(worker.speed).fill(worker));
    const worker = this.#any(weighed);
    if (this.#zombies.length > 0 && this.#chance(0.1)) this.#zombie();
    else if (this.ledger.saving !== undefined && (worker === undefined || this.#chance(0.1)))
      this.#save(this.ledger.saving);
    else if (worker === undefined || this.#chance(0.02)) this.#tick(worker === undefined);
    else if (worker.mail.length > 0 && (worker.orders.length === 0 || this.#chance(0.7))) this.#post(worker);
    else {
      const order = worker.orders.shift();
      if (order !== undefined) worker.work(order, this.ledger);
    }
  }

  #tick(isIdle: boolean): void {
    this.#idleTicks = isIdle ? this.#idleTicks + 1 : 0;
    if (this.#idleTicks >= 200) throw new Error(`the run stands still: ${JSON.stringify(this.#protocol.state)}`);
    // A busy network gives signs of life; where all is silent, time passes.
    this.#now += isIdle ? 10 : 0;
    this.#deliver({ kind: "tick", now: this.#now });
    for (const worker of this.workers.values())
      if (worker.mail.length === 0 && !worker.isLeaving) worker.say({ kind: "beat" });
  }

  #save(version: number): void {
    if (this.#captured !== undefined) this.#checkpoint = { state: this.#captured, weights: [...this.ledger.copy] };
    this.ledger.saving = undefined;
    this.#deliver({ kind: "saved", version });
  }

  /** A message of a worker that is gone must not be accepted, unless nobody knows yet that it is. */
  #zombie(): void {
    const message = this.#zombies.shift();
    if (message === undefined) return;
    const known = this.#protocol.state.workers[message.from.worker];
    const isGone = !known?.present || known.incarnation !== message.from.incarnation;
    const [answer] = this.#hear(message);
    if (isGone)
      expectThat(
        message.kind === "join" || answer?.kind !== "accepted",
        "a message of a worker that is gone is accepted",
      );
    // Nobody is there to do what it was told.
    if (message.kind === "join" && answer?.kind === "accepted")
      this.#ghosts.add(`${message.from.worker}.${message.from.incarnation}`);
  }

  #post(worker: SimulatedWorker): void {
    const message = worker.mail.shift();
    if (message === undefined) return;
    worker.delivered.push(message);
    const [answer] = this.#hear(message);
    if (answer?.kind !== "accepted") {
      expectThat(
        answer?.kind === "refused" && answer.code === "PROTOCOL_FENCED",
        `${JSON.stringify(message)} is answered ${JSON.stringify(answer)}`,
      );
      // It was held to be lost: it comes again.
      if (this.workers.get(worker.actor.worker) === worker) this.#start(worker.actor.worker);
      return;
    }
    if (message.kind === "leave") {
      this.workers.delete(worker.actor.worker);
    }
    if (this.#chance(this.#troubles.duplicates)) this.#again(worker);
  }

  /** A message comes twice: it has the same answer and changes nothing. */
  #again(worker: SimulatedWorker): void {
    const message = this.#chance(0.5) ? worker.delivered.at(-1) : this.#any(worker.delivered);
    if (message === undefined) return;
    this.duplicates += 1;
    const effects = this.#hear(message);
    expectThat(
      effects.length === 1 && effects[0]?.kind === "duplicate" && effects[0].first === undefined,
      "a duplicate has effects",
    );
  }

  #hear(message: Said): readonly Effect<Figures>[] {
    const [answer, ...effects] = this.#protocol.receive(message);
    expectThat(answer !== undefined && "to" in answer && "seq" in answer, `${message.kind} is not answered`);
    expectThat(answer.to.worker === message.from.worker && answer.seq === message.seq, "an answer to another message");
    if (answer.kind === "accepted") this.#accepted(message);
    this.#act(effects);
    return [answer, ...effects];
  }

  #deliver(message: Message<Figures>): void {
    this.#act(this.#protocol.receive(message));
  }

  #accepted(message: Said): void {
    if (this.ledger.ending !== undefined) return;
    const name = `${message.from.worker}.${message.from.incarnation}`;
    if (message.kind === "pulled") this.ledger.pulled(name);
    else if (message.kind === "applied") this.ledger.applied(message.phase, message.part);
    else if (message.kind === "leave") this.ledger.lost(name);
    else if (message.kind === "copied")
      this.ledger.copied({ part: message.part, parts: this.#parts.get(`copy ${message.version}`) ?? 0 });
    else if (message.kind === "evaluated") this.ledger.evaluated(message.part, message.figures.value);
    else if (message.kind === "join")
      for (let before = 0; before < message.from.incarnation; before++)
        this.ledger.lost(`${message.from.worker}.${before}`);
  }

  #orders(effects: readonly Effect<Figures>[]): void {
    for (const effect of effects) {
      if (effect.kind === "lease") this.leases += 1;
      if (effect.kind !== "grant" && effect.kind !== "apply" && effect.kind !== "copy" && effect.kind !== "evaluate")
        continue;
      const worker = this.workers.get(effect.to.worker);
      if (worker?.actor.incarnation === effect.to.incarnation) worker.orders.push(effect);
    }
  }

  #act(effects: readonly Effect<Figures>[]): void {
    for (const effect of effects) this.#book(effect);
    this.#orders(effects);
    this.#idleTicks = effects.length > 0 ? 0 : this.#idleTicks;
  }

  #book(effect: Effect<Figures>): void {
    const { ledger } = this;
    expectThat(ledger.ending === undefined, `${effect.kind} after the end`);
    switch (effect.kind) {
      case "grant":
        ledger.grant(effect);
        return;
      case "apply":
        ledger.apply(effect);
        return;
      case "copy":
        this.#parts.set(`copy ${effect.version}`, effect.parts);
        return;
      case "evaluate":
        ledger.evaluate(effect);
        return;
      case "updated":
        ledger.updated(effect.update);
        return;
      case "dropped":
        ledger.drop(effect);
        return;
      case "epochEnd":
        ledger.epochEnd(effect);
        return;
      case "capture":
        ledger.capture(effect);
        this.#captured = checkpointOf(this.#protocol.state);
        return;
      case "captured":
        ledger.captured(effect);
        return;
      case "validated":
        ledger.validatedEpoch(effect);
        return;
      case "replace":
        this.#replace(effect);
        return;
      case "finish":
        ledger.ending = effect.status;
        return;
      case "fail":
        ledger.ending = "failed";
        this.failure = effect;
        return;
      case "lease":
        return;
      default:
        throw new Error(`${effect.kind}: ${JSON.stringify(effect)}`);
    }
  }

  #replace({ worker }: Extract<Effect<Figures>, { kind: "replace" }>): void {
    this.losses += 1;
    const name = `${worker.worker}.${worker.incarnation}`;
    this.ledger.lost(name);
    this.#ghosts.delete(name);
    const there = this.workers.get(worker.worker);
    if (there?.actor.incarnation === worker.incarnation) {
      // It lives, and was too slow: what it still says is refused.
      this.#zombies.push(...there.mail);
      this.workers.delete(worker.worker);
    }
    const isReplaced = this.#random.int(10) < (this.#troubles.replaced ?? 10) || this.workers.size === 0;
    if (isReplaced && !this.workers.has(worker.worker)) this.#start(worker.worker);
  }

  /** Whatever comes after the end is answered, and changes nothing. */
  #afterEnd(): void {
    this.#checkBounds();
    for (const worker of this.workers.values()) {
      for (const message of worker.mail) {
        const effects = this.#protocol.receive(message);
        expectThat(effects.length === 1, `${message.kind} has effects after the end`);
      }
    }
  }
}
