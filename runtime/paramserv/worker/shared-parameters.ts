import { internalError } from "../../errors.js";
import { stepChunks } from "../../optimizers/apply.js";
import type { UpdatePlan } from "../../optimizers/plan.js";
import type { StepAt } from "../../optimizers/types.js";
import type { VariableBuffer } from "../../program/types.js";
import type { SlotId } from "../protocol/types.js";
import type { Chunk } from "../shards/chunks.js";
import { readWeights, writePush } from "../shards/flat.js";
import type { Shard } from "../shards/memory.js";
import { arraysAt, placeOf, type ShardAtWork, shardOf, type Updating } from "../shards/updating.js";
import type { UserUpdate } from "../shards/user-update.js";
import type { LocalStep, Parameters, PushedItem, PushOutcome } from "./parameters.js";

interface SharedOptions {
  readonly layout: VariableBuffer;
  readonly shards: readonly ShardAtWork[];
  readonly chunks: readonly Chunk[];
  /** Of the optimizer's steps; absent where a user function makes them. */
  readonly plan?: UpdatePlan | undefined;
  /** The user function that makes the worker's local steps, where it is no optimizer. */
  readonly user?: UserUpdate | undefined;
  readonly models: boolean;
  /** Whether gradients are looked at before they are pushed. */
  readonly checkFinite: boolean;
  /** Makes the updates of the worker's own pushes at once, where nobody waits for anybody (HOGWILD). */
  readonly alone?: { readonly updating: Updating; readonly partials: Float64Array } | undefined;
  /** Updates made so far by all workers together, where they make them alone: one shared word. */
  readonly updates?: Int32Array | undefined;
  /** Doubles for the sums of the reductions of local steps. */
  readonly partials: Float64Array;
}

/** Parameters in shared memory. */
export class SharedParameters implements Parameters {
  readonly bytes: Parameters["bytes"];
  readonly #options: SharedOptions;
  readonly #shards: readonly Shard[];
  #frozenIsRead = false;

  constructor(options: SharedOptions) {
    this.#options = options;
    this.#shards = options.shards.map(({ shard }) => shard);
    const { layout, models } = options;
    const slots = this.#shards[0]?.slots.length ?? 0;
    const floats = models ? layout.pushed + slots * layout.trained : layout.pushed;
    const each = Float32Array.BYTES_PER_ELEMENT;
    this.bytes = { pull: layout.pushed * each, push: floats * each };
  }

  pull(slot: SlotId, weights: Float32Array): void {
    const { layout } = this.#options;
    readWeights(this.#shards, weights, this.#frozenIsRead ? layout.pushed : layout.size);
    this.#frozenIsRead = true;
    for (const shard of this.#shards) {
      const local = shard.local?.[slot];
      if (local === undefined) continue;
      local.weights.set(shard.weights.subarray(0, shard.trained));
      for (const [index, own] of local.slots.entries()) own.set(shard.slots[index] ?? []);
    }
  }

  collect(slot: SlotId, pushed: Float32Array, anew: boolean): void {
    if (anew) {
      writePush(this.#shards, slot, pushed);
      return;
    }
    for (const { shard, kernels } of this.#options.shards) {
      const { start, trained, pushes } = shard;
      const sum = pushes[slot]?.weights;
      const { gradients } = this.#local(shard, slot);
      if (sum === undefined) throw internalError(`there is no push of slot ${slot}`);
      gradients.set(pushed.subarray(start, start + trained));
      kernels.accumulate(sum.subarray(0, trained), gradients, 1);
      sum.set(pushed.subarray(start + trained, start + sum.length), trained);
    }
  }

  async step({ slot, weights, pushed, updates, iteration, where }: LocalStep): Promise<void> {
    const { layout, user } = this.#options;
    const gradients = pushed.subarray(0, layout.trained);
    if (user === undefined) this.#stepChunks(slot, weights, gradients, { updates, iteration });
    else await user.step(weights, gradients, where);
    weights.set(pushed.subarray(layout.trained, layout.pushed), layout.trained);
    if (user === undefined) return;
    for (const shard of this.#shards) {
      if (shard.local === undefined || shard.trained === 0) continue;
      this.#local(shard, slot).weights.set(weights.subarray(shard.start, shard.start + shard.trained));
    }
  }

  push({ slot, rows, version, iteration }: PushedItem): PushOutcome {
    const { models, checkFinite, alone } = this.#options;
    if (models) this.#layModel(slot);
    const finite =
      !checkFinite ||
      this.#options.shards.every(({ shard, kernels }) => {
        const push = shard.pushes[slot]?.weights;
        // In float64 no sum of squares of finite numbers overflows.
        return push === undefined || push.length === 0 || Number.isFinite(kernels.sumOfSquares(push));
      });
    if (alone !== undefined && finite) {
      const updates = this.#options.updates === undefined ? version : Atomics.add(this.#options.updates, 0, 1);
      alone.updating.makeAlone({ slot, rows, weight: 1 }, { updates, iteration }, alone.partials);
    }
    return { finite };
  }

  /** Every chunk by the optimizer, on the worker's own copy. */
  #stepChunks(slot: SlotId, weights: Float32Array, gradients: Float32Array, at: StepAt): void {
    const { shards, plan, chunks, partials } = this.#options;
    for (const { shard } of shards) {
      const local = this.#local(shard, slot);
      local.gradients.set(gradients.subarray(shard.start, shard.start + shard.trained));
    }
    const steps = chunks.flatMap((chunk) => {
      const step = plan?.chunks[chunk.step ?? -1];
      const { shard, optimizer } = shardOf(shards, chunk);
      if (step === undefined || optimizer === undefined) return [];
      const local = this.#local(shard, slot);
      const place = placeOf(chunk, shard);
      const own = local.gradients.subarray(place.span.start, place.span.end);
      return [{ optimizer, chunk: step, arrays: { ...arraysAt(local, place), gradients: own }, at }];
    });
    if (plan !== undefined) stepChunks(steps, plan, partials);
    for (const { shard } of shards) weights.set(this.#local(shard, slot).weights, shard.start);
  }

  /** The worker's own model in place of gradients. */
  #layModel(slot: SlotId): void {
    for (const shard of this.#shards) {
      const push = shard.pushes[slot];
      if (push === undefined || shard.trained === 0) continue;
      const local = this.#local(shard, slot);
      push.weights.set(local.weights);
      for (const [index, own] of local.slots.entries()) push.slots[index]?.set(own);
    }
  }

  #local({ local }: Shard, slot: SlotId): NonNullable<Shard["local"]>[number] {
    const own = local?.[slot];
    if (own === undefined) throw internalError("this run has no memory for steps between two pushes");
    return own;
  }
}
