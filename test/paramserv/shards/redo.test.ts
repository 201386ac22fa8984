import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Copying } from "../../../runtime/paramserv/shards/copying.js";
import { Journal } from "../../../runtime/paramserv/shards/journal.js";
import type { UpdateOrder } from "../../../runtime/paramserv/shards/updating.js";
import { Death, DyingJournal, dyingKernels, dyingShard, Fate } from "./dying.js";
import { bitsOf, configs, limits, plainly, Rig, ran } from "./rig.js";

/** Makes an update where makers die at their steps with these numbers, one after another; gives back the steps made. */
function withDeaths(rig: Rig, orders: readonly UpdateOrder[], deaths: readonly number[]): number {
  let lived = 0;
  const [first = Number.POSITIVE_INFINITY, ...others] = deaths;
  let fate = new Fate(first);
  const rest = [...others];
  for (const order of orders) {
    for (;;) {
      const own = fate;
      const shards = rig.at({
        shard: (shard) => dyingShard(shard, own),
        kernels: (kernels) => dyingKernels(kernels, own),
      });
      try {
        rig.maker(shards, new DyingJournal(rig.words, own)).make(order);
        break;
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        lived += own.steps;
        fate = new Fate(rest.shift());
        spoilScratch(rig, order);
      }
    }
  }
  return lived + fate.steps;
}

/** What the dead left in scratch that is not marked as whole may be anything. */
function spoilScratch(rig: Rig, { part }: UpdateOrder): void {
  for (const { scratch } of rig.shards) scratch[part]?.gradients.fill(Number.NaN);
  if (((rig.words[16 * part + 1] ?? 0) & 1) === 1) return;
  for (const { scratch } of rig.shards) {
    for (const array of [scratch[part]?.weights, ...(scratch[part]?.slots ?? [])]) array?.fill(Number.NaN);
  }
}

describe("an update whose maker dies and that another goes on with", () => {
  const parts = 2;
  const [, limit = 1] = limits;

  for (const [name, config] of Object.entries(configs)) {
    it(`ends with the same bits wherever it dies: ${name}`, () => {
      const expected = bitsOf(plainly(config, 2));
      const make = (deaths: readonly number[]) => {
        // Chunks of one shard share their scratch.
        const rig = new Rig(config);
        // Not the first update: the journal has words of the one before.
        ran(rig, parts, 1);
        rig.push(1);
        const steps = withDeaths(rig, rig.orders(parts, 1), deaths);
        return { steps, bits: bitsOf(rig.flat) };
      };
      const alive = make([]);
      expect(alive.bits === expected).toBe(true);
      expect(alive.steps).toBeGreaterThan(60);
      for (let at = 0; at < alive.steps; at++) expect([at, make([at]).bits === expected]).toEqual([at, true]);
    });
  }

  it("also where those that go on die, and as often as they like", () => {
    const kinds = fc.constantFrom(...Object.values(configs));
    const died = fc.array(fc.nat({ max: 80 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(
        kinds,
        died,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(...limits),
        (config, deaths, k, bytes) => {
          const rig = new Rig(config, { limit: bytes });
          for (const version of [0, 1]) {
            rig.push(version);
            withDeaths(rig, rig.orders(k, version), deaths);
          }
          expect(bitsOf(rig.flat) === bitsOf(plainly(config, 2))).toBe(true);
        },
      ),
      { numRuns: 60, seed: 3 },
    );
  });

  it("goes back to the captured weights wherever it dies", () => {
    const config = configs.adam;
    if (config === undefined) throw new Error("no such optimizer");
    const make = (deaths: readonly number[]) => {
      const rig = new Rig(config, { limit });
      new Copying(rig.shards).copy({ part: 0, parts: 1 });
      const captured = bitsOf(rig.flat);
      ran(rig, 1, 1);
      const steps = withDeaths(rig, rig.orders(parts, 1, { how: "restore", shares: [] }), deaths);
      return { steps, isBack: bitsOf(rig.flat) === captured };
    };
    const { steps, isBack } = make([]);
    expect(isBack).toBe(true);
    for (let at = 0; at < steps; at++) expect([at, make([at]).isBack]).toEqual([at, true]);
  });

  it("is not made again where it was whole before its maker could say so", () => {
    const config = configs["sgd with momentum"];
    if (config === undefined) throw new Error("no such optimizer");
    const rig = new Rig(config);
    rig.push(0);
    for (const order of [...rig.orders(parts), ...rig.orders(parts)]) rig.maker().make(order);
    expect(bitsOf(rig.flat) === bitsOf(plainly(config, 1))).toBe(true);
  });
});

describe("the journal", () => {
  afterEach(() => vi.restoreAllMocks());

  it("tells how far a part is, each by itself", () => {
    const journal = new Journal(Journal.words(3));
    expect(journal.begin(1, 0, 4)).toEqual({ next: 4, committing: false });
    journal.committing(1, 4);
    expect(journal.begin(1, 0, 4)).toEqual({ next: 4, committing: true });
    journal.committed(1, 4);
    expect(journal.begin(1, 0, 4)).toEqual({ next: 5, committing: false });
    expect(journal.begin(2, 0, 9)).toEqual({ next: 9, committing: false });
    expect(journal.begin(0, 7, 0)).toEqual({ next: 0, committing: false });
    expect(journal.begin(1, 0, 4)).toEqual({ next: 5, committing: false });
  });

  it("begins the next update anew, in whatever state the one before was left, on every thread", () => {
    const words = Journal.words(1);
    const journal = new Journal(words);
    journal.begin(0, 0, 2);
    journal.committing(0, 3);
    expect(new Journal(words).begin(0, 1, 2)).toEqual({ next: 2, committing: false });
    expect(journal.begin(0, 1, 2)).toEqual({ next: 2, committing: false });
  });

  it("begins anew also where the one who began died between its two words", () => {
    for (const stores of [0, 1]) {
      const words = Journal.words(1);
      const journal = new Journal(words);
      journal.begin(0, 0, 0);
      journal.committed(0, 5);
      const store = Atomics.store.bind(Atomics) as (words: Int32Array, at: number, value: number) => number;
      let done = 0;
      const spy = vi.spyOn(Atomics, "store").mockImplementation(((to: Int32Array, at: number, value: number) => {
        if (done++ === stores) throw new Death();
        return store(to, at, value);
      }) as typeof Atomics.store);
      expect(() => journal.begin(0, 1, 3)).toThrow(Death);
      spy.mockRestore();
      expect(new Journal(words).begin(0, 1, 3)).toEqual({ next: 3, committing: false });
    }
  });

  it("has a cache line a part, in shared memory, and begins with no update", () => {
    const words = Journal.words(3);
    expect(words.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(words.byteLength).toBe(3 * 64);
    const journal = new Journal(words);
    journal.begin(2, 11, 7);
    expect([...words].flatMap((word, at) => (word === 0 ? [] : [[at, word]]))).toEqual([
      [32, 12],
      [33, 14],
    ]);
  });
});
