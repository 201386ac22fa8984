import { describe, expect, it } from "vitest";
import { reference } from "../../../runtime/kernels/reference.js";
import { stepModel } from "../../../runtime/optimizers/apply.js";
import { makeOptimizer, type OptimizerConfig, sgd } from "../../../runtime/optimizers/index.js";
import { Journal } from "../../../runtime/paramserv/shards/journal.js";
import { UserUpdate } from "../../../runtime/paramserv/shards/user-update.js";
import { SharedParameters } from "../../../runtime/paramserv/worker/shared-parameters.js";
import { bitsOf, configs, type Given, joined, layout, limits, plannedBy, Rig, waves } from "./rig.js";

const { trained, pushed, size } = layout;
const plain = sgd({ learningRate: 0.5 });
type Options = ConstructorParameters<typeof SharedParameters>[0];

function open(config: OptimizerConfig, given: Given, changes: Partial<Options> = {}) {
  const rig = new Rig(config, { localSteps: true, ...given });
  const plan = plannedBy(config);
  const parameters = new SharedParameters({
    ...{ layout, plan, shards: rig.at(), chunks: rig.memory.chunks, models: rig.memory.models, checkFinite: false },
    ...{ partials: new Float64Array(plan.partials), ...changes },
  });
  return { rig, parameters };
}

const batch = (index: number) => waves(pushed, 20 + index);
const item = { slot: 1, rows: 4, version: 3, iteration: 6 };

/** The flat push of a slot. */
function pushOf({ shards }: Rig, slot: number): Float32Array {
  return Float32Array.from(shards.flatMap(({ pushes }) => [...(pushes[slot]?.weights ?? [])]));
}

/** A worker's own steps over batches, by one thread on flat arrays. */
function stepped(config: OptimizerConfig, batches: number) {
  const plan = plannedBy(config);
  const optimizer = makeOptimizer(config, reference);
  const weights = waves(size, 1);
  const slots = plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
  for (let index = 0; index < batches; index++) {
    const gradients = batch(index).slice(0, trained);
    const at = { updates: 3 + index, iteration: 6 + index };
    stepModel({ optimizer, plan, at, arrays: { weights: weights.subarray(0, trained), gradients, slots } });
    weights.set(batch(index).subarray(trained), trained);
  }
  return { weights, slots };
}

const same = (one: Float32Array, other: Float32Array) =>
  bitsOf({ weights: one, slots: [] }) === bitsOf({ weights: other, slots: [] });

describe("parameters in shared memory", () => {
  it("are pulled: all at first, then what changes", () => {
    for (const limit of limits) {
      const { rig, parameters } = open(plain, { limit });
      const weights = new Float32Array(size);
      parameters.pull(0, weights);
      expect(same(weights, waves(size, 1))).toBe(true);
      for (const shard of rig.shards) shard.weights.fill(3);
      parameters.pull(0, weights);
      expect(weights.subarray(0, pushed).every((value) => value === 3)).toBe(true);
      expect(same(weights.subarray(pushed), waves(size, 1).subarray(pushed))).toBe(true);
    }
  });

  it("say how many bytes they move", () => {
    const momentum = configs["sgd with momentum"] ?? plain;
    expect(open(momentum, {}).parameters.bytes).toEqual({ pull: 4 * pushed, push: 4 * pushed });
    const models = open(momentum, { models: true }).parameters.bytes;
    expect(models).toEqual({ pull: 4 * pushed, push: 4 * (pushed + trained) });
  });

  it("collect the sum of the gradients of all batches and the state after the last, in the slot's own push", () => {
    for (const limit of limits) {
      const { rig, parameters } = open(plain, { limit });
      for (let round = 0; round < 2; round++) {
        for (const index of [0, 1, 2]) parameters.collect(1, batch(index + round), index === 0);
        expect(parameters.push(item)).toEqual({ finite: true });
        const batches = [0, 1, 2].map((index) => batch(index + round));
        const sum = joined(batches, [1, 1, 1]);
        sum.set((batches[2] ?? sum).subarray(trained), trained);
        expect(same(pushOf(rig, 1), sum)).toBe(true);
        for (const other of [0, 2]) expect(pushOf(rig, other).every((value) => value === 0)).toBe(true);
      }
    }
  });

  for (const [name, config] of Object.entries(configs)) {
    it(`step a copy of their own between batches, from what was pulled, and change nothing else: ${name}`, async () => {
      for (const limit of limits) {
        const { rig, parameters } = open(config, { limit });
        const weights = new Float32Array(size);
        const before = bitsOf(rig.flat);
        for (let round = 0; round < 2; round++) {
          parameters.pull(1, weights);
          for (const index of [0, 1]) {
            const given = batch(index);
            const at = { updates: 3 + index, iteration: 6 + index };
            await parameters.step({ slot: 1, weights, pushed: given, ...at, where: "" });
            expect(same(given, batch(index))).toBe(true);
          }
          // Padding is nobody's.
          expect(same(weights, stepped(config, 2).weights)).toBe(true);
        }
        expect(bitsOf(rig.flat)).toBe(before);
      }
    });

    it(`push the model that they stepped, its slots and its state with modelAvg: ${name}`, async () => {
      for (const limit of limits) {
        const { rig, parameters } = open(config, { limit, models: true });
        const weights = new Float32Array(size);
        parameters.pull(2, weights);
        for (const index of [0, 1, 2]) {
          parameters.collect(2, batch(index), true);
          const at = { updates: 3 + index, iteration: 6 + index };
          await parameters.step({ slot: 2, weights, pushed: batch(index), ...at, where: "" });
        }
        parameters.push({ ...item, slot: 2 });
        const expected = stepped(config, 3);
        expect(same(pushOf(rig, 2), expected.weights.subarray(0, pushed))).toBe(true);
        // Alone in an update, the model is that of the server: weights, slots, state.
        const shares = [{ slot: 2, weight: 1, rows: 4 }];
        for (const order of rig.orders(2, 0, { shares })) {
          if (order.phase === rig.orders(1).length - 1) rig.maker().make(order);
        }
        expect(bitsOf(rig.flat) === bitsOf(expected)).toBe(true);
      }
    });
  }

  it("step by the user's function where there is one, and push its model", async () => {
    for (const limit of limits) {
      const rig = new Rig(plain, { limit, localSteps: true, models: true, candidate: true });
      const agg = {
        reference: { module: "file:///f.mjs", name: "f" },
        call: () => Promise.resolve({ p1: { shape: [33], data: new Float32Array(33).fill(5) } }),
      };
      const common = { layout, shards: rig.at(), models: true };
      const journal = new Journal(rig.words);
      const user = new UserUpdate({ ...common, agg, hyperparams: {}, journal, worker: "worker 0" });
      const partials = new Float64Array(0);
      const parameters = new SharedParameters({
        ...common,
        user,
        chunks: rig.memory.chunks,
        checkFinite: true,
        partials,
      });
      const weights = new Float32Array(size);
      parameters.pull(0, weights);
      parameters.collect(0, batch(0), true);
      await parameters.step({ slot: 0, weights, pushed: batch(0), updates: 0, iteration: 0, where: "" });
      expect(parameters.push({ ...item, slot: 0 })).toEqual({ finite: true });
      const expected = waves(size, 1);
      const second = layout.variables[1]?.offset ?? 0;
      expected.fill(5, second, second + 33);
      expected.set(batch(0).subarray(trained), trained);
      expect(same(weights, expected)).toBe(true);
      expect(same(pushOf(rig, 0), expected.subarray(0, pushed))).toBe(true);
    }
  });

  it("say of a push whether all of it is finite, where that is asked for", () => {
    for (const limit of limits) {
      for (const at of [0, 16_500, trained - 20, trained + 5, pushed - 20]) {
        for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 3e38]) {
          for (const checkFinite of [true, false]) {
            const { parameters } = open(plain, { limit }, { checkFinite });
            const given = batch(0);
            given[at] = value;
            parameters.collect(1, given, true);
            expect(parameters.push(item)).toEqual({ finite: value === 3e38 || !checkFinite });
          }
        }
      }
    }
  });

  it("make the updates of their pushes at once where nobody waits, counted by all workers together", () => {
    const config = configs.adam ?? plain;
    for (const counted of [true, false]) {
      const rig = new Rig(config, { limit: 1 });
      const updates = counted ? new Int32Array(new SharedArrayBuffer(4)).fill(5) : undefined;
      const alone = { updating: rig.maker(), partials: new Float64Array(0) };
      const { memory } = rig;
      const options = { layout, plan: plannedBy(config), shards: rig.at(), chunks: memory.chunks, models: false };
      const open = () =>
        new SharedParameters({ ...options, checkFinite: true, alone, updates, partials: alone.partials });
      const [first, second] = [open(), open()];
      first.collect(1, batch(0), true);
      first.push(item);
      const weights = waves(size, 1);
      const slots = plannedBy(config).slots.map(({ length }) => new Float32Array(length));
      const step = (index: number, at: number) => {
        const arrays = { weights: weights.subarray(0, trained), gradients: batch(index).slice(0, trained), slots };
        const optimizer = makeOptimizer(config, reference);
        stepModel({ optimizer, plan: plannedBy(config), arrays, at: { updates: at, iteration: 6 } });
        weights.set(batch(index).subarray(trained), trained);
      };
      step(0, counted ? 5 : 3);
      expect(bitsOf(rig.flat) === bitsOf({ weights, slots })).toBe(true);
      second.collect(0, batch(1), true);
      second.push({ ...item, slot: 0 });
      step(1, counted ? 6 : 3);
      expect(bitsOf(rig.flat) === bitsOf({ weights, slots })).toBe(true);
      const wrong = batch(2);
      wrong[40] = Number.NaN;
      second.collect(0, wrong, true);
      expect(second.push({ ...item, slot: 0 })).toEqual({ finite: false });
      expect(bitsOf(rig.flat) === bitsOf({ weights, slots })).toBe(true);
      if (updates !== undefined) expect(updates[0]).toBe(7);
    }
  });

  it("have no steps of their own where there is no memory for them", async () => {
    const { parameters } = open(plain, { localSteps: false });
    const own = { slot: 0, weights: new Float32Array(size), pushed: batch(0), updates: 0, iteration: 0, where: "" };
    await expect(parameters.step(own)).rejects.toThrow(/no memory for steps between two pushes/);
    expect(() => parameters.collect(0, batch(0), false)).toThrow(/no memory for steps between two pushes/);
  });
});
