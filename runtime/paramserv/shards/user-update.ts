import { internalError } from "../../errors.js";
import type { Kernels } from "../../kernels/kernels.js";
import { viewsByName } from "../../program/layout.js";
import type { VariableBuffer } from "../../program/types.js";
import { trainedPart } from "../model-layout.js";
import type { Hyperparams } from "../types.js";
import type { UserFunction } from "../user-function.js";
import { readModel } from "../user-results.js";
import { readWeights } from "./flat.js";
import { join, type Share, shareOfRows } from "./joining.js";
import type { Journal } from "./journal.js";
import type { Shard } from "./memory.js";
import type { UpdateOrder } from "./updating.js";

interface UserUpdating {
  readonly agg: UserFunction;
  readonly layout: VariableBuffer;
  readonly hyperparams: Hyperparams;
  readonly shards: readonly { readonly shard: Shard; readonly kernels: Kernels }[];
  readonly journal: Journal;
  readonly models: boolean;
  /** Which worker this is, in messages. */
  readonly worker: string;
}

/**
 * Makes updates by a user function, which gets the whole model, in one part. It is given copies. The next model lies
 * ready as a whole before any of it is committed, so an update can be redone wherever its maker dies.
 */
export class UserUpdate {
  readonly #options: UserUpdating;
  readonly #weights: Float32Array;
  readonly #gradients: Float32Array;
  readonly #next: Float32Array;

  constructor(options: UserUpdating) {
    const { size, trained } = options.layout;
    this.#options = options;
    this.#weights = new Float32Array(size);
    this.#gradients = new Float32Array(trained);
    this.#next = new Float32Array(size);
  }

  async make({ shares, version, part, how }: UpdateOrder): Promise<void> {
    const { shards, journal, worker } = this.#options;
    if (how === "stay") return;
    const progress = journal.begin(part, version, 0);
    for (const [index, { shard }] of shards.entries()) {
      if (index < progress.next) continue;
      // All of the next model is made before the first shard is committed.
      if (index === 0 && !progress.committing) {
        if (how === "restore") this.#layCaptured();
        else await this.#makeNext(shares, `${worker}, update ${version + 1}`);
      }
      journal.committing(part, index);
      shard.weights.set(candidateOf(shard));
      journal.committed(part, index);
    }
  }

  /** A step on a worker's own copy of the model. */
  async step(weights: Float32Array, gradients: Float32Array, where: string): Promise<void> {
    const { agg, layout, hyperparams } = this.#options;
    this.#weights.set(weights);
    this.#gradients.set(gradients);
    const model = viewsByName(layout, this.#weights);
    const value = await agg.call(
      { model, hyperparams, gradients: viewsByName(trainedPart(layout), this.#gradients) },
      where,
    );
    readModel({ value, into: weights, from: agg, where, layout });
  }

  async #makeNext(shares: readonly Share[], where: string): Promise<void> {
    const { shards, models, layout } = this.#options;
    const weightOf = ({ weight }: Share) => weight;
    const gradients = new Float32Array(layout.trained);
    for (const { shard, kernels } of shards) {
      const candidate = candidateOf(shard);
      const { trained } = shard;
      const joinSpan = (start: number, end: number, weigh: (share: Share) => number) => {
        if (start === end) return;
        join(candidate.subarray(start, end), shares, kernels, {
          arrayOf: ({ slot }) => shard.pushes[slot]?.weights.subarray(start, end),
          weightOf: weigh,
        });
      };
      joinSpan(0, trained, weightOf);
      joinSpan(trained, candidate.length, shareOfRows(shares));
      if (trained > 0) gradients.set(candidate.subarray(0, trained), shard.start);
    }
    if (models) return;
    const next = this.#next;
    readWeights(
      shards.map(({ shard }) => shard),
      next,
    );
    await this.step(next, gradients, where);
    for (const { shard } of shards) {
      const { start, trained } = shard;
      candidateOf(shard).set(next.subarray(start, start + trained));
    }
  }

  #layCaptured(): void {
    for (const { shard } of this.#options.shards) {
      const candidate = candidateOf(shard);
      if (shard.captured === undefined) throw internalError("there are no captured weights to go back to");
      candidate.set(shard.captured.weights.subarray(0, candidate.length));
    }
  }
}

function candidateOf({ candidate }: Shard): Float32Array {
  if (candidate === undefined) throw internalError("this run has no memory for a model of a user function");
  return candidate;
}
