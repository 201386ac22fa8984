import type { Value } from "../graph/types.js";
import { defineLayer } from "./define-layer.js";
import type { OptionsOf } from "./options.js";
import type { Lowering, Tensor } from "./types.js";

export type GlobalPoolOptions = OptionsOf<Record<never, never>>;

/** All axes behind the channels. */
function placesOf(l: Lowering, x: Value): Value {
  const axes = x.shape.flatMap((_, axis) => (axis > 1 ? [axis] : []));
  const found = `its sample has rank ${x.shape.length - 1}, expected [channels, …]`;
  l.check(axes.length > 0, "LAYER_RANK_WRONG", `${found} with an axis to pool`);
  return l.g.ints(axes);
}

/** y[c] = mean of x[c, …]. */
export const globalAveragePoolLayer = defineLayer({
  type: "globalAveragePool",
  inputs: ["x: float"],
  options: {},
  lower: (l, { x }) => l.g.op("ReduceMean", [x, placesOf(l, x)], { keepdims: 0 }),
});

/** y[c] = max of x[c, …]; equal maxima share the gradient. */
export const globalMaxPoolLayer = defineLayer({
  type: "globalMaxPool",
  inputs: ["x: float"],
  options: {},
  lower: (l, { x }) => l.g.op("ReduceMax", [x, placesOf(l, x)], { keepdims: 0 }),
});

/**
 * The mean of each channel: `[channels, …]`, whose lengths need not be known, to `[channels]`.
 *
 * @example const features = globalAveragePool(conv5);
 */
export function globalAveragePool(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return globalAveragePoolLayer.make([x], options);
}

/**
 * The maximum of each channel: `[channels, …]`, whose lengths need not be known, to `[channels]`.
 *
 * @example const features = globalMaxPool(conv5);
 */
export function globalMaxPool(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return globalMaxPoolLayer.make([x], options);
}
