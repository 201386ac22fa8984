import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reference } from "../../../runtime/kernels/reference.js";
import { maximumBytes } from "../../../runtime/kernels/web-assembly.js";
import { constant } from "../../../runtime/layers/initializers.js";
import { adafactor, adam, type OptimizerConfig, sgd } from "../../../runtime/optimizers/index.js";
import { updatePlan } from "../../../runtime/optimizers/plan.js";
import { makeOptimizer } from "../../../runtime/optimizers/table.js";
import { chunksOf } from "../../../runtime/paramserv/shards/chunks.js";
import {
  flatCaptured,
  flatLive,
  readCaptured,
  readWeights,
  writeModel,
  writePush,
  writeWeights,
} from "../../../runtime/paramserv/shards/flat.js";
import { allocate, estimateBytes, type Shard, viewShards } from "../../../runtime/paramserv/shards/memory.js";
import { chunksIn, longest, type MemoryPlan, shardRanges } from "../../../runtime/paramserv/shards/plan.js";
import { place } from "../../../runtime/program/layout.js";
import type { VariableBuffer } from "../../../runtime/program/types.js";

const layoutOf = (lengths: readonly (readonly [role: "trained" | "state" | "frozen", shape: readonly number[]])[]) =>
  place(
    lengths.map(([role, shape], index) => {
      return { name: `p${index}`, shape, role, lr: role === "trained" ? 1 : 0, decay: 1, initializer: constant(0) };
    }),
  );

function planOf(layout: VariableBuffer, config: OptimizerConfig, changes: Partial<MemoryPlan> = {}): MemoryPlan {
  const { variables, ...sizes } = layout;
  const plan = updatePlan(variables, makeOptimizer(config, reference));
  return {
    ...{ ...sizes, chunks: chunksOf(layout, plan), workers: 2, slots: plan.slots.length, models: false },
    ...{ capture: { weights: true, slots: true }, localSteps: false, candidate: false, mask: 0, ...changes },
  };
}

/** Whether two arrays have the same bits; `toEqual` is slow for long ones. */
const same = (one: Float32Array | undefined, other: Float32Array) =>
  one !== undefined && Buffer.compare(bytes(one), bytes(other)) === 0;
const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);

/** All arrays of a shard. */
function arraysOf({ weights, slots, pushes, captured, local, candidate, scratch, masks }: Shard) {
  const models = [...pushes, ...(captured ? [captured] : []), ...(local ?? []), ...scratch];
  const gradients = [...(local ?? []), ...scratch].map((one) => one.gradients);
  const flat = [weights, ...slots, ...models.flatMap((one) => [one.weights, ...one.slots]), ...gradients];
  return [...flat, ...(candidate ? [candidate] : []), ...masks];
}

const some = layoutOf([
  ["trained", [130, 131]],
  ["trained", [17]],
  ["trained", [21, 5]],
  ["state", [20_001]],
  ["frozen", [300]],
]);
const optimizers = [sgd({ learningRate: 1 }), sgd({ learningRate: 1, momentum: 0.9 }), adam(), adafactor()];
const plans = fc.record({
  config: fc.constantFrom(...optimizers),
  workers: fc.integer({ min: 1, max: 4 }),
  models: fc.boolean(),
  capture: fc.record({ weights: fc.constant(true), slots: fc.boolean() }),
  localSteps: fc.boolean(),
  candidate: fc.boolean(),
  mask: fc.constantFrom(0, 5, 700),
  limit: fc.constantFrom(1, 400_000, 1_500_000, 2 ** 28),
});

describe("the memory of a run", () => {
  it("has each array on a line of its own, none over another, all in few or many shards", () => {
    fc.assert(
      fc.property(plans, ({ config, limit, ...changes }) => {
        const plan = planOf(some, config, changes);
        for (const shard of viewShards(allocate(plan, limit))) {
          const arrays = arraysOf(shard).filter(({ length }) => length > 0);
          for (const array of arrays) expect(array.byteOffset % 64).toBe(0);
          for (const [index, array] of arrays.entries()) array.fill(index + 1);
          for (const [index, array] of arrays.entries()) {
            expect(array[0]).toBe(index + 1);
            expect(array.every((value) => value === index + 1)).toBe(true);
          }
        }
      }),
      { numRuns: 25, seed: 2 },
    );
  });

  it("has room for all that is asked for, in all shards together", () => {
    fc.assert(
      fc.property(plans, ({ config, limit, ...changes }) => {
        const plan = planOf(some, config, changes);
        const { trained, pushed, size } = some;
        const { workers, models, localSteps, candidate, capture, mask } = changes;
        const shards = viewShards(allocate(plan, limit));
        const sum = (take: (shard: Shard) => number | undefined) => {
          return shards.reduce((total, shard) => total + (take(shard) ?? 0), 0);
        };
        expect(sum(({ weights }) => weights.length)).toBe(size);
        expect(sum((shard) => shard.trained)).toBe(trained);
        for (let slot = 0; slot < workers; slot++) {
          expect(sum(({ pushes }) => pushes[slot]?.weights.length)).toBe(pushed);
          expect(sum(({ local }) => local?.[slot]?.weights.length)).toBe(localSteps ? trained : 0);
          expect(sum(({ local }) => local?.[slot]?.gradients.length)).toBe(localSteps ? trained : 0);
          expect(sum(({ masks }) => masks[slot]?.length)).toBe(mask);
        }
        expect(sum(({ candidate: own }) => own?.length)).toBe(candidate ? pushed : 0);
        expect(sum(({ captured }) => captured?.weights.length)).toBe(size);
        for (const shard of shards) {
          const chunks = chunksIn(plan.chunks, shard);
          expect(shard.scratch.length).toBe(workers);
          for (const { weights, gradients } of shard.scratch) {
            expect([weights.length, gradients.length]).toEqual([longest(chunks), longest(chunks)]);
          }
          for (let slot = 0; slot < plan.slots; slot++) {
            const spans = chunks.filter(({ role }) => role === "trained").map(({ slots }) => slots[slot]);
            const own = shard.slots[slot]?.length;
            expect(own).toBe(16 * Math.ceil((spans.at(-1)?.end ?? 0) / 16) - (spans[0]?.start ?? 0));
            expect(shard.pushes[0]?.slots[slot]?.length).toBe(models ? own : undefined);
            expect(shard.captured?.slots[slot]?.length).toBe(capture.slots ? own : undefined);
            expect(shard.local?.[0]?.slots[slot]?.length).toBe(localSteps ? own : undefined);
            const lengths = spans.map((span) => (span?.end ?? 0) - (span?.start ?? 0));
            expect(shard.scratch[0]?.slots[slot]?.length).toBe(Math.max(0, ...lengths));
          }
        }
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it("is cut where chunks begin, one range after another, none above the limit that could be smaller", () => {
    fc.assert(
      fc.property(plans, ({ config, limit, ...changes }) => {
        const plan = planOf(some, config, changes);
        const ranges = shardRanges(plan, limit / 4);
        expect(ranges[0]?.start).toBe(0);
        expect(ranges.at(-1)?.end).toBe(some.size);
        for (const [index, { start, end }] of ranges.entries()) {
          expect(end).toBeGreaterThan(start);
          expect(start).toBe(ranges[index - 1]?.end ?? 0);
          expect(start % 16).toBe(0);
          const isCut = start >= some.pushed || plan.chunks.some((chunk) => chunk.start === start);
          expect(isCut).toBe(true);
        }
        const { memories } = allocate(plan, limit);
        for (const [index, { buffer }] of memories.entries()) {
          const range = ranges[index] ?? { start: 0, end: 0 };
          // A chunk is not cut; memory comes in pages of 64 KiB.
          if (chunksIn(plan.chunks, range).length > 1) expect(buffer.byteLength).toBeLessThanOrEqual(limit + 65_536);
        }
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it("has long scratch only in the shard of a long variable", () => {
    // Adafactor does not cut variables.
    const long = layoutOf([
      ["trained", [1000, 500]],
      ...Array.from({ length: 20 }, () => ["trained", [40, 50]] as const),
    ]);
    const { memories } = allocate(planOf(long, adafactor(), { workers: 4 }), 1);
    expect(memories.length).toBe(21);
    const [first, ...others] = memories.map(({ buffer }) => buffer.byteLength);
    expect(first).toBeGreaterThan(4 * 14 * 500_000);
    expect(Math.max(...others)).toBeLessThan(4 * 20 * 2000 + 65_536);
  });

  it("needs about what is estimated", () => {
    fc.assert(
      fc.property(plans, ({ config, limit: _, ...changes }) => {
        const plan = planOf(some, config, changes);
        const [memory] = allocate(plan).memories;
        const bytes = memory?.buffer.byteLength ?? 0;
        // Adafactor's means are counted as if they were one an element.
        expect(estimateBytes(plan)).toBeGreaterThan(bytes - 70_000);
        if (config.type !== "adafactor") expect(estimateBytes(plan)).toBeLessThan(1.02 * bytes + 70_000);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  it("is in several pieces where one could not hold it, each below what WebAssembly can have", () => {
    const size = 2 ** 30;
    const chunks = Array.from({ length: 64 }, (_, index) => {
      const [start, end] = [index * 2 ** 24, (index + 1) * 2 ** 24];
      return { role: "trained", start, end, slots: [] } as const;
    });
    const none = { models: false, capture: { weights: false, slots: false }, localSteps: false, candidate: false };
    const plan: MemoryPlan = { trained: size, pushed: size, size, chunks, workers: 1, slots: 0, mask: 0, ...none };
    const ranges = shardRanges(plan, maximumBytes / 2 / 4);
    expect(ranges.length).toBeGreaterThan(3);
    for (const { start, end } of ranges) expect((end - start) * 2 * 4).toBeLessThan(maximumBytes / 2);
  });

  it("that cannot be had is refused with the figures", () => {
    const size = 2 ** 28;
    const chunks = [{ role: "trained", start: 0, end: size, slots: [] }] as const;
    const none = { models: false, capture: { weights: false, slots: false }, localSteps: false, candidate: false };
    const plan: MemoryPlan = { trained: size, pushed: size, size, chunks, workers: 4, slots: 0, mask: 0, ...none };
    // Weights, then for each of four workers a push and scratch for weights and gradients: 13 GiB.
    expect(() => allocate(plan)).toThrow(
      /PARAMSERV_MEMORY_EXCEEDED: 4 workers and a model of 268435456 floats need 13312 MiB of shared memory, and one piece 13312 MiB; a piece can have 4096 MiB/,
    );
  });

  it("that the machine does not have is refused with the figures", () => {
    const none = { models: false, capture: { weights: false, slots: false }, localSteps: false, candidate: false };
    // Frozen variables are cut anywhere. Linux would promise as much, and kill the process when it is used.
    const plan: MemoryPlan = {
      trained: 0,
      pushed: 0,
      size: 2 ** 41,
      chunks: [],
      workers: 1,
      slots: 0,
      mask: 0,
      ...none,
    };
    expect(() => allocate(plan)).toThrow(
      /PARAMSERV_MEMORY_EXCEEDED: 1 workers and a model of 2199023255552 floats need 83886\d\d MiB of shared memory; the machine has \d+ MiB/,
    );
  });
});

describe("flat arrays of a model", () => {
  const numbers = (length: number, from: number) => Float32Array.from({ length }, (_, at) => from + at);
  for (const limit of [2 ** 28, 400_000, 1]) {
    for (const config of optimizers) {
      it(`are what shards hold, both ways: ${config.type}, ${limit} bytes`, () => {
        const plan = planOf(some, config);
        const lengths = updatePlan(some.variables, makeOptimizer(config, reference)).slots.map(({ length }) => length);
        const shards = viewShards(allocate(plan, limit));
        const model = {
          weights: numbers(some.size, 1),
          slots: lengths.map((length, slot) => numbers(length, 7 * slot)),
        };
        writeModel(shards, model);
        const live = flatLive(shards, some.size, lengths);
        expect(same(live.weights, model.weights)).toBe(true);
        for (const chunk of plan.chunks) {
          for (const [slot, { start, end }] of chunk.slots.entries()) {
            const [found, written] = [live, model].map(({ slots }) => slots[slot]?.subarray(start, end));
            expect(written !== undefined && same(found, written)).toBe(true);
          }
        }
        writeWeights(shards, numbers(some.size, 9));
        const read = new Float32Array(some.size);
        readWeights(shards, read);
        expect(same(read, numbers(some.size, 9))).toBe(true);
        const part = new Float32Array(some.size);
        readWeights(shards, part, some.pushed);
        expect(same(part.subarray(0, some.pushed), read.subarray(0, some.pushed))).toBe(true);
        expect(part.subarray(some.pushed).every((value) => value === 0)).toBe(true);
        for (const { start, captured } of shards) captured?.weights.set(numbers(captured.weights.length, start));
        expect(same(flatCaptured(shards, some.size, lengths).weights, numbers(some.size, 0))).toBe(true);
        readCaptured(shards, read);
        expect(same(read, numbers(some.size, 0))).toBe(true);
        writePush(shards, 1, numbers(some.pushed, 3));
        const pushed = shards.flatMap(({ pushes }) => [...(pushes[1]?.weights ?? [])]);
        expect(same(Float32Array.from(pushed), numbers(some.pushed, 3))).toBe(true);
        expect(shards.every(({ pushes }) => pushes[0]?.weights.every((value) => value === 0))).toBe(true);
      });
    }
  }

  it("are views where one shard holds all", () => {
    const config = adam();
    const [shard, ...others] = viewShards(allocate(planOf(some, config)));
    if (shard === undefined) throw new Error("no shard");
    const lengths = updatePlan(some.variables, makeOptimizer(config, reference)).slots.map(({ length }) => length);
    const live = flatLive([shard, ...others], some.size, lengths);
    expect(live.weights).toBe(shard.weights);
    expect(live.slots[1]).toBe(shard.slots[1]);
  });
});
