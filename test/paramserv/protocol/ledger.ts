import type { Effect, ProtocolConfig, SlotId, Update } from "../../../runtime/paramserv/protocol/types.js";

/** What simulated workers tell: the integer gradient of a push, or what a slice of the copy holds. Sums of integers are exact in any order. */
export interface Figures {
  readonly value: number;
}

export type Of<K extends Effect<Figures>["kind"]> = Extract<Effect<Figures>, { kind: K }>;

/** Slices of the simulated model: parts of updates and copies divide them. */
const slices = 6;

/** The integer gradient of an item. */
export function gradientOf(slot: SlotId, clock: number): number {
  return (slot + 1) * 1000 + clock;
}

/** How an epoch of a slot is cut, counted batch by batch: rows and batches of each push. */
export function pushesOf(
  config: ProtocolConfig,
  slot: SlotId,
): readonly { readonly rows: number; readonly batches: number }[] {
  const plan = config.plans[slot];
  if (plan === undefined) return [];
  const pushes: { rows: number; batches: number }[] = [];
  for (let row = 0; row < plan.rows; ) {
    const push = { rows: 0, batches: 0 };
    for (const end = Math.min(row + plan.rowsPerPush, plan.rows); row < end; push.batches++) {
      const rows = Math.min(plan.batchsize, end - row);
      row += rows;
      push.rows += rows;
    }
    pushes.push(push);
  }
  return pushes;
}

export function expectThat(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/**
 * The books of a simulated run, kept from its effects alone: what was read, pushed, applied, dropped and copied. Whatever
 * breaks a promise of the protocol throws here.
 */
export class Ledger {
  readonly updates: Update<Figures>[] = [];
  readonly dropped: Of<"dropped">[] = [];
  readonly epochs: number[] = [];
  readonly validated: number[] = [];
  readonly captures: Of<"capture">[] = [];
  ending: "completed" | "aborted" | "failed" | undefined;
  /** The model: each slice has had the same sums, so whole updates leave them equal. */
  weights: number[] = new Array(slices).fill(0);
  copy: number[] = [];
  readonly #config: ProtocolConfig;
  readonly #pushes: readonly (readonly { readonly rows: number; readonly batches: number }[])[];
  readonly #rounds: number;
  /** Items of each slot that are committed or dropped. */
  readonly clocks: number[];
  readonly #reads = new Map<SlotId, { readonly clock: number; readonly updates: number }>();
  readonly #readers = new Set<string>();
  #making: { readonly update: Update<Figures>; phase: number; done: Set<number>; given: Set<number> } | undefined;
  #copying:
    | { readonly capture: Of<"capture">; readonly weights: readonly number[]; readonly done: Set<number> }
    | undefined;
  #validating: { readonly epoch: number; readonly done: Map<number, number> } | undefined;
  #unvalidated: number[] = [];
  saving: number | undefined;

  constructor(config: ProtocolConfig) {
    this.#config = config;
    this.#pushes = config.plans.map((_, slot) => pushesOf(config, slot));
    this.#rounds = Math.max(...this.#pushes.map(({ length }) => length));
    this.clocks = config.plans.map(() => 0);
  }

  /** The run goes on from a copy: everything after it has not happened. */
  restore(
    checkpoint: { version: number; epoch: number; clocks: readonly number[]; unvalidated: readonly number[] },
    weights: readonly number[],
  ): void {
    this.updates.length = checkpoint.version;
    this.epochs.length = checkpoint.epoch;
    this.validated.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...this.validated.filter((epoch) => epoch <= checkpoint.epoch && !checkpoint.unvalidated.includes(epoch)),
    );
    for (const [slot, clock] of checkpoint.clocks.entries()) this.clocks[slot] = clock;
    const kept = this.dropped.filter(({ slot, clock }) => clock < (this.clocks[slot] ?? 0));
    this.dropped.splice(0, Number.POSITIVE_INFINITY, ...kept);
    this.weights = [...weights];
    this.#reads.clear();
    this.#readers.clear();
    this.#making = undefined;
    this.#copying = undefined;
    this.#validating = undefined;
    this.#unvalidated = [...checkpoint.unvalidated];
    this.saving = undefined;
  }

  get isLocked(): boolean {
    return this.#config.strategy !== "HOGWILD";
  }

  /** The round of a slot's next item, where a slot that has done its epoch is at the start of the next. */
  roundOf(slot: SlotId): number {
    const pushes = this.#pushes[slot]?.length ?? 1;
    const clock = this.clocks[slot] ?? 0;
    return Math.floor(clock / pushes) * this.#rounds + (clock % pushes);
  }

  plannedRows(slot: SlotId, clock: number): number {
    const pushes = this.#pushes[slot] ?? [];
    return pushes[clock % pushes.length]?.rows ?? 0;
  }

  grant({ to, slot, clock, version, iteration }: Of<"grant">): void {
    expectThat(this.ending === undefined, "a grant after the end");
    expectThat(clock === this.clocks[slot], `slot ${slot} is granted item ${clock}; its next is ${this.clocks[slot]}`);
    expectThat(version === this.updates.length, `granted at version ${version} after ${this.updates.length} updates`);
    expectThat(
      iteration === (this.updates.at(-1)?.iteration ?? -1) + 1,
      "a grant names another iteration than the next",
    );
    if (this.isLocked) expectThat(this.#making === undefined, "a worker reads while an update is made");
    this.#checkPace(slot);
    this.#reads.set(slot, { clock, updates: this.updates.length });
    this.#readers.add(`${to.worker}.${to.incarnation}`);
  }

  #checkPace(slot: SlotId): void {
    const { strategy, staleness, validate } = this.#config;
    const slowest = Math.min(...this.clocks.map((_, other) => this.roundOf(other)));
    const ahead = this.roundOf(slot) - slowest;
    const bound = { BSP: 0, SBP: 0, SSP: staleness, ASP: Number.POSITIVE_INFINITY, HOGWILD: Number.POSITIVE_INFINITY }[
      strategy
    ];
    expectThat(ahead <= bound, `slot ${slot} reads ${ahead} rounds ahead of the slowest`);
    if (validate && (strategy === "BSP" || strategy === "SBP"))
      expectThat(
        this.#validating === undefined && this.#unvalidated.length === 0,
        "a worker goes on during a validation",
      );
  }

  pulled(worker: string): void {
    this.#readers.delete(worker);
  }

  lost(worker: string): void {
    this.#readers.delete(worker);
  }

  apply({ update, phase, part }: Of<"apply">): void {
    expectThat(this.#readers.size === 0, "an update is made while a worker reads");
    expectThat(this.#copying === undefined, "an update is made while the weights are copied");
    if (this.#making === undefined) {
      expectThat(phase === 0, "an update begins with a later phase");
      this.#making = { update, phase, done: new Set(), given: new Set() };
      this.#checkUpdate(update);
    }
    const making = this.#making;
    expectThat(making.update.version === update.version, "two updates at once");
    if (phase !== making.phase) {
      expectThat(
        phase === making.phase + 1 && making.done.size === update.parts,
        "a phase begins before the last has ended",
      );
      this.#making = { update, phase, done: new Set(), given: new Set() };
    }
    expectThat(part < update.parts && !this.#making.done.has(part), `part ${part} is made again`);
  }

  applied(phase: number, part: number): void {
    const making = this.#making;
    expectThat(making !== undefined && making.phase === phase, "a part of nothing is accepted");
    expectThat(!making.done.has(part), "a part is made twice");
    making.done.add(part);
    if (phase + 1 < this.#config.phases) return;
    const { parts, contributions } = making.update;
    for (let slice = part; slice < slices; slice += parts) this.#add(slice, contributions);
  }

  #add(slice: number, contributions: Update<Figures>["contributions"]): void {
    for (const { slot, clock } of contributions)
      this.weights[slice] = (this.weights[slice] ?? 0) + gradientOf(slot, clock);
  }

  /** Of any update: its numbers, its contributions in order of slot, what they weigh, how stale they are. */
  #checkUpdate({ version, iteration, contributions, parts }: Update<Figures>): void {
    const { aggregation, splitUpdates, strategy } = this.#config;
    expectThat(version === this.updates.length, `update ${version} after ${this.updates.length}`);
    expectThat(contributions.length > 0 && parts > 0 && (splitUpdates || parts === 1), "an empty update");
    const total = contributions.reduce((sum, { rows }) => sum + rows, 0);
    const slots = contributions.map(({ slot }) => slot);
    expectThat(
      slots.every((slot, at) => at === 0 || slot > (slots[at - 1] ?? 0)),
      "contributions are not in order of slot",
    );
    for (const one of contributions) {
      const pushes = this.#pushes[one.slot] ?? [];
      const planned = pushes[one.clock % pushes.length];
      expectThat(
        one.clock === this.clocks[one.slot],
        `slot ${one.slot} contributes item ${one.clock}; its next is ${this.clocks[one.slot]}`,
      );
      expectThat(
        one.rows === planned?.rows && one.batches === planned.batches,
        "a contribution holds other rows than planned",
      );
      expectThat(
        one.weight === (aggregation === "sum" ? 1 : one.rows / total),
        `a push of ${one.rows} of ${total} rows weighs ${one.weight}`,
      );
      expectThat(one.figures.value === gradientOf(one.slot, one.clock), "a push has another's figures");
      const read = this.#reads.get(one.slot);
      expectThat(
        read?.clock === one.clock && one.staleness === version - read.updates,
        `a push is told to be ${one.staleness} updates stale`,
      );
    }
    const most = Math.max(...contributions.map(({ batches }) => batches));
    expectThat(
      iteration === (this.updates.at(-1)?.iteration ?? -1) + most,
      `update ${version} has iteration ${iteration}`,
    );
    this.#checkMembers(slots, strategy);
  }

  /** Who is in an update. */
  #checkMembers(slots: readonly SlotId[], strategy: ProtocolConfig["strategy"]): void {
    if (strategy !== "BSP" && strategy !== "SBP") {
      expectThat(slots.length === 1, "an update of several pushes");
      return;
    }
    const rounds = this.clocks.map((_, slot) => this.roundOf(slot));
    const round = this.roundOf(slots[0] ?? 0);
    expectThat(
      slots.every((slot) => this.roundOf(slot) === round),
      "an update of several rounds",
    );
    // Drops are told before the update begins, so they are at their next rounds already.
    const members = rounds.filter((other) => other === round).length + this.#droppedOf(round);
    expectThat(
      rounds.every((other) => other >= round),
      "a round is applied before an earlier one",
    );
    const least = strategy === "BSP" ? members : Math.max(1, members - this.#config.backups);
    expectThat(
      slots.length >= least && rounds.filter((other) => other === round).length === slots.length,
      "an update lacks pushes of its round",
    );
  }

  #droppedOf(round: number): number {
    return this.dropped.filter(({ slot, clock }) => {
      const pushes = this.#pushes[slot]?.length ?? 1;
      return Math.floor(clock / pushes) * this.#rounds + (clock % pushes) === round;
    }).length;
  }

  drop(effect: Of<"dropped">): void {
    const { slot, clock, rows } = effect;
    expectThat(this.#config.strategy === "SBP", "an item is dropped");
    expectThat(
      clock === this.clocks[slot] && rows === this.plannedRows(slot, clock),
      "another item is dropped than the slot's next",
    );
    this.clocks[slot] = clock + 1;
    this.dropped.push(effect);
  }

  updated(update: Update<Figures>): void {
    if (this.isLocked) {
      const making = this.#making;
      expectThat(
        making?.update.version === update.version && making.done.size === update.parts,
        "an update is complete without all of its parts",
      );
      expectThat(making.phase + 1 === this.#config.phases, "an update is complete without all of its phases");
      expectThat(new Set(this.weights).size === 1, "an update left out a part of the weights");
    } else {
      this.#checkUpdate(update);
      for (let slice = 0; slice < slices; slice++) this.#add(slice, update.contributions);
    }
    this.#making = undefined;
    this.updates.push(update);
    for (const { slot } of update.contributions) this.clocks[slot] = (this.clocks[slot] ?? 0) + 1;
  }

  epochEnd({ epoch, validating }: Of<"epochEnd">): void {
    expectThat(epoch === this.epochs.length + 1, `epoch ${epoch} ends after ${this.epochs.length}`);
    for (const [slot, pushes] of this.#pushes.entries()) {
      expectThat((this.clocks[slot] ?? 0) >= epoch * pushes.length, `epoch ${epoch} ends before slot ${slot} is done`);
    }
    expectThat(
      this.clocks.some((clock, slot) => clock === epoch * (this.#pushes[slot]?.length ?? 0)),
      `epoch ${epoch} ended late`,
    );
    expectThat(validating === this.#config.validate, "an epoch's end tells wrongly of its validation");
    this.epochs.push(epoch);
    if (validating) this.#unvalidated.push(epoch);
  }

  /** Whether this version is to be saved, by the configuration alone. */
  isDue(version: number, epochEnded: boolean): boolean {
    const { checkpoint } = this.#config;
    if (checkpoint === undefined) return false;
    if (checkpoint.unit === "update") return version % checkpoint.every === 0;
    return epochEnded && this.epochs.length % checkpoint.every === 0;
  }

  capture(effect: Of<"capture">): void {
    expectThat(
      this.#copying === undefined && this.#validating === undefined,
      "the copy is overwritten while it is validated",
    );
    expectThat(this.saving === undefined, "the copy is overwritten while it is saved");
    expectThat(effect.version === this.updates.length, "a copy of another version");
    if (this.isLocked) expectThat(this.#making === undefined, "the weights are copied while an update is made");
    this.captures.push(effect);
    this.copy = [];
    this.#copying = { capture: effect, weights: [...this.weights], done: new Set() };
  }

  copied({ part, parts }: { readonly part: number; readonly parts: number }): void {
    const copying = this.#copying;
    expectThat(copying !== undefined && part < parts && !copying.done.has(part), "a part of no copy");
    copying.done.add(part);
    for (let slice = part; slice < slices; slice += parts) this.copy[slice] = this.weights[slice] ?? 0;
  }

  captured({ version, epoch, save }: Of<"captured">): void {
    const copying = this.#copying;
    expectThat(copying !== undefined, "captured without a capture");
    const { capture } = copying;
    expectThat(
      capture.version === version && capture.epoch === epoch && capture.save === save,
      "another copy is captured than was begun",
    );
    for (let slice = 0; slice < slices; slice++) {
      expectThat(this.copy[slice] !== undefined, "a part of the weights is not copied");
      if (this.isLocked) expectThat(this.copy[slice] === copying.weights[slice], "a copy of two versions");
    }
    this.#copying = undefined;
    if (save) this.saving = version;
    if (this.#unvalidated[0] === epoch) {
      this.#unvalidated.shift();
      this.#validating = { epoch, done: new Map() };
    } else expectThat(save, "a copy for nothing");
  }

  evaluate({ epoch, part, parts }: Of<"evaluate">): void {
    expectThat(this.#validating?.epoch === epoch, "an epoch is evaluated that is not captured");
    expectThat(parts === this.#config.plans.length && part < parts, "other parts than slots");
    expectThat(!this.#validating.done.has(part), "a part is evaluated again");
  }

  evaluated(part: number, value: number): void {
    expectThat(this.#validating !== undefined && !this.#validating.done.has(part), "a part is evaluated twice");
    this.#validating.done.set(part, value);
  }

  validatedEpoch({ epoch, figures }: Of<"validated">): void {
    const validating = this.#validating;
    expectThat(
      validating?.epoch === epoch && figures.length === this.#config.plans.length,
      "validated without all parts",
    );
    for (const [part, figure] of figures.entries())
      expectThat(figure.value === validating.done.get(part), "figures out of order");
    this.validated.push(epoch);
    this.#validating = undefined;
  }
}
