import type { SourceRef } from "../errors.js";
import type { Dim } from "../graph/types.js";
import { lengthsByName, required } from "./options.js";
import { defineSource } from "./source.js";
import type { Tensor } from "./types.js";

/** The true values, fed with each batch. */
export const targetLayer = defineSource({
  type: "target",
  options: { shape: required(lengthsByName(0)) },
  output: ({ shape }) => ({ dtype: "float32", shape: ["N", ...shape] }),
});

/**
 * Values (float32) to learn, for regression; also masks and weights of samples for a loss.
 *
 * @param name unique in its network
 * @param shape one sample, without the batch; `[]` is one number a sample
 * @example const price = target("price", [1]);
 */
export function target(name: string, shape: readonly Dim[], options: { readonly at?: SourceRef } = {}): Tensor {
  return targetLayer.make({ ...options, name, shape });
}
