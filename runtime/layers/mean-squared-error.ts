import type { Value } from "../graph/types.js";
import { defineScalar } from "./define-layer.js";
import { distanceOptions, requireSameShape } from "./distance.js";
import { choice, type OptionsOf, withDefault } from "./options.js";
import { meanOverPlaces, placeWeights, whereCounted } from "./place-weights.js";
import type { Lowering, Mean, Scalar, Tensor } from "./types.js";

const table = {
  /**
   * Default "mean": the mean of (a − b)² over all numbers of the batch (PyTorch's MSELoss, Keras' mean_squared_error).
   * "halfSum": ½ Σ (a − b)² over a sample, mean over the rows (Caffe's EuclideanLoss, Σ (a − b)² / 2N).
   */
  reduction: withDefault<"mean" | "halfSum">(choice(["mean", "halfSum"]), "mean"),
  ...distanceOptions,
};

export type MeanSquaredErrorOptions = OptionsOf<typeof table>;

/** ½ Σ over each row, weighted: what a row comes to is one place. */
function halfSum(l: Lowering, squares: Value, weights: Tensor | undefined, factor: number): Mean {
  const axes = squares.shape.flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  const rows = axes.length === 0 ? squares : l.g.op("ReduceSum", [squares, l.g.ints(axes)], { keepdims: 0 });
  return meanOverPlaces(l.g, { values: rows, weights: placeWeights(l, weights, rows), data: rows, factor: factor / 2 });
}

/** L = weight · mean of (a − b)², or weight · Σ (a − b)² / 2N for N rows. */
export const meanSquaredErrorLayer = defineScalar({
  type: "meanSquaredError",
  role: "loss",
  inputs: ["prediction: float", "target: float"],
  options: table,
  lower: (l, { prediction, target }, { reduction, weight, sampleWeights }) => {
    requireSameShape(l, prediction, target);
    const weights = placeWeights(l, sampleWeights, target);
    const difference = whereCounted(l.g, l.g.op("Sub", [prediction, target]), weights);
    const values = l.g.op("Mul", [difference, difference]);
    if (reduction === "halfSum") return halfSum(l, values, sampleWeights, weight);
    return meanOverPlaces(l.g, {
      values,
      weights,
      data: target,
      factor: weight,
    });
  },
});

/**
 * Squared distance of two tensors of one shape. The target may be a `target()` or any other float32 tensor, such as the
 * input of an autoencoder; gradients go to both.
 *
 * @example const loss = meanSquaredError(ip2, price);
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: MeanSquaredErrorOptions = {}): Scalar {
  return meanSquaredErrorLayer.make([prediction, target], options);
}
