import type { LayerOptions } from "./call.js";
import { defineLayer } from "./define-layer.js";
import { optional, shape, whole, withDefault } from "./options.js";
import { internalSource } from "./source.js";
import type { Shape, Tensor } from "./types.js";

export interface LabelOptions {
  /** Number of classes; labels are 0 … classes − 1. Default: as many as the scores that it is compared with. */
  readonly classes?: number;
  /** Default `[]`, one label a sample; `[height, width]` for one label a pixel. */
  readonly shape?: Shape;
  readonly at?: LayerOptions["at"];
}

/** The true class numbers, fed with each batch. */
export const labelLayer = defineLayer({
  type: "label",
  role: "source",
  inputs: [],
  options: { classes: optional(whole(1)), shape: withDefault<Shape>(shape(0), []) },
  needsName: true,
  infer: ({ options }) => ({ shape: options.shape, dtype: "int32", attributes: options }),
  lower: internalSource,
});

/**
 * Class numbers (int32) to learn: one a sample.
 *
 * @param name unique in its network
 * @example const digit = label("label", { classes: 10 });
 */
export function label(name: string, options: LabelOptions = {}): Tensor {
  return labelLayer.make([], { ...options, name } as { readonly name: string });
}
