import { describe, expect, it } from "vitest";
import { reference } from "../../../runtime/kernels/reference.js";
import { stepModel } from "../../../runtime/optimizers/apply.js";
import { makeOptimizer, sgd } from "../../../runtime/optimizers/index.js";
import { chunksOf } from "../../../runtime/paramserv/shards/chunks.js";
import { Copying } from "../../../runtime/paramserv/shards/copying.js";
import { flatCaptured, writePush } from "../../../runtime/paramserv/shards/flat.js";
import { sliceOf } from "../../../runtime/paramserv/shards/updating.js";
import { bitsOf, configs, joined, layout, limits, plainly, plannedBy, pushOf, Rig, ran, shares, waves } from "./rig.js";

const plain = sgd({ learningRate: 0.5 });
const { trained, pushed } = layout;

describe("an update", () => {
  for (const [name, config] of Object.entries(configs)) {
    it(`has the same bits in any number of parts and of shards: ${name}`, () => {
      const expected = bitsOf(plainly(config, 3));
      for (const limit of limits) {
        for (const parts of [1, 2, 3])
          expect(bitsOf(ran(new Rig(config, { limit }), parts, 3)) === expected).toBe(true);
      }
      const [one, some, most] = limits.map((limit) => new Rig(config, { limit }).shards.length);
      // A shard for each chunk, and one for each line of what is frozen.
      expect([one, most]).toEqual([1, chunksOf(layout, plannedBy(config)).length + 4]);
      expect(some).toBeGreaterThan(1);
    });
  }

  it("is w − rate · Σ weight · gradient, in plain numbers", () => {
    const { weights } = ran(new Rig(plain, { limit: 1 }), 2, 1);
    const start = waves(layout.size, 1);
    const gradients = joined(
      shares.map(({ slot }) => pushOf(slot, 0)),
      shares.map(({ weight }) => weight),
    );
    for (const { offset, length, lr } of layout.variables.filter(({ role }) => role === "trained")) {
      for (let i = offset; i < offset + length; i++) {
        expect(weights[i]).toBe(Math.fround((start[i] ?? 0) - Math.fround(0.5 * lr * (gradients[i] ?? 0))));
      }
    }
    expect(weights.subarray(pushed)).toEqual(start.subarray(pushed));
  });

  it("adds in the order of its shares, and one share of weight 1 is that push bit for bit", () => {
    const one = new Rig(plain);
    one.push(0);
    const alone = [{ slot: 1, weight: 1, rows: 3 }];
    one.maker().make(one.order({ shares: alone }));
    expect(one.flat.weights.subarray(trained, pushed)).toEqual(pushOf(1, 0).subarray(trained));
    const sum = new Rig(plain);
    sum.push(0);
    sum.maker().make(sum.order({ shares: shares.map((share) => ({ ...share, weight: 1 })) }));
    // Gradients add up; states stay means over rows.
    expect(sum.flat.weights.subarray(trained)).toEqual(plainly(plain, 1).weights.subarray(trained));
    expect(sum.flat.weights.subarray(0, 9)).not.toEqual(plainly(plain, 1).weights.subarray(0, 9));
  });

  it("of pushed models is their mean: weights and slots by weight, states by rows", () => {
    const config = configs.adam ?? plain;
    for (const limit of limits) {
      const rig = new Rig(config, { limit, models: true });
      rig.push(0);
      const seeds = shares.map(({ slot }) => [slot, waves(trained, 50 + slot), waves(trained, 80 + slot)] as const);
      for (const { start, pushes, slotRanges } of rig.shards) {
        for (const [slot, ...arrays] of seeds) {
          for (const [index, array] of arrays.entries()) {
            const { start: from, end } = slotRanges[index] ?? { start, end: start };
            pushes[slot]?.slots[index]?.set(array.subarray(from, end));
          }
        }
      }
      const byWeight = shares.map(({ weight }) => weight);
      for (const part of [1, 0]) rig.maker().make(rig.order({ part, parts: 2 }));
      const { weights, slots } = rig.flat;
      const pushes = shares.map(({ slot }) => pushOf(slot, 0));
      expect(weights.subarray(0, pushed)).toEqual(joined(pushes, byWeight));
      for (const index of [1, 2] as const) {
        const mean = joined(
          seeds.map((seed) => seed[index]),
          byWeight,
        );
        expect(slots[index - 1]?.subarray(0, trained)).toEqual(mean);
      }
    }
  });

  it("that stays changes nothing; one that restores gives back what was captured", () => {
    const config = configs["LAMB after a norm of the model"] ?? plain;
    for (const limit of limits) {
      const rig = new Rig(config, { limit });
      ran(rig, 2, 1);
      const captured = rig.flat;
      for (const part of [0, 1, 2]) new Copying(rig.shards).copy({ part, parts: 3 });
      rig.push(1);
      for (const order of rig.orders(2, 1)) rig.maker().make(order);
      const moved = bitsOf(rig.flat);
      expect(moved === bitsOf(captured)).toBe(false);
      for (const order of rig.orders(2, 2, { how: "stay", shares: [] })) rig.maker().make(order);
      expect(bitsOf(rig.flat) === moved).toBe(true);
      for (const order of rig.orders(2, 3, { how: "restore", shares: [] })) rig.maker().make(order);
      expect(bitsOf(rig.flat) === bitsOf(captured)).toBe(true);
    }
  });

  it("that would make a weight no finite number leaves the chunk as it was, and says so", () => {
    for (const at of [16_390, trained + 3]) {
      const rig = new Rig(plain, { limit: 1 });
      rig.push(0);
      const wrong = pushOf(1, 0);
      wrong[at] = Number.NaN;
      writePush(rig.shards, 1, wrong);
      const before = rig.flat.weights[at];
      const maker = rig.maker(undefined, undefined, () => {
        throw new Error("diverged");
      });
      expect(() => maker.make(rig.order())).toThrow("diverged");
      expect(rig.flat.weights[at]).toBe(before);
      expect(rig.flat.weights.every(Number.isFinite)).toBe(true);
    }
  });

  it("without shares, or of a slot that there is not, is refused", () => {
    const rig = new Rig(plain);
    expect(() => rig.maker().make(rig.order({ shares: [] }))).toThrow(/an update has no contribution/);
    const strange = [{ slot: 3, weight: 1, rows: 1 }];
    expect(() => rig.maker().make(rig.order({ shares: strange }))).toThrow(/there is no push of slot 3/);
    const fewer = rig.at({ shard: (shard) => ({ ...shard, scratch: [] }) });
    expect(() => rig.maker(fewer).make(rig.order())).toThrow(/there is no scratch for part 0/);
  });
});

describe("an update by one worker alone", () => {
  for (const [name, config] of Object.entries(configs)) {
    it(`is a step by its push, in place: ${name}`, () => {
      const plan = plannedBy(config);
      for (const limit of limits) {
        const rig = new Rig(config, { limit });
        const weights = waves(layout.size, 1);
        const slots = plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
        for (const [version, slot] of [2, 0].entries()) {
          rig.push(version);
          const at = { updates: version, iteration: 3 * version };
          // The weight is of sums: here there is none.
          rig.maker().makeAlone({ slot, weight: 0.25, rows: 4 }, at, new Float64Array(plan.partials));
          const push = pushOf(slot, version);
          const arrays = { weights: weights.subarray(0, trained), gradients: push.slice(0, trained), slots };
          stepModel({ optimizer: makeOptimizer(config, reference), plan, arrays, at });
          weights.set(push.subarray(trained), trained);
        }
        expect(bitsOf(rig.flat) === bitsOf({ weights, slots })).toBe(true);
      }
    });
  }
});

describe("the parts of an update", () => {
  const items = [5, 16, 3, 16, 16, 1, 9].map((length, index) => ({
    index,
    chunk: { start: 100 * index, end: 100 * index + length },
  }));

  it("hold each chunk once, in order, about as many floats each, also where there are more parts than chunks", () => {
    for (let parts = 1; parts <= 12; parts++) {
      const slices = Array.from({ length: parts }, (_, part) => sliceOf(items, { part, parts }));
      expect(slices.flat()).toEqual(items);
      const floats = slices.map((slice) => slice.reduce((sum, { chunk }) => sum + chunk.end - chunk.start, 0));
      expect(Math.max(...floats)).toBeLessThanOrEqual(66 / parts + 16);
    }
    expect(sliceOf([], { part: 0, parts: 2 })).toEqual([]);
    const two = [{ chunk: { start: 0, end: 4 } }, { chunk: { start: 4, end: 10 } }];
    expect(sliceOf(two, { part: 1, parts: 2 })).toEqual(two.slice(1));
  });
});

describe("a copy of the model", () => {
  it("is whole after all of its parts, any number, each made any number of times", () => {
    for (const limit of limits) {
      for (const parts of [1, 2, 3, 7]) {
        const rig = new Rig(configs.adafactor ?? plain, { limit });
        ran(rig, 1, 1);
        const copying = new Copying(rig.shards);
        for (const part of [...Array(parts).keys(), 0].toReversed()) copying.copy({ part, parts });
        const lengths = plannedBy(rig.config).slots.map(({ length }) => length);
        const { weights, slots } = flatCaptured(rig.shards, layout.size, lengths);
        expect(bitsOf({ weights, slots }) === bitsOf(rig.flat)).toBe(true);
      }
    }
  });

  it("of weights alone leaves out slots; of nothing does nothing", () => {
    const adam = configs.adam ?? plain;
    const rig = new Rig(adam, { capture: { weights: true, slots: false } });
    new Copying(rig.shards).copy({ part: 0, parts: 1 });
    expect(rig.shards[0]?.captured?.weights).toEqual(rig.flat.weights);
    expect(rig.shards[0]?.captured?.slots).toEqual([]);
    const none = new Rig(adam, { capture: { weights: false, slots: false } });
    new Copying(none.shards).copy({ part: 0, parts: 1 });
    expect(none.shards[0]?.captured).toBeUndefined();
  });

  it("of a part has only that part's pieces", () => {
    const rig = new Rig(plain, { size: 200_000 });
    for (const { weights } of rig.shards) weights.fill(1);
    new Copying(rig.shards).copy({ part: 1, parts: 2 });
    const copied = rig.shards[0]?.captured?.weights;
    expect([0, 65_535, 65_536, 131_071, 131_072, 199_999].map((at) => copied?.[at])).toEqual([0, 0, 1, 1, 0, 1]);
  });
});
