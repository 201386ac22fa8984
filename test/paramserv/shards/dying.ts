import type { Kernels } from "../../../runtime/kernels/kernels.js";
import { Journal, type Progress } from "../../../runtime/paramserv/shards/journal.js";
import type { ModelArrays, Shard } from "../../../runtime/paramserv/shards/memory.js";

/** What a maker dies of. */
export class Death extends Error {}

/** Counts what a maker does, and kills it at one of the steps. */
export class Fate {
  /** Steps made so far. */
  steps = 0;
  readonly #at: number;

  constructor(at = Number.POSITIVE_INFINITY) {
    this.#at = at;
  }

  /** @param last what is still done where it dies here */
  step(last?: () => void): void {
    if (this.steps++ !== this.#at) return;
    last?.();
    throw new Death();
  }
}

/** Kernels that may die before and after each call. */
export function dyingKernels(kernels: Kernels, fate: Fate): Kernels {
  const wrapped = Object.entries(kernels).map(([name, kernel]) => {
    const call = (...given: unknown[]): unknown => {
      fate.step();
      const result = (kernel as (...values: unknown[]) => unknown)(...given);
      fate.step();
      return result;
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as unknown as Kernels;
}

/** A shard whose maker may die before, half through, and after each copy to its place. */
export function dyingShard(shard: Shard, fate: Fate): Shard {
  const dying = (array: Float32Array): Float32Array => {
    const view = array.subarray();
    const set = (from: Float32Array, at = 0): void => {
      fate.step();
      fate.step(() => array.set(from.subarray(0, from.length / 2), at));
      array.set(from, at);
      fate.step();
    };
    return Object.defineProperty(view, "set", { value: set });
  };
  const arrays: ModelArrays = { weights: dying(shard.weights), slots: shard.slots.map(dying) };
  return { ...shard, ...arrays };
}

/** A journal whose writer may die before and after each word. */
export class DyingJournal extends Journal {
  readonly #fate: Fate;

  constructor(words: Int32Array, fate: Fate) {
    super(words);
    this.#fate = fate;
  }

  override begin(part: number, version: number, first: number): Progress {
    this.#fate.step();
    const progress = super.begin(part, version, first);
    this.#fate.step();
    return progress;
  }

  override committing(part: number, chunk: number): void {
    this.#fate.step();
    super.committing(part, chunk);
    this.#fate.step();
  }

  override committed(part: number, chunk: number): void {
    this.#fate.step();
    super.committed(part, chunk);
    this.#fate.step();
  }
}
