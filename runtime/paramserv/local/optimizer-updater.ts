import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { Optimizer } from "../../optimizers/types.js";
import { alignment } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";
import { joinGradients, joinState, type Span } from "./contributions.js";
import type { Part, Updater, UpdaterArrays } from "./updater.js";

/** A run of the trained part with the same multipliers. */
interface Range extends Span {
  readonly lr: number;
  readonly decay: number;
}

/** Floats summed and updated at a time: a few arrays of 64 KiB stay in a core's cache between the two. */
const chunk = 16_384;

interface OptimizerUpdate extends UpdaterArrays {
  readonly optimizer: Optimizer;
  readonly kernels: Kernels;
  readonly layout: VariableBuffer;
}

/** Updates by a built-in optimizer, slice by slice. Element-wise, so the slices do not change the result. */
export function optimizerUpdater({ shared, own, optimizer, kernels, layout }: OptimizerUpdate): Updater {
  const ranges = rangesOf(layout);
  const state = { start: layout.trained, end: layout.pushed };
  return {
    async apply({ contributions, iteration, snapshot }, part) {
      const slice = sliceOf(layout.pushed, part);
      const joining = { kernels, contributions, workers: shared.workers };
      for (const range of chunksOf(ranges, slice)) {
        update({ optimizer, model: shared, gradients: joinGradients(joining, range), range, iteration });
      }
      for (const span of chunksOf([state], slice)) shared.weights.set(joinState(joining, span), span.start);
      if (snapshot) shared.snapshot?.set(shared.weights.subarray(slice.start, slice.end), slice.start);
    },
    pull(weights) {
      weights.set(shared.weights);
      own.local?.weights.set(shared.weights.subarray(0, layout.trained));
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

/** Neighbours with equal multipliers in one range; frozen variables and state in none. Padding is zero and stays zero. */
function rangesOf({ variables }: VariableBuffer): readonly Range[] {
  const ranges: Range[] = [];
  for (const { offset, length, lr, decay, role } of variables) {
    if (role !== "trained") continue;
    const last = ranges.at(-1);
    const start = last !== undefined && last.lr === lr && last.decay === decay ? last.start : offset;
    if (last !== undefined && start === last.start) ranges.pop();
    ranges.push({ start, end: offset + length, lr, decay });
  }
  return ranges.filter(({ lr }) => lr !== 0);
}

function sliceOf(size: number, { index, of }: Part): Span {
  const lines = Math.ceil(size / alignment);
  const at = (part: number) => Math.min(size, Math.floor((lines * part) / of) * alignment);
  return { start: at(index), end: index + 1 === of ? size : at(index + 1) };
}

function* chunksOf<Part extends Span>(spans: readonly Part[], slice: Span): Generator<Part> {
  for (const span of spans) {
    const last = Math.min(span.end, slice.end);
    for (let at = Math.max(span.start, slice.start); at < last; at += chunk) {
      yield { ...span, start: at, end: Math.min(at + chunk, last) };
    }
  }
}
