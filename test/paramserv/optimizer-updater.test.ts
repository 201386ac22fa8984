import { describe, expect, it } from "vitest";
import { reference } from "../../runtime/kernels/reference.js";
import { compileKernels, wasmKernels } from "../../runtime/kernels/wasm.js";
import { sharedMemory } from "../../runtime/kernels/web-assembly.js";
import { sgd } from "../../runtime/optimizers/sgd.js";
import { makeOptimizer } from "../../runtime/optimizers/table.js";
import { optimizerUpdater } from "../../runtime/paramserv/local/optimizer-updater.js";
import { allocate, type MemoryPlan, viewArrays } from "../../runtime/paramserv/local/shared-arrays.js";
import type { ModelLayout } from "../../runtime/paramserv/model-layout.js";
import type { Update } from "../../runtime/paramserv/protocol/types.js";

/** Larger than the chunks in which an update is made, with ragged ends and a frozen parameter in the middle. */
const layout: ModelLayout = (() => {
  const rows = [
    [40_001, 1, 1],
    [7, 2, 0],
    [33, 0, 1],
    [20_000, 1, 1],
    [10_007, 1, 1],
  ] as const;
  let offset = 0;
  const parameters = rows.map(([length, lr, decay], index) => {
    const placed = { name: `p${index}`, shape: [length], offset, length, lr, decay };
    offset += Math.ceil(length / 16) * 16;
    return placed;
  });
  return { parameters, size: offset };
})();

const plan: MemoryPlan = { size: layout.size, workers: 3, slots: 1, snapshot: true, localSteps: false, mask: 0 };
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

/** Two updates of a filled memory, each in `parts` parts. */
async function updated(parts: number) {
  const memory = allocate(plan);
  const shared = viewArrays(memory, plan);
  const kernels = wasmKernels(compileKernels(), memory);
  const fill = (array: Float32Array, seed: number) => {
    for (const { offset, length } of layout.parameters) {
      for (let i = offset; i < offset + length; i++) array[i] = Math.sin(i * 0.37 + seed);
    }
  };
  fill(shared.weights, 1);
  for (let version = 0; version < 2; version++) {
    for (const [rank, { gradients }] of shared.workers.entries()) fill(gradients, rank + 2 + 10 * version);
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
      await updater.apply(update, { index, of: parts });
    }
  }
  return { weights: shared.weights.slice(), history: shared.slots[0]?.slice(), snapshot: shared.snapshot?.slice() };
}

/** The same in plain arrays, parameter by parameter, with the reference kernels. */
function expected() {
  const weights = new Float32Array(layout.size);
  const history = new Float32Array(layout.size);
  const plain = makeOptimizer(optimizer, reference);
  for (const { offset, length, lr, decay } of layout.parameters) {
    const at = (seed: number) => Float32Array.from({ length }, (_, i) => Math.sin((offset + i) * 0.37 + seed));
    const w = weights.subarray(offset, offset + length);
    w.set(at(1));
    if (lr === 0) continue;
    for (let version = 0; version < 2; version++) {
      const gradients = at(2 + 10 * version);
      reference.scale(gradients, gradients, 0.5);
      reference.accumulate(gradients, at(4 + 10 * version), 0.25);
      reference.accumulate(gradients, at(3 + 10 * version), 0.25);
      const slots = [history.subarray(offset, offset + length)];
      plain.update({ weights: w, gradients, slots, rate: 0.1 * lr, decay: 0.01 * decay, iteration: version });
    }
  }
  return { weights, history };
}

describe("an update in slices", () => {
  it("has the bits of the whole update with the reference kernels, whatever the number of slices", async () => {
    const { weights, history } = expected();
    for (const parts of [1, 2, 3]) {
      const result = await updated(parts);
      expect(result.weights).toEqual(weights);
      expect(result.history).toEqual(history);
      expect(result.snapshot).toEqual(weights);
    }
  });
});

describe("the memory of a run", () => {
  it("has each array on a cache line of its own, none overlapping another", () => {
    const odd: MemoryPlan = { size: 50, workers: 2, slots: 2, snapshot: true, localSteps: true, mask: 5 };
    const memory = allocate(odd);
    const { weights, slots, snapshot, workers } = viewArrays(memory, odd);
    const local = workers.flatMap(({ local: own }) => (own ? [own.weights, ...own.slots, own.gradients] : []));
    const own = workers.flatMap(({ gradients, mask }) => [gradients, mask]);
    const all = [weights, ...slots, ...(snapshot ? [snapshot] : []), ...own, ...local];
    expect(all).toHaveLength(1 + 2 + 1 + 4 + 2 * 4);
    for (const array of all) expect(array.byteOffset % 64).toBe(0);
    for (const [index, array] of all.entries()) array.fill(index + 1);
    for (const [index, array] of all.entries()) expect(array.every((value) => value === index + 1)).toBe(true);
  });

  it("that cannot be had is refused with the figures", () => {
    const huge: MemoryPlan = { size: 2 ** 28, workers: 4, slots: 1, snapshot: false, localSteps: false, mask: 0 };
    expect(() => allocate(huge)).toThrow(
      /PARAMSERV_MEMORY_EXCEEDED: 4 workers and a model of 268435456 floats need 6144 MiB of shared memory; there can be 4096 MiB/,
    );
    expect(sharedMemory(1).buffer.byteLength).toBe(65_536);
  });
});
