import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { Optimizer } from "../../optimizers/types.js";
import { alignment } from "../../program/layout.js";
import type { ModelLayout } from "../model-layout.js";
import type { Contribution } from "../protocol/types.js";
import type { Part, Updater, UpdaterArrays } from "./updater.js";

/** A run of the flat buffers with the same multipliers. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly lr: number;
  readonly decay: number;
}

/** Floats summed and updated at a time: a few arrays of 64 KiB stay in a core's cache between the two. */
const chunk = 16_384;

interface OptimizerUpdate extends UpdaterArrays {
  readonly optimizer: Optimizer;
  readonly kernels: Kernels;
  readonly layout: ModelLayout;
}

/** Updates by a built-in optimizer, slice by slice. Element-wise, so the slices do not change the result. */
export function optimizerUpdater({ shared, own, optimizer, kernels, layout }: OptimizerUpdate): Updater {
  const ranges = rangesOf(layout);
  return {
    async apply({ contributions, iteration, snapshot }, part) {
      const slice = sliceOf(layout.size, part);
      const pushed = contributions.map(({ worker }) => gradientsOf(shared.workers[worker]?.gradients));
      for (const range of chunksOf(ranges, slice)) {
        const gradients = pushed.map((array) => array.subarray(range.start, range.end));
        update({ optimizer, model: shared, gradients: sum(kernels, contributions, gradients), range, iteration });
      }
      if (snapshot) shared.snapshot?.set(shared.weights.subarray(slice.start, slice.end), slice.start);
    },
    pull(weights) {
      weights.set(shared.weights);
      own.local?.weights.set(shared.weights);
      for (const [index, slot] of own.local?.slots.entries() ?? []) slot.set(shared.slots[index] ?? []);
    },
    async stepLocally({ weights, gradients, iteration }) {
      const { local } = own;
      if (local === undefined) throw internalError("this run has no memory for local steps");
      local.gradients.set(gradients);
      for (const range of ranges) {
        const slice = local.gradients.subarray(range.start, range.end);
        update({ optimizer, model: local, gradients: slice, range, iteration });
      }
      weights.set(local.weights);
    },
  };
}

/** One step of a range of a model; `gradients` are as long as the range. */
function update(step: {
  readonly optimizer: Optimizer;
  readonly model: { readonly weights: Float32Array; readonly slots: readonly Float32Array[] };
  readonly gradients: Float32Array;
  readonly range: Range;
  readonly iteration: number;
}): void {
  const { optimizer, model, gradients, range, iteration } = step;
  const { start, end, lr, decay } = range;
  optimizer.update({
    weights: model.weights.subarray(start, end),
    gradients,
    slots: model.slots.map((slot) => slot.subarray(start, end)),
    rate: optimizer.rate(iteration) * lr,
    decay: optimizer.weightDecay * decay,
    iteration,
  });
}

/** Σ weight · gradients in order of rank, in place of the first. */
function sum(kernels: Kernels, contributions: readonly Contribution[], arrays: readonly Float32Array[]): Float32Array {
  const [first, ...others] = arrays;
  if (first === undefined) throw internalError("an update has no contribution");
  const weight = (index: number) => contributions[index]?.weight ?? 1;
  if (weight(0) !== 1) kernels.scale(first, first, weight(0));
  for (const [index, array] of others.entries()) kernels.accumulate(first, array, weight(index + 1));
  return first;
}

/** Σ weight · gradients of the whole model; the result replaces the first contribution's. */
export function sumContributions(
  kernels: Kernels,
  contributions: readonly Contribution[],
  { workers }: UpdaterArrays["shared"],
): Float32Array {
  return sum(
    kernels,
    contributions,
    contributions.map(({ worker }) => gradientsOf(workers[worker]?.gradients)),
  );
}

function gradientsOf(array: Float32Array | undefined): Float32Array {
  if (array === undefined) throw internalError("a contribution names a worker that has no gradients");
  return array;
}

/** Neighbours with equal multipliers in one range; frozen parameters in none. Padding is zero and stays zero. */
function rangesOf({ parameters }: ModelLayout): readonly Range[] {
  const ranges: Range[] = [];
  for (const { offset, length, lr, decay } of parameters) {
    const last = ranges.at(-1);
    const start = last !== undefined && last.lr === lr && last.decay === decay ? last.start : offset;
    if (last !== undefined && start === last.start) ranges.pop();
    ranges.push({ start, end: offset + length, lr, decay });
  }
  return ranges.filter(({ lr }) => lr !== 0);
}

function sliceOf(size: number, { index, of }: Part): { readonly start: number; readonly end: number } {
  const lines = Math.ceil(size / alignment);
  const at = (part: number) => Math.min(size, Math.floor((lines * part) / of) * alignment);
  return { start: at(index), end: index + 1 === of ? size : at(index + 1) };
}

function* chunksOf(
  ranges: readonly Range[],
  slice: { readonly start: number; readonly end: number },
): Generator<Range> {
  for (const { start, end, lr, decay } of ranges) {
    const last = Math.min(end, slice.end);
    for (let at = Math.max(start, slice.start); at < last; at += chunk) {
      yield { start: at, end: Math.min(at + chunk, last), lr, decay };
    }
  }
}
