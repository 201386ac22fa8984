import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kernels } from "../../runtime/kernels/kernels.js";
import { reference } from "../../runtime/kernels/reference.js";
import { compileKernels, wasmKernels } from "../../runtime/kernels/wasm.js";
import { sharedMemory } from "../../runtime/kernels/web-assembly.js";
import {
  arraysOf,
  type ChunkArrays,
  type ChunkStep,
  finishReduction,
  reduceChunk,
  stepModel,
  updateChunk,
} from "../../runtime/optimizers/apply.js";
import {
  adafactor,
  adagrad,
  adam,
  lamb,
  makeOptimizer,
  type OptimizerConfig,
  sgd,
} from "../../runtime/optimizers/index.js";
import { chunkLength, type PlannedVariable, updatePlan } from "../../runtime/optimizers/plan.js";

/** Variables one after another, each on a line of 16 floats. */
function layout(given: readonly Partial<PlannedVariable>[]): readonly PlannedVariable[] {
  let offset = 0;
  return given.map(({ shape = [4], role = "trained", ...rest }, index) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    const placed = { name: `v${index}`, shape, role, offset, length, lr: 1, decay: 1, ...rest };
    offset += Math.ceil(length / 16) * 16;
    return placed;
  });
}

const model = layout([
  { name: "conv.weight", shape: [7, 3, 5, 5] },
  { name: "conv.bias", shape: [7], lr: 2, decay: 0 },
  { name: "dense.weight", shape: [130, 301] },
  { name: "dense.bias", shape: [301], lr: 2, decay: 0 },
  { name: "still", shape: [20], lr: 0 },
  { name: "frozen", shape: [9], role: "frozen", lr: 0 },
]);
const trained = 16 * Math.ceil(525 / 16) + 16 + 16 * Math.ceil((130 * 301) / 16) + 16 * Math.ceil(301 / 16) + 32;

/** A value that follows from its place; padding is zero. */
function fill(array: Float32Array, seed: number): void {
  for (const { offset, length } of model) {
    for (let i = offset; i < Math.min(offset + length, array.length); i++) array[i] = Math.sin(i * 0.7 + seed);
  }
}

const configs: Readonly<Record<string, OptimizerConfig>> = {
  "element-wise": sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 }),
  "a norm of the model": adam({ globalClipNorm: 3, weightDecay: 0.1 }),
  "norms of variables": adagrad({ clipNorm: 2, initialAccumulator: 0.1 }),
  "two reductions": lamb({ globalClipNorm: 3, weightDecay: 0.1, ema: { momentum: 0.9 } }),
  "whole variables": adafactor({ clipNorm: 2 }),
  groups: adam({
    groups: [
      { variables: ["dense.*"], beta1: 0.5 },
      { variables: ["*.bias"], rateFactor: 3 },
    ],
  }),
};

/** Three steps by `k` executors that take chunks in an order of their own, each on private copies. */
function byExecutors(config: OptimizerConfig, k: number, seed: number) {
  const memory = sharedMemory(4 * 8 * trained);
  const simd = wasmKernels(compileKernels(), memory);
  let used = 0;
  const array = (length: number) => {
    const view = new Float32Array(memory.buffer, used, length);
    used += 64 * Math.ceil((4 * length) / 64);
    return view;
  };
  const executors = Array.from({ length: k }, () => makeOptimizer(config, simd));
  const [first] = executors;
  if (first === undefined) throw new Error("no executor");
  const plan = updatePlan(model, first);
  const shared: ChunkArrays = {
    weights: array(trained),
    gradients: array(trained),
    slots: plan.slots.map(({ length, initial }) => array(length).fill(initial)),
  };
  const scratch = array(plan.longest);
  fill(shared.weights, 0);
  // Chunks go to executors in a scrambled order, some twice: as after one of them was lost.
  const order = [...plan.chunks.keys()].sort((a, b) => Math.sin(a * seed + 1) - Math.sin(b * seed + 1));
  for (let step = 0; step < 3; step++) {
    fill(shared.gradients, step + 5);
    const partials = new Float64Array(plan.partials);
    const totals: Float64Array[] = [];
    const stepOf = (index: number): ChunkStep => {
      const chunk = plan.chunks[index];
      const optimizer = executors[index % k];
      if (chunk === undefined || optimizer === undefined) throw new Error("no such chunk");
      const views = arraysOf(shared, chunk);
      const gradients = scratch.subarray(0, chunk.end - chunk.start);
      gradients.set(views.gradients);
      return { optimizer, chunk, arrays: { ...views, gradients }, at: { updates: step, iteration: step }, totals };
    };
    for (const reduction of first.reductions.keys()) {
      for (const index of [...order, ...order.slice(0, 2)]) reduceChunk(stepOf(index), reduction, partials);
      totals.push(finishReduction(first, plan, reduction, partials));
    }
    for (const index of order) updateChunk(stepOf(index));
  }
  return { weights: shared.weights.slice(), slots: shared.slots.map((slot) => slot.slice()) };
}

/** The same by one thread with the reference kernels. */
function alone(config: OptimizerConfig, kernels: Kernels = reference) {
  const optimizer = makeOptimizer(config, kernels);
  const plan = updatePlan(model, optimizer);
  const weights = new Float32Array(trained);
  const slots = plan.slots.map(({ length, initial }) => new Float32Array(length).fill(initial));
  fill(weights, 0);
  for (let step = 0; step < 3; step++) {
    const gradients = new Float32Array(trained);
    fill(gradients, step + 5);
    stepModel({ optimizer, plan, arrays: { weights, gradients, slots }, at: { updates: step, iteration: step } });
  }
  return { weights, slots };
}

const bytes = (arrays: readonly Float32Array[]) =>
  Buffer.concat(arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)));

describe("updates by chunks", () => {
  for (const [name, config] of Object.entries(configs)) {
    it(`have the same bits for any number of executors and any order: ${name}`, () => {
      const expected = alone(config);
      for (const [k, seed] of [
        [1, 1],
        [2, 3],
        [3, 8],
      ] as const) {
        const found = byExecutors(config, k, seed);
        expect(bytes([found.weights, ...found.slots]).equals(bytes([expected.weights, ...expected.slots]))).toBe(true);
      }
    });
  }

  it("leave padding zero, and what is not trained or has rate 0 as it was", () => {
    const before = new Float32Array(trained);
    fill(before, 0);
    const covered = new Set(
      model.slice(0, 4).flatMap(({ offset, length }) => [...Array(length).keys()].map((i) => offset + i)),
    );
    for (const config of Object.values(configs)) {
      const { weights } = alone(config);
      const wrong = [...weights.keys()].filter((i) => !covered.has(i) && weights[i] !== before[i]);
      expect(wrong).toEqual([]);
      const changed = [...covered].filter((i) => weights[i] !== before[i]);
      expect(changed.length).toBeGreaterThan(0.99 * covered.size);
    }
  });
});

describe("a plan", () => {
  const plan = (config: OptimizerConfig, variables = model) => updatePlan(variables, makeOptimizer(config, reference));
  const shapes = fc.array(
    fc.record({
      shape: fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 2 }),
      lr: fc.constantFrom(0, 1, 2),
      role: fc.constantFrom("trained", "trained", "frozen"),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it("covers each trained element once, in chunks on lines of their own", () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom(...Object.values(configs).slice(0, 5)), (given, config) => {
        const variables = layout(given);
        const { chunks, longest, slots } = plan(config, variables);
        const counts = new Uint8Array(variables.reduce((sum, { length }) => sum + length + 16, 0));
        for (const { start, end } of chunks) {
          expect(start % 16).toBe(0);
          expect(end - start).toBeLessThanOrEqual(config.type === "adafactor" ? longest : chunkLength);
          expect(end - start).toBeLessThanOrEqual(longest);
          for (let i = start; i < end; i++) counts[i] = (counts[i] ?? 0) + 1;
        }
        expect(counts.every((count) => count <= 1)).toBe(true);
        const moved = variables.filter(({ role, lr }) => role === "trained" && lr !== 0);
        for (const { offset, length } of moved) {
          expect(counts.subarray(offset, offset + length).every((count) => count === 1)).toBe(true);
        }
        for (const { offset, length } of variables.filter((variable) => !moved.includes(variable))) {
          expect(counts.subarray(offset, offset + length).every((count) => count === 0)).toBe(true);
        }
        for (const chunk of chunks) {
          for (const [index, span] of chunk.slots.entries()) {
            expect(span.end).toBeLessThanOrEqual(slots[index]?.length ?? 0);
          }
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it("joins neighbours with equal options, and no chunk crosses a variable where sums are over variables", () => {
    const equal = layout([{ shape: [5] }, { shape: [7] }, { shape: [3], decay: 0 }]);
    expect(plan(sgd({ learningRate: 1 }), equal).chunks).toMatchObject([
      { start: 0, end: 23, decay: 1 },
      { start: 32, end: 35, decay: 0 },
    ]);
    expect(plan(lamb(), equal)).toMatchObject({
      partials: 6,
      variables: 3,
      longest: 7,
      chunks: [
        { start: 0, end: 5, variable: 0, partial: 0 },
        { start: 16, end: 23, variable: 1, partial: 2 },
        { start: 32, end: 35, variable: 2, partial: 4 },
      ],
    });
  });

  it("has a float for each row and each column of a matrix with Adafactor, one an element for a vector", () => {
    const { slots, chunks } = plan(adafactor(), layout([{ shape: [2, 3, 4, 5] }, { shape: [6] }]));
    expect(slots).toEqual([
      { name: "rows", length: 48, initial: 0 },
      { name: "columns", length: 32, initial: 0 },
    ]);
    expect(chunks.map((chunk) => chunk.slots)).toEqual([
      [
        { start: 0, end: 24 },
        { start: 0, end: 30 },
      ],
      [
        { start: 32, end: 38 },
        { start: 32, end: 32 },
      ],
    ]);
  });

  it("gives a variable to the first group that names it", () => {
    const groups = [
      { variables: ["*.bias", "conv*"], weightDecay: 0.5 },
      { variables: ["*"], learningRate: 0.25 },
    ];
    const optimizer = makeOptimizer(sgd({ learningRate: 1, weightDecay: 0.1, groups }), reference);
    const { chunks } = updatePlan(model, optimizer);
    expect(chunks.map(({ group }) => group)).toEqual([1, 1, 2, 2, 2, 1]);
    expect([0, 1, 2].map((group) => optimizer.weightDecay(group))).toEqual([0.1, 0.5, 0.1]);
    expect([0, 1, 2].map((group) => optimizer.rate(3, group))).toEqual([1, 1, 0.25]);
  });

  it("tells every pattern that names nothing that is trained", () => {
    const groups = [{ variables: ["conv.weights", "*.bias"] }, { variables: ["fro*n", "c*w*t*x"] }];
    expect(() => plan(sgd({ learningRate: 1, groups }))).toThrow(
      /group 1: "conv.weights" names no variable.*group 2: "fro\*n" names frozen, which is not trained.*"c\*w\*t\*x" names no/s,
    );
  });
});
