import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import type { Journal } from "./journal.js";
import { join, type Share, shareOfRows } from "./joining.js";
import type { ModelArrays, Scratch, Shard } from "./memory.js";
import type { Chunk, Span } from "./plan.js";
import type { StepAt, Stepper } from "./stepper.js";

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
  readonly stepper: Stepper;
}

interface UpdatingOptions {
  readonly shards: readonly ShardAtWork[];
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
  /** Where it lies in its shard. */
  readonly span: Span;
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
      const span = { start: chunk.start - at.shard.start, end: chunk.end - at.shard.start };
      return { ...at, index, chunk, span };
    });
  }

  /** Makes a part of a phase of an update, or goes on with it where another died. */
  make(order: UpdateOrder): void {
    const { stepper } = this.#options.shards[0] ?? {};
    if (order.phase < (stepper?.reductions ?? 0)) this.#reduce(order);
    else this.#commit(order);
  }

  /** The update of one push by the worker that made it, in place, while others do the same: nobody waits for anybody. */
  makeAlone(share: Share, at: StepAt, partials: Float64Array): void {
    const places = this.#places.filter(({ chunk }) => chunk.role === "trained");
    const arraysAt = (place: Place): Scratch => {
      const { span } = place;
      const gradients = this.#pushOf(place, share).subarray(span.start, span.end);
      return { ...arraysOf(place.shard, span), gradients };
    };
    const [first] = places;
    for (let reduction = 0; reduction < (first?.stepper.reductions ?? 0); reduction++) {
      for (const place of places) place.stepper.reduce(reduction, place.index, arraysAt(place), at, partials);
    }
    for (const place of places) place.stepper.update(place.index, arraysAt(place), at, partials);
    for (const place of this.#places) {
      if (place.chunk.role === "trained") continue;
      const { start, end } = place.span;
      place.shard.weights.set(this.#pushOf(place, share).subarray(start, end), start);
    }
  }

  #reduce(order: UpdateOrder): void {
    if (order.how !== "step") return;
    const { partials } = this.#options;
    for (const place of this.#mine(order)) {
      if (place.chunk.role !== "trained") continue;
      const { span } = place;
      const { gradients } = this.#scratch(place, order.part);
      this.#join(place, order, gradients);
      const arrays = { ...arraysOf(place.shard, span), gradients };
      place.stepper.reduce(order.phase, place.index, arrays, stepAt(order), partials);
    }
  }

  #commit(order: UpdateOrder): void {
    const { journal } = this.#options;
    if (order.how === "stay") return;
    const mine = this.#mine(order);
    const progress = journal.begin(order.part, order.version, mine[0]?.index ?? 0);
    for (const place of mine) {
      if (place.index < progress.next) continue;
      const scratch = this.#scratch(place, order.part);
      const isMade = progress.committing && place.index === progress.next;
      if (!isMade) this.#makeChunk(place, order, scratch);
      journal.committing(order.part, place.index);
      const { start, end } = place.span;
      place.shard.weights.set(scratch.weights, start);
      if (place.chunk.role === "trained") {
        for (const [slot, array] of place.shard.slots.entries()) {
          array.subarray(start, end).set(scratch.slots[slot] ?? []);
        }
      }
      journal.committed(order.part, place.index);
    }
  }

  /** The new values of a chunk, in scratch. */
  #makeChunk(place: Place, order: UpdateOrder, scratch: Scratch): void {
    const { shard, chunk } = place;
    const { span } = place;
    if (order.how === "restore") {
      if (shard.captured === undefined) throw internalError("there are no captured weights to go back to");
      copyInto(scratch, arraysOf({ ...shard.captured }, span));
    } else if (chunk.role === "state" || this.#options.models) {
      this.#joinModels(place, order, scratch);
    } else {
      this.#join(place, order, scratch.gradients);
      copyInto(scratch, arraysOf(shard, span));
      place.stepper.update(place.index, scratch, stepAt(order), this.#options.partials);
    }
    if (!place.kernels.isFinite(scratch.weights)) this.#options.diverged();
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
        arrayOf: (share) => place.shard.pushes[share.slot]?.slots[index]?.subarray(start, end),
        weightOf,
      });
    }
  }

  #pushOf({ shard }: Place, { slot }: Share): Float32Array {
    const push = shard.pushes[slot];
    if (push === undefined) throw internalError(`there is no push of slot ${slot}`);
    return push.weights;
  }

  #scratch({ shard, chunk }: Place, part: number): Scratch {
    const scratch = shard.scratch[part];
    if (scratch === undefined) throw internalError(`there is no scratch for part ${part}`);
    const length = chunk.end - chunk.start;
    return {
      weights: scratch.weights.subarray(0, length),
      gradients: scratch.gradients.subarray(0, length),
      slots: chunk.role === "trained" ? scratch.slots.map((slot) => slot.subarray(0, length)) : [],
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

function shardOf(shards: readonly ShardAtWork[], { start }: Chunk): ShardAtWork {
  const found = shards.find(({ shard }) => start >= shard.start && start < shard.end);
  if (found === undefined) throw internalError(`no shard holds the chunk at ${start}`);
  return found;
}


function arraysOf({ weights, slots }: ModelArrays, { start, end }: Span): ModelArrays {
  return { weights: weights.subarray(start, end), slots: slots.map((slot) => slot.subarray(start, end)) };
}

function copyInto(into: ModelArrays, from: ModelArrays): void {
  into.weights.set(from.weights);
  for (const [index, slot] of into.slots.entries()) slot.set(from.slots[index] ?? []);
}
