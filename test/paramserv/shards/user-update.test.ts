import { describe, expect, it } from "vitest";
import { adam, sgd } from "../../../runtime/optimizers/index.js";
import { Copying } from "../../../runtime/paramserv/shards/copying.js";
import { Journal } from "../../../runtime/paramserv/shards/journal.js";
import type { UpdateOrder } from "../../../runtime/paramserv/shards/updating.js";
import { UserUpdate } from "../../../runtime/paramserv/shards/user-update.js";
import type { ParameterList } from "../../../runtime/paramserv/types.js";
import type { UserFunction } from "../../../runtime/paramserv/user-function.js";
import { Death, DyingJournal, dyingShard, Fate } from "./dying.js";
import { joined, layout, limits, pushOf, Rig, shares, waves } from "./rig.js";

const { trained, pushed, size } = layout;
const plain = sgd({ learningRate: 1 });

interface AggInput {
  readonly model: ParameterList;
  readonly gradients: ParameterList;
  readonly hyperparams: unknown;
}

/** A user's function, and what it was called with. */
function functionOf(make: (input: AggInput) => unknown) {
  const calls: { readonly where: string; readonly input: AggInput }[] = [];
  const agg: UserFunction = {
    reference: { module: "file:///f.mjs", name: "f" },
    async call(input, where) {
      const given = input as AggInput;
      calls.push({ where, input: given });
      await Promise.resolve();
      return make(given);
    },
  };
  return { agg, calls };
}

/** w ← w / 2 − g, of what is trained; wastes what it was given. */
const halves = ({ model, gradients }: AggInput) => {
  const next = Object.entries(gradients).map(([name, { shape, data }]) => {
    const own = model[name]?.data ?? new Float32Array(0);
    return [name, { shape, data: data.map((g, i) => (own[i] ?? 0) / 2 - g) }];
  });
  for (const { data } of [...Object.values(model), ...Object.values(gradients)]) data.fill(Number.NaN);
  return Object.fromEntries(next);
};

function expected(version = 0, from: Float32Array = waves(size, 1)): Float32Array {
  const pushes = shares.map(({ slot }) => pushOf(slot, version));
  const gradients = joined(
    pushes,
    shares.map(({ weight }) => weight),
  );
  const out = from.slice();
  for (const { offset, length, role } of layout.variables) {
    for (let i = offset; i < offset + length && role === "trained"; i++) {
      out[i] = Math.fround((from[i] ?? 0) / 2 - (gradients[i] ?? 0));
    }
  }
  out.set(
    joined(
      pushes,
      shares.map(({ rows }) => rows / 8),
    ).subarray(trained),
    trained,
  );
  return out;
}

const same = (one: Float32Array, other: Float32Array) =>
  one.length === other.length && one.every((value, at) => Object.is(value, other[at]));

const orderOf = (version: number, changes: Partial<UpdateOrder> = {}): UpdateOrder => {
  return { version, iteration: 0, shares, how: "step", phase: 0, part: 0, parts: 1, ...changes };
};

function makerOf(rig: Rig, agg: UserFunction, fate = new Fate()) {
  const shards = rig.at({ shard: (shard) => dyingShard(shard, fate) });
  const journal = new DyingJournal(rig.words, fate);
  const { models } = rig.memory;
  return new UserUpdate({ agg, layout, hyperparams: { rate: 3 }, shards, journal, models, worker: "worker 1" });
}

const rigOf = (limit: number) => new Rig(plain, { limit, candidate: true });

describe("an update by a user function", () => {
  it("gets copies of the model and the joined gradients, and what it returns is the model, in any number of shards", async () => {
    for (const limit of limits) {
      const rig = rigOf(limit);
      const { agg, calls } = functionOf(halves);
      const maker = makerOf(rig, agg);
      rig.push(0);
      await maker.make(orderOf(0));
      expect(same(rig.flat.weights, expected())).toBe(true);
      rig.push(1);
      await maker.make(orderOf(1));
      expect(same(rig.flat.weights, expected(1, expected()))).toBe(true);
      expect(calls.map(({ where }) => where)).toEqual(["worker 1, update 1", "worker 1, update 2"]);
      expect(Object.keys(calls[0]?.input.model ?? {})).toEqual(layout.variables.map(({ name }) => name));
      expect(Object.keys(calls[0]?.input.gradients ?? {})).toEqual(["p0", "p1", "p2"]);
      expect(calls[0]?.input.hyperparams).toEqual({ rate: 3 });
    }
  });

  it("leaves what it does not name, and state is not its to change", async () => {
    const rig = rigOf(1);
    rig.push(0);
    const { agg } = functionOf(({ model }) => {
      return {
        p1: { shape: [33], data: new Float32Array(33).fill(7) },
        p3: { shape: [19], data: model.p3?.data.fill(9) },
      };
    });
    await makerOf(rig, agg).make(orderOf(0));
    const [first, second] = layout.variables;
    const after = waves(size, 1);
    after.fill(7, second?.offset, (second?.offset ?? 0) + 33);
    after.set(expected().subarray(trained), trained);
    expect(first?.offset).toBe(0);
    expect(same(rig.flat.weights, after)).toBe(true);
  });

  it("that throws, or returns what is no model, changes nothing, and can be made again", async () => {
    const wrong = [
      () => {
        throw new Error("no");
      },
      () => ({ p0: { shape: [1], data: new Float32Array(1) } }),
      () => ({ p1: { shape: [33], data: new Float32Array(33).fill(Number.NaN) } }),
    ];
    for (const make of wrong) {
      for (const limit of limits) {
        const rig = rigOf(limit);
        rig.push(0);
        const before = rig.flat.weights;
        await expect(makerOf(rig, functionOf(make).agg).make(orderOf(0))).rejects.toThrow();
        expect(same(rig.flat.weights, before)).toBe(true);
        await makerOf(rig, functionOf(halves).agg).make(orderOf(0));
        expect(same(rig.flat.weights, expected())).toBe(true);
      }
    }
  });

  it("is whole wherever its maker dies, and is made once when it is all ready", async () => {
    for (const limit of limits) {
      const make = async (at?: number) => {
        const rig = rigOf(limit);
        rig.push(0);
        const { agg, calls } = functionOf(halves);
        await makerOf(rig, agg).make(orderOf(0));
        rig.push(1);
        const fate = new Fate(at);
        try {
          await makerOf(rig, agg, fate).make(orderOf(1));
        } catch (error) {
          if (!(error instanceof Death)) throw error;
          const isReady = rig.words[0] === 2 && (rig.words[1] ?? 0) > 0;
          const callsBefore = calls.length;
          // Nothing else is needed once the next model lies ready.
          if (isReady) for (const { pushes } of rig.shards) for (const push of pushes) push.weights.fill(Number.NaN);
          await makerOf(rig, agg).make(orderOf(1));
          expect(calls.length - callsBefore).toBe(isReady ? 0 : 1);
        }
        return { steps: fate.steps, isRight: same(rig.flat.weights, expected(1, expected())) };
      };
      const { steps, isRight } = await make();
      expect(isRight).toBe(true);
      expect(steps).toBeGreaterThanOrEqual(9);
      for (let at = 0; at < steps; at++) expect([at, (await make(at)).isRight]).toEqual([at, true]);
    }
  });

  it("goes back to the captured weights, stays, and averages models", async () => {
    for (const limit of limits) {
      const rig = rigOf(limit);
      const { agg, calls } = functionOf(halves);
      new Copying(rig.shards).copy({ part: 0, parts: 1 });
      const captured = rig.flat.weights;
      rig.push(0);
      await makerOf(rig, agg).make(orderOf(0));
      await makerOf(rig, agg).make(orderOf(1, { how: "stay", shares: [] }));
      expect(same(rig.flat.weights, expected())).toBe(true);
      await makerOf(rig, agg).make(orderOf(2, { how: "restore", shares: [] }));
      expect(same(rig.flat.weights, captured)).toBe(true);
      expect(calls.length).toBe(1);
      const averaging = new Rig(plain, { limit, candidate: true, models: true });
      averaging.push(0);
      await makerOf(averaging, agg).make(orderOf(0));
      const pushes = shares.map(({ slot }) => pushOf(slot, 0));
      const mean = joined(
        pushes,
        shares.map(({ weight }) => weight),
      );
      expect(same(averaging.flat.weights.subarray(0, pushed), mean)).toBe(true);
      expect(calls.length).toBe(1);
    }
  });

  it("needs memory for the next model, and something to go back to", async () => {
    const { agg } = functionOf(halves);
    const none = new Rig(adam(), { candidate: false });
    none.push(0);
    await expect(makerOf(none, agg).make(orderOf(0))).rejects.toThrow(/no memory for a model of a user function/);
    const bare = new Rig(plain, { candidate: true, capture: { weights: false, slots: false } });
    await expect(makerOf(bare, agg).make(orderOf(0, { how: "restore" }))).rejects.toThrow(/no captured weights/);
    expect(new Journal(bare.words).begin(0, 0, 0)).toEqual({ next: 0, committing: false });
  });

  it("steps a worker's own model", async () => {
    const { agg, calls } = functionOf(halves);
    const weights = waves(size, 1);
    const gradients = waves(trained, 5);
    await makerOf(rigOf(1), agg).step(weights, gradients, "here");
    for (const { offset, length, role } of layout.variables) {
      for (let i = offset; i < offset + length; i++) {
        const start = Math.fround(Math.sin(i * 0.37 + 1));
        expect(weights[i]).toBe(role === "trained" ? Math.fround(start / 2 - (gradients[i] ?? 0)) : start);
      }
    }
    expect(calls[0]?.where).toBe("here");
    expect(gradients).toEqual(waves(trained, 5));
  });
});
