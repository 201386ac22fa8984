import { internalError } from "../errors.js";
import type { Chunk, Span, UpdatePlan } from "./plan.js";
import type { Optimizer, Reduction, StepAt, UpdateRange } from "./types.js";

/** The arrays of one chunk; see {@link UpdateRange} for what may be changed. */
export interface ChunkArrays {
  readonly weights: Float32Array;
  readonly gradients: Float32Array;
  readonly slots: readonly Float32Array[];
}

export interface ChunkStep {
  readonly optimizer: Optimizer;
  readonly chunk: Chunk;
  readonly arrays: ChunkArrays;
  readonly at: StepAt;
  /** What {@link finishReduction} gave for each reduction before, in order. */
  readonly totals: readonly Float64Array[];
}

/**
 * Writes the sums of one chunk for a reduction to its own place among the partial sums. Reads weights, slots and the joined
 * gradient and changes none of them, so it may be done again, by any thread.
 *
 * @param reduction its number among `optimizer.reductions`
 * @param partials `plan.partials` numbers, shared by all threads
 */
export function reduceChunk(step: ChunkStep, reduction: number, partials: Float64Array): void {
  const { optimizer, chunk } = step;
  const sums = reductionAt(optimizer, reduction).sum(rangeOf(step));
  partials.set(sums, chunk.partial + placeOf(optimizer, reduction));
}

/**
 * The totals of a reduction, when every chunk has its sums: of the model, or of one variable after another. Added in the
 * order of the chunks, so every thread has the same bits.
 */
export function finishReduction(
  optimizer: Optimizer,
  plan: UpdatePlan,
  reduction: number,
  partials: Float64Array,
): Float64Array {
  const { over, width } = reductionAt(optimizer, reduction);
  const place = placeOf(optimizer, reduction);
  const totals = new Float64Array(width * (over === "model" ? 1 : plan.variables));
  for (const { partial, variable = 0 } of plan.chunks) {
    const first = over === "model" ? 0 : variable * width;
    for (let i = 0; i < width; i++) totals[first + i] = (totals[first + i] ?? 0) + (partials[partial + place + i] ?? 0);
  }
  return totals;
}

/** Updates one chunk in place; `totals` has those of every reduction. */
export function updateChunk(step: ChunkStep): void {
  step.optimizer.update(rangeOf(step));
}

/** A whole step of a model by one thread, for local steps: the bits that any number of threads give. */
export function stepModel({
  optimizer,
  plan,
  arrays,
  at,
}: {
  readonly optimizer: Optimizer;
  readonly plan: UpdatePlan;
  /** Flat: weights and gradients of the trained part, slots as the plan says. */
  readonly arrays: ChunkArrays;
  readonly at: StepAt;
}): void {
  const steps = plan.chunks.map((chunk) => ({ optimizer, chunk, arrays: arraysOf(arrays, chunk), at }));
  stepChunks(steps, plan, new Float64Array(plan.partials));
}

/** Steps all chunks of a plan by one thread: each reduction over all of them, then their updates. */
export function stepChunks(
  steps: readonly Omit<ChunkStep, "totals">[],
  plan: UpdatePlan,
  partials: Float64Array,
): void {
  const [first] = steps;
  const totals: Float64Array[] = [];
  for (const index of first?.optimizer.reductions.keys() ?? []) {
    for (const step of steps) reduceChunk({ ...step, totals }, index, partials);
    if (first !== undefined) totals.push(finishReduction(first.optimizer, plan, index, partials));
  }
  for (const step of steps) updateChunk({ ...step, totals });
}

/** The views of flat arrays that belong to a chunk. */
export function arraysOf(flat: ChunkArrays, chunk: Chunk): ChunkArrays {
  const view = (array: Float32Array, { start, end }: Span) => array.subarray(start, end);
  return {
    weights: view(flat.weights, chunk),
    gradients: view(flat.gradients, chunk),
    slots: chunk.slots.map((span, index) => view(flat.slots[index] ?? missingSlot(index), span)),
  };
}

const missingSlot = (index: number): never => {
  throw internalError(`there is no array for slot ${index}`);
};

function rangeOf({ optimizer, chunk, arrays, at, totals }: ChunkStep): UpdateRange {
  const { group, lr, decay, shape } = chunk;
  return {
    ...arrays,
    rate: optimizer.rate(at.iteration, group) * lr,
    decay: optimizer.weightDecay(group) * decay,
    at,
    group,
    ...(shape && { shape }),
    totals: totals.map((all, index) => totalsOf(reductionAt(optimizer, index), all, chunk)),
  };
}

function totalsOf({ over, width }: Reduction, all: Float64Array, { variable = 0 }: Chunk): readonly number[] {
  const first = over === "model" ? 0 : variable * width;
  return [...all.subarray(first, first + width)];
}

function reductionAt({ reductions }: Optimizer, index: number): Reduction {
  const reduction = reductions[index];
  if (reduction === undefined) throw internalError(`there is no reduction ${index}`);
  return reduction;
}

/** Where the sums of a reduction are among those of a chunk. */
function placeOf({ reductions }: Optimizer, index: number): number {
  return reductions.slice(0, index).reduce((sum, { width }) => sum + width, 0);
}
