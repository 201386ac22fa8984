import type { SourceRef } from "../errors.js";
import { defineLayer } from "./define-layer.js";
import { required, shape } from "./options.js";
import { internalSource } from "./source.js";
import type { Shape, Tensor } from "./types.js";

/** The true values, fed with each batch. */
export const targetLayer = defineLayer({
  type: "target",
  role: "source",
  inputs: [],
  options: { shape: required(shape(0)) },
  needsName: true,
  infer: ({ options }) => ({ shape: options.shape, attributes: options }),
  lower: internalSource,
});

/**
 * Values (float32) to learn, for regression.
 *
 * @param name unique in its network
 * @param shape one sample, without the batch; `[]` is one number a sample
 * @example const price = target("price", [1]);
 */
export function target(name: string, shape: Shape, options: { readonly at?: SourceRef } = {}): Tensor {
  return targetLayer.make([], { ...options, name, shape } as { readonly name: string });
}
