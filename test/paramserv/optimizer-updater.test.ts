import { describe, expect, it } from "vitest";
import { reference } from "../../runtime/kernels/reference.js";
import { compileKernels, wasmKernels } from "../../runtime/kernels/wasm.js";
import { sharedMemory } from "../../runtime/kernels/web-assembly.js";
import { constant } from "../../runtime/layers/initializers.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import { makeOptimizer } from "../../runtime/optimizers/table.js";
import { optimizerUpdater } from "../../runtime/paramserv/local/optimizer-updater.js";
import { allocate, type MemoryPlan, viewArrays } from "../../runtime/paramserv/local/shared-arrays.js";
import type { Update } from "../../runtime/paramserv/protocol/types.js";
import { place } from "../../runtime/program/layout.js";
import type { VariableBuffer } from "../../runtime/program/types.js";

/** Larger than the chunks in which an update is made, with ragged ends, one that does not move, state and a frozen variable. */
const layout: VariableBuffer = (() => {
  const rows = [
    ["trained", 40_001, 1, 1],
    ["trained", 7, 2, 0],
    ["trained", 33, 0, 1],
    ["trained", 20_000, 1, 1],
    ["trained", 10_007, 1, 1],
    ["state", 19, 0, 1],
    ["state", 17_003, 0, 1],
    ["frozen", 50, 0, 1],
  ] as const;
  return place(
    rows.map(([role, length, lr, decay], index) => {
      return { name: `p${index}`, shape: [length], role, lr, decay, initializer: constant(0) };
    }),
  );
})();

const { variables: _variables, ...lengths } = layout;
const plan: MemoryPlan = { ...lengths, workers: 3, slots: 1, snapshot: true, localSteps: false, mask: 0 };
const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: true });
const update: Update = {
  version: 0,
  iteration: 0,
  contributions: [
    { worker: 0, weight: 0.5, rows: 4 },
    { worker: 2, weight: 0.25, rows: 2 },
    { worker: 1, weight: 0.25, rows: 2 },
  ],
  executors: [0, 1, 2],
  snapshot: true,
};

const wave = (at: number, seed: number) => Math.sin(at * 0.37 + seed);

/** Fills what variables an array holds; padding stays 0. */
function fill(array: Float32Array, seed: number): void {
  for (const { offset, length } of layout.variables) {
    for (let i = offset; i < Math.min(offset + length, array.length); i++) array[i] = wave(i, seed);
  }
}

/** Updates of a filled memory, each in `parts` parts. */
async function updated(parts: number, updates: readonly Update[]) {
  const memory = allocate(plan);
  const shared = viewArrays(memory, plan);
  const kernels = wasmKernels(compileKernels(), memory);
  fill(shared.weights, 1);
  shared.snapshot?.set(shared.weights);
  for (const [version, work] of updates.entries()) {
    for (const [rank, { pushed }] of shared.workers.entries()) fill(pushed, rank + 2 + 10 * version);
    for (let index = 0; index < parts; index++) {
      const own = shared.workers[index];
      if (own === undefined) throw new Error("more parts than workers");
      const updater = optimizerUpdater({
        shared,
        own,
        rank: index,
        optimizer: makeOptimizer(optimizer, kernels),
        kernels,
        layout,
      });
      await updater.apply(work, { index, of: parts });
    }
  }
  return { weights: shared.weights.slice(), history: shared.slots[0]?.slice(), snapshot: shared.snapshot?.slice() };
}

/** Two updates in plain arrays, variable by variable, with the reference kernels. */
function expected() {
  const weights = new Float32Array(layout.size);
  const history = new Float32Array(layout.trained);
  const plain = makeOptimizer(optimizer, reference);
  for (const { offset, length, lr, decay, role } of layout.variables) {
    const at = (seed: number) => Float32Array.from({ length }, (_, i) => wave(offset + i, seed));
    const w = weights.subarray(offset, offset + length);
    w.set(at(1));
    if (role === "frozen" || (role === "trained" && lr === 0)) continue;
    for (let version = 0; version < 2; version++) {
      const pushed = at(2 + 10 * version);
      reference.scale(pushed, pushed, 0.5);
      reference.accumulate(pushed, at(4 + 10 * version), 0.25);
      reference.accumulate(pushed, at(3 + 10 * version), 0.25);
      const slots = [history.subarray(offset, offset + length)];
      const step = {
        weights: w,
        gradients: pushed,
        slots,
        rate: 0.1 * lr,
        decay: 0.01 * decay,
        at: { updates: version, iteration: version },
      };
      if (role === "state") w.set(pushed);
      else plain.update(step);
    }
  }
  return { weights, history };
}

describe("an update in slices", () => {
  it("has the bits of the whole update with the reference kernels, whatever the number of slices", async () => {
    const { weights, history } = expected();
    for (const parts of [1, 2, 3]) {
      const result = await updated(parts, [update, update]);
      expect(result.weights).toEqual(weights);
      expect(result.history).toEqual(history);
      expect(result.snapshot).toEqual(weights);
    }
  });
});

describe("the state after an update", () => {
  const state = ({ weights }: { readonly weights: Float32Array }) => weights.subarray(layout.trained, layout.pushed);

  it("is the mean of the pushed states by rows, also where gradients are summed", async () => {
    const summed = { ...update, contributions: update.contributions.map((one) => ({ ...one, weight: 1 })) };
    const [mean, sum] = [await updated(2, [update]), await updated(2, [summed])];
    expect(state(sum)).toEqual(state(mean));
    expect(sum.weights.subarray(0, 10)).not.toEqual(mean.weights.subarray(0, 10));
    const at = layout.trained;
    expect(state(sum)[0]).toBeCloseTo((4 * wave(at, 2) + 2 * wave(at, 3) + 2 * wave(at, 4)) / 8, 6);
  });

  it("is that of the push itself where it comes alone, bit for bit", async () => {
    const alone = { ...update, contributions: [{ worker: 1, weight: 1, rows: 3 }] };
    const pushed = new Float32Array(layout.pushed);
    fill(pushed, 3);
    expect(state(await updated(2, [alone]))).toEqual(pushed.subarray(layout.trained));
  });
});

describe("the memory of a run", () => {
  it("has each array on a cache line of its own, none overlapping another", () => {
    const sizes = { trained: 20, pushed: 30, size: 50 };
    const odd: MemoryPlan = { ...sizes, workers: 2, slots: 2, snapshot: true, localSteps: true, mask: 5 };
    const memory = allocate(odd);
    const { weights, slots, snapshot, workers } = viewArrays(memory, odd);
    const local = workers.flatMap(({ local: own }) => (own ? [own.weights, ...own.slots, own.gradients] : []));
    const own = workers.flatMap(({ pushed, mask }) => [pushed, mask]);
    const all = [weights, ...slots, ...(snapshot ? [snapshot] : []), ...own, ...local];
    expect(all).toHaveLength(1 + 2 + 1 + 4 + 2 * 4);
    expect([weights, snapshot].map((array) => array?.length)).toEqual([50, 50]);
    expect(workers.map(({ pushed }) => pushed.length)).toEqual([30, 30]);
    expect([...slots, ...local].every((array) => array.length === 20)).toBe(true);
    for (const array of all) expect(array.byteOffset % 64).toBe(0);
    for (const [index, array] of all.entries()) array.fill(index + 1);
    for (const [index, array] of all.entries()) expect(array.every((value) => value === index + 1)).toBe(true);
  });

  it("that cannot be had is refused with the figures", () => {
    const sizes = { trained: 2 ** 28, pushed: 2 ** 28, size: 2 ** 28 };
    const huge: MemoryPlan = { ...sizes, workers: 4, slots: 1, snapshot: false, localSteps: false, mask: 0 };
    expect(() => allocate(huge)).toThrow(
      /PARAMSERV_MEMORY_EXCEEDED: 4 workers and a model of 268435456 floats need 6144 MiB of shared memory; there can be 4096 MiB/,
    );
    expect(sharedMemory(1).buffer.byteLength).toBe(65_536);
  });
});
