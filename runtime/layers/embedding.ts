import { defineLayer } from "./define-layer.js";
import { gaussian } from "./initializers.js";
import { type NamedOptionsOf, required, whole, withDefault } from "./options.js";
import { multiplierOptions, parametersOf, type Start, start } from "./parameters.js";
import type { Tensor } from "./types.js";

const table = {
  /** How many tokens there are; tokens are 0 … rows − 1. */
  rows: required(whole(1)),
  /** The length of each token's vector. */
  units: required(whole(1)),
  /** How the vectors start, or a tensor `[rows, units]` in their place. Default `gaussian()` (PyTorch's Embedding). */
  weights: withDefault<Start>(start(), gaussian()),
  ...multiplierOptions,
};

export type EmbeddingOptions = NamedOptionsOf<typeof table>;

/** y[…, u] = W[x[…], u]. */
export const embeddingLayer = defineLayer({
  type: "embedding",
  inputs: ["tokens: index"],
  below: { tokens: "rows" },
  options: table,
  needsName: true,
  lower: (l, { tokens }, { rows, units, weights, ...multipliers }) => {
    const { weight } = parametersOf(l, multipliers, { weight: { shape: [rows, units], start: weights } });
    return l.g.op("Gather", [weight, tokens]);
  },
});

/**
 * A learned vector for each token: int32 or int64 `[…]` to float32 `[…, units]`. Data with tokens outside 0 … rows − 1 are refused. Variable: `weight` `[rows, units]`.
 *
 * @example const words = embedding(tokens, { name: "words", rows: 10_000, units: 64 });
 */
export function embedding(tokens: Tensor, options: EmbeddingOptions): Tensor {
  return embeddingLayer.make([tokens], options);
}
