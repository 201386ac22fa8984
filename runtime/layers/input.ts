import type { SourceRef } from "../errors.js";
import { defineLayer } from "./define-layer.js";
import { required, shape } from "./options.js";
import { internalSource } from "./source.js";
import type { Shape, Tensor } from "./types.js";

/** x, fed with each batch. */
export const inputLayer = defineLayer({
  type: "input",
  role: "source",
  inputs: [],
  options: { shape: required(shape(1)) },
  needsName: true,
  infer: ({ options }) => ({ shape: options.shape, attributes: options }),
  lower: internalSource,
});

/**
 * A float32 input of the network.
 *
 * @param name unique in its network
 * @param shape one sample, without the batch: `[channels, height, width]` for an image, `[features]` for a vector
 * @example const data = input("data", [1, 28, 28]);
 */
export function input(name: string, shape: Shape, options: { readonly at?: SourceRef } = {}): Tensor {
  return inputLayer.make([], { ...options, name, shape } as { readonly name: string });
}
