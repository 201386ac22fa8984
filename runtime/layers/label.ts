import type { Dim } from "../graph/types.js";
import { lengthsByName, type OptionsOf, optional, whole, withDefault } from "./options.js";
import { defineSource } from "./source.js";
import type { Tensor } from "./types.js";

const table = {
  /** Number of classes; labels are 0 … classes − 1. Default: as many as the scores that it is compared with. */
  classes: optional(whole(1)),
  /** Default `[]`, one label a sample; `[height, width]` for one label a pixel. */
  shape: withDefault<readonly Dim[]>(lengthsByName(0), []),
};

export type LabelOptions = Omit<OptionsOf<typeof table>, "name">;

/** The true class numbers, fed with each batch. */
export const labelLayer = defineSource({
  type: "label",
  options: table,
  output: ({ shape }) => ({ dtype: "int32", shape: ["N", ...shape] }),
});

/**
 * Class numbers (int32) to learn: one a sample.
 *
 * @param name unique in its network
 * @example const digit = label("label", { classes: 10 });
 */
export function label(name: string, options: LabelOptions = {}): Tensor {
  return labelLayer.make({ ...options, name });
}
