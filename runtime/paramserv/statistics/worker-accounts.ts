import { type Activity, activities, type Figures, type Seconds } from "../figures.js";
import type { WorkerStatistics } from "./types.js";

/** A worker at one time: one that was lost and started again has the next incarnation. */
export interface Actor {
  readonly worker: number;
  readonly incarnation: number;
}

/** What a worker tells of itself: sums since it started. */
export type Account = Pick<Figures, "seconds" | "bytes">;

/** What was applied of a worker's push. */
interface Applied {
  readonly worker: number;
  readonly rows: number;
  readonly batches: number;
  /** Updates between its pull and its update. */
  readonly staleness: number;
}

/** A worker, as a checkpoint keeps it. */
export interface WorkerState {
  /** Those that were heard of, in all sessions. */
  readonly incarnations: number;
  /** Of all of them. */
  readonly account: Account;
  readonly steps: number;
  readonly samples: number;
  readonly staleness: readonly number[];
  readonly dropped: number;
}

/** Histograms count staleness 0, 1, … each by itself, and from this value on together. */
export const openStaleness = 16;

const nothing: Account = {
  seconds: { load: 0, pull: 0, compute: 0, push: 0, update: 0, wait: 0, validation: 0 },
  bytes: { pulled: 0, pushed: 0 },
};

/** One after the other. */
const plus = (one: number, other: number): number => one + other;

function combined(one: Account, other: Account, by: (one: number, other: number) => number): Account {
  const seconds = activities.map((name): [Activity, number] => [name, by(one.seconds[name], other.seconds[name])]);
  const { pulled, pushed } = one.bytes;
  const bytes = { pulled: by(pulled, other.bytes.pulled), pushed: by(pushed, other.bytes.pushed) };
  return { seconds: Object.fromEntries(seconds) as Seconds, bytes };
}

/** The books of one worker, whoever filled its place. */
class Ledger {
  #incarnations: number;
  /** Of incarnations that have ended, those of earlier sessions among them. */
  #ended: Account;
  /** What the present incarnation said last. */
  #current: Account = nothing;
  #incarnation = -1;
  steps: number;
  samples: number;
  dropped: number;
  readonly staleness: number[];

  constructor(saved?: WorkerState) {
    this.#incarnations = saved?.incarnations ?? 0;
    this.#ended = saved?.account ?? nothing;
    this.steps = saved?.steps ?? 0;
    this.samples = saved?.samples ?? 0;
    this.dropped = saved?.dropped ?? 0;
    this.staleness = [...(saved?.staleness ?? [])];
  }

  /** Figures only grow, so of two messages the larger are the later ones. What an earlier incarnation still says is old. */
  heard(incarnation: number, account: Account): void {
    if (incarnation < this.#incarnation) return;
    if (incarnation === this.#incarnation) {
      this.#current = combined(this.#current, account, Math.max);
      return;
    }
    this.#ended = combined(this.#ended, this.#current, plus);
    this.#current = account;
    this.#incarnation = incarnation;
    this.#incarnations += 1;
  }

  countStaleness(staleness: number): void {
    const bin = Math.min(staleness, openStaleness);
    while (this.staleness.length <= bin) this.staleness.push(0);
    this.staleness[bin] = (this.staleness[bin] ?? 0) + 1;
  }

  save(): WorkerState {
    const { steps, samples, dropped, staleness } = this;
    const account = combined(this.#ended, this.#current, plus);
    return { incarnations: this.#incarnations, account, steps, samples, staleness: [...staleness], dropped };
  }
}

/** What each worker did: where its time went, what of its work was applied and what was dropped. */
export class WorkerAccounts {
  readonly #ledgers: Ledger[];
  /** Who pushes for each slot. */
  readonly #holders = new Map<number, number>();

  constructor(saved: readonly WorkerState[] = []) {
    this.#ledgers = saved.map((state) => new Ledger(state));
  }

  heard({ worker, incarnation }: Actor, account: Account): void {
    this.#of(worker).heard(incarnation, account);
  }

  /** The worker is there, though it may not live to tell anything. */
  started({ worker, incarnation }: Actor): void {
    this.#of(worker).heard(incarnation, nothing);
  }

  /** The worker pushes for the slot from now on. */
  leased(worker: number, slot: number): void {
    this.#holders.set(slot, worker);
  }

  applied({ worker, rows, batches, staleness }: Applied): void {
    const ledger = this.#of(worker);
    ledger.steps += batches;
    ledger.samples += rows;
    ledger.countStaleness(staleness);
  }

  /** On the account of who holds the slot. */
  dropped(slot: number): void {
    this.#of(this.#holders.get(slot) ?? slot).dropped += 1;
  }

  save(): readonly WorkerState[] {
    return this.#ledgers.map((ledger) => ledger.save());
  }

  /** `trainingSeconds`: those of the run, which the rate of a worker is over; so the rates add up to that of the run. */
  statistics(trainingSeconds: number): readonly WorkerStatistics[] {
    return this.save().map(({ account: { seconds, bytes }, incarnations, ...counts }, worker) => ({
      worker,
      incarnations,
      load_seconds: seconds.load,
      pull_seconds: seconds.pull,
      compute_seconds: seconds.compute,
      push_seconds: seconds.push,
      update_seconds: seconds.update,
      wait_seconds: seconds.wait,
      validation_seconds: seconds.validation,
      steps: counts.steps,
      samples: counts.samples,
      samples_per_second: trainingSeconds > 0 ? counts.samples / trainingSeconds : 0,
      staleness: counts.staleness,
      dropped: counts.dropped,
      bytes_pulled: bytes.pulled,
      bytes_pushed: bytes.pushed,
    }));
  }

  #of(worker: number): Ledger {
    while (this.#ledgers.length <= worker) this.#ledgers.push(new Ledger());
    return this.#ledgers[worker] as Ledger;
  }
}
