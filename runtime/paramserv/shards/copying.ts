import type { Shard } from "./memory.js";
import type { Part } from "./updating.js";

/** Floats copied at a time. */
const piece = 1 << 16;

/** Copies the weights, and the optimizer's slots where there is room for them, to where they stay as they are for a while. */
export class Copying {
  readonly #pairs: readonly { readonly from: Float32Array; readonly to: Float32Array }[];

  constructor(shards: readonly Shard[]) {
    this.#pairs = shards.flatMap(({ weights, slots, captured }) => {
      if (captured === undefined) return [];
      return [
        { from: weights, to: captured.weights },
        ...captured.slots.flatMap((to, index) => ({ from: slots[index] ?? to, to })),
      ];
    });
  }

  /** Copies one of so many parts; may be done again. */
  copy({ part, parts }: Part): void {
    let index = 0;
    for (const { from, to } of this.#pairs) {
      for (let at = 0; at < from.length; at += piece, index++) {
        if (index % parts === part) to.set(from.subarray(at, at + piece), at);
      }
    }
  }
}
