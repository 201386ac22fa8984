import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import { type ChunkStep, finishReduction, reduceChunk, stepChunks, updateChunk } from "../../optimizers/apply.js";
import type { Span, UpdatePlan } from "../../optimizers/plan.js";
import type { Optimizer, StepAt } from "../../optimizers/types.js";
import type { Chunk } from "./chunks.js";
import { join, type Share, shareOfRows } from "./joining.js";
import type { Journal } from "./journal.js";
import type { ModelArrays, Scratch, Shard } from "./memory.js";

/** One of the parts into which a phase of an update is divided. */
export interface Part {
  readonly part: number;
  readonly parts: number;
}

/** An update, or a part of it, as a worker is ordered to make it. */
export interface UpdateOrder extends Part {
  /** Updates before this one. */
  readonly version: number;
  readonly iteration: number;
  /** In order of slot. */
  readonly shares: readonly Share[];
  /** 0, 1, …: the optimizer's reductions over the whole model, then the update itself. */
  readonly phase: number;
  /** Whether the weights take the optimizer's step, stay as they are, or go back to the captured ones. */
  readonly how: "step" | "stay" | "restore";
}

/** A shard and who computes on its memory. */
export interface ShardAtWork {
  readonly shard: Shard;
  readonly kernels: Kernels;
  /** Absent where a user function makes the updates. */
  readonly optimizer?: Optimizer | undefined;
}

interface UpdatingOptions {
  readonly shards: readonly ShardAtWork[];
  readonly plan: UpdatePlan;
  /** All, in order: first those that the optimizer steps, then those of the state. */
  readonly chunks: readonly Chunk[];
  readonly journal: Journal;
  /** Sums of the optimizer's reductions, shared. */
  readonly partials: Float64Array;
  /** Whether pushes carry models. */
  readonly models: boolean;
  /** Where weights that are not finite after a step are told; they are not committed. */
  diverged(): never;
}

/** A chunk, where it is, and who computes there. */
interface Place extends ShardAtWork {
  readonly index: number;
  readonly chunk: Chunk;
  /** Where it lies in its shard, and in the shard's slots. */
  readonly span: Span;
  readonly slots: readonly Span[];
}

/**
 * Makes updates by a built-in optimizer, chunk by chunk: joins the pushes in scratch, steps copies of weights and slots
 * there, commits. What an update is made of stays as it is until a chunk is committed, so each part can be redone.
 */
export class Updating {
  readonly #options: UpdatingOptions;
  readonly #places: readonly Place[];
  /** The last division that was asked for: it is nearly always the same. */
  #division: Part & { readonly places: readonly Place[] } = { part: -1, parts: -1, places: [] };

  constructor(options: UpdatingOptions) {
    this.#options = options;
    this.#places = options.chunks.map((chunk, index) => {
      const at = shardOf(options.shards, chunk);
      return { ...at, index, chunk, ...placeOf(chunk, at.shard) };
    });
  }

  /** Makes a part of a phase of an update, or goes on with it where another died. */
  make(order: UpdateOrder): void {
    if (order.phase < this.#reductions) this.#reduce(order);
    else this.#commit(order);
  }

  /** The update of one push by the worker that made it, in place, while others do the same: nobody waits for anybody. */
  makeAlone(share: Share, at: StepAt, partials: Float64Array): void {
    const places = this.#places.filter(({ chunk }) => chunk.role === "trained");
    const steps = places.map((place) => {
      const { start, end } = place.span;
      const gradients = this.#pushOf(place, share).subarray(start, end);
      return this.#stepOf(place, { ...liveArrays(place), gradients }, at);
    });
    stepChunks(steps, this.#options.plan, partials);
    for (const place of this.#places) {
      if (place.chunk.role === "trained") continue;
      const { start, end } = place.span;
      place.shard.weights.set(this.#pushOf(place, share).subarray(start, end), start);
    }
  }

  #reduce(order: UpdateOrder): void {
    if (order.how !== "step") return;
    const { partials } = this.#options;
    const totals = Array.from({ length: order.phase }, (_, reduction) => this.#totals(reduction, partials));
    for (const place of this.#mine(order)) {
      if (place.chunk.role !== "trained") continue;
      const { gradients } = this.#scratch(place, order.part);
      this.#join(place, order, gradients);
      reduceChunk(
        { ...this.#stepOf(place, { ...liveArrays(place), gradients }, stepAt(order)), totals },
        order.phase,
        partials,
      );
    }
  }

  /** A step of a chunk on some arrays. */
  #stepOf({ chunk, optimizer }: Place, arrays: Scratch, at: StepAt): Omit<ChunkStep, "totals"> {
    const step = this.#options.plan.chunks[chunk.step ?? -1];
    if (step === undefined || optimizer === undefined) throw internalError(`no step is planned at ${chunk.start}`);
    return { optimizer, chunk: step, arrays, at };
  }

  get #reductions(): number {
    return this.#options.shards[0]?.optimizer?.reductions.length ?? 0;
  }

  #totals(reduction: number, partials: Float64Array): Float64Array {
    const { shards, plan } = this.#options;
    const optimizer = shards[0]?.optimizer;
    if (optimizer === undefined) throw internalError("an update without an optimizer has no reductions");
    return finishReduction(optimizer, plan, reduction, partials);
  }

  #commit(order: UpdateOrder): void {
    const { journal } = this.#options;
    if (order.how === "stay") return;
    const mine = this.#mine(order);
    const progress = journal.begin(order.part, order.version, mine[0]?.index ?? 0);
    const totals = Array.from({ length: order.how === "step" ? this.#reductions : 0 }, (_, reduction) => {
      return this.#totals(reduction, this.#options.partials);
    });
    for (const place of mine) {
      if (place.index < progress.next) continue;
      const scratch = this.#scratch(place, order.part);
      const isMade = progress.committing && place.index === progress.next;
      if (!isMade) this.#makeChunk(place, order, scratch, totals);
      journal.committing(order.part, place.index);
      place.shard.weights.set(scratch.weights, place.span.start);
      for (const [slot, made] of scratch.slots.entries()) place.shard.slots[slot]?.set(made, place.slots[slot]?.start);
      journal.committed(order.part, place.index);
    }
  }

  /** The new values of a chunk, in scratch. */
  #makeChunk(place: Place, order: UpdateOrder, scratch: Scratch, totals: readonly Float64Array[]): void {
    const { shard, chunk } = place;
    if (order.how === "restore") {
      if (shard.captured === undefined) throw internalError("there are no captured weights to go back to");
      copyInto(scratch, arraysAt(shard.captured, place));
    } else if (chunk.role === "state" || this.#options.models) {
      this.#joinModels(place, order, scratch);
    } else {
      this.#join(place, order, scratch.gradients);
      copyInto(scratch, liveArrays(place));
      updateChunk({ ...this.#stepOf(place, scratch, stepAt(order)), totals });
    }
    // In float64 no sum of squares of finite numbers overflows.
    if (!Number.isFinite(place.kernels.sumOfSquares(scratch.weights))) this.#options.diverged();
  }

  /** Σ weight · gradients of a chunk. */
  #join(place: Place, { shares }: UpdateOrder, into: Float32Array): void {
    const { start, end } = place.span;
    join(into, shares, place.kernels, {
      arrayOf: (share) => this.#pushOf(place, share).subarray(start, end),
      weightOf: ({ weight }) => weight,
    });
  }

  /** State, and models with their slots, as means over rows. */
  #joinModels(place: Place, { shares }: UpdateOrder, scratch: Scratch): void {
    const { start, end } = place.span;
    const isTrained = place.chunk.role === "trained";
    const weightOf = isTrained ? ({ weight }: Share) => weight : shareOfRows(shares);
    const arrayOf = (share: Share) => this.#pushOf(place, share).subarray(start, end);
    join(scratch.weights, shares, place.kernels, { arrayOf, weightOf });
    for (const [index, slot] of isTrained ? scratch.slots.entries() : []) {
      join(slot, shares, place.kernels, {
        arrayOf: (share) => {
          const { start: from, end: to } = place.slots[index] ?? { start: 0, end: 0 };
          return place.shard.pushes[share.slot]?.slots[index]?.subarray(from, to);
        },
        weightOf,
      });
    }
  }

  #pushOf({ shard }: Place, { slot }: Share): Float32Array {
    const push = shard.pushes[slot];
    if (push === undefined) throw internalError(`there is no push of slot ${slot}`);
    return push.weights;
  }

  #scratch({ shard, chunk, slots }: Place, part: number): Scratch {
    const scratch = shard.scratch[part];
    if (scratch === undefined) throw internalError(`there is no scratch for part ${part}`);
    const length = chunk.end - chunk.start;
    return {
      weights: scratch.weights.subarray(0, length),
      gradients: scratch.gradients.subarray(0, length),
      slots: slots.map(({ start, end }, slot) => (scratch.slots[slot] ?? scratch.weights).subarray(0, end - start)),
    };
  }

  #mine({ part, parts }: Part): readonly Place[] {
    if (this.#division.part !== part || this.#division.parts !== parts) {
      this.#division = { part, parts, places: sliceOf(this.#places, { part, parts }) };
    }
    return this.#division.places;
  }
}

/** The `part`-th of `parts` runs of chunks, of about as many floats each. */
export function sliceOf<Item extends { readonly chunk: Span }>(items: readonly Item[], { part, parts }: Part): Item[] {
  const total = items.reduce((sum, { chunk }) => sum + chunk.end - chunk.start, 0);
  let before = 0;
  const mine: Item[] = [];
  for (const item of items) {
    const { start, end } = item.chunk;
    const middle = before + (end - start) / 2;
    if (Math.min(parts - 1, Math.floor((middle / total) * parts)) === part) mine.push(item);
    before += end - start;
  }
  return mine;
}

const stepAt = ({ version, iteration }: UpdateOrder): StepAt => ({ updates: version, iteration });

/** The shard that holds a chunk. */
export function shardOf(shards: readonly ShardAtWork[], { start }: Chunk): ShardAtWork {
  const found = shards.find(({ shard }) => start >= shard.start && start < shard.end);
  if (found === undefined) throw internalError(`no shard holds the chunk at ${start}`);
  return found;
}

/** Where a chunk lies in its shard. */
export function placeOf(chunk: Chunk, { start, slotRanges }: Shard): Pick<Place, "span" | "slots"> {
  const slots = chunk.slots.map((span, index) => shifted(span, slotRanges[index]?.start ?? 0));
  return { span: shifted(chunk, start), slots };
}

function shifted({ start, end }: Span, by: number): Span {
  return { start: start - by, end: end - by };
}

/** A chunk's views of arrays that lie as those of its shard do. */
export function arraysAt({ weights, slots }: ModelArrays, at: Pick<Place, "span" | "slots">): ModelArrays {
  const view = (array: Float32Array, { start, end }: Span) => array.subarray(start, end);
  return { weights: view(weights, at.span), slots: at.slots.map((span, index) => view(slots[index] ?? weights, span)) };
}

const liveArrays = (place: Place): ModelArrays => arraysAt(place.shard, place);

function copyInto(into: ModelArrays, from: ModelArrays): void {
  into.weights.set(from.weights);
  for (const [index, slot] of into.slots.entries()) slot.set(from.slots[index] ?? []);
}
