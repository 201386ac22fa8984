import type { Value } from "../graph/types.js";
import { sizeOf } from "../shape.js";
import type { LayerOptions } from "./call.js";
import { defineLayer } from "./define-layer.js";
import { choice, real, withDefault } from "./options.js";
import { show } from "./plain.js";
import { meanOfAll } from "./reduce.js";
import type { Tensor } from "./types.js";

export interface MeanSquaredErrorOptions extends LayerOptions {
  /**
   * Default "mean": the mean of (a − b)² over all numbers of the batch (PyTorch's MSELoss, Keras' mean_squared_error).
   * "halfSum": ½ Σ (a − b)² over a sample, mean over the rows (Caffe's EuclideanLoss, Σ (a − b)² / 2N).
   */
  readonly reduction?: "mean" | "halfSum";
  /** Factor of the loss. Default 1 (caffe.proto, LayerParameter.loss_weight). */
  readonly weight?: number;
}

/** L = weight · mean of (a − b)², or weight · Σ (a − b)² / 2N for N rows. */
export const meanSquaredErrorLayer = defineLayer({
  type: "meanSquaredError",
  role: "loss",
  inputs: [
    { name: "prediction", dtype: "float32" },
    { name: "target", dtype: "float32" },
  ],
  options: {
    reduction: withDefault<"mean" | "halfSum">(choice(["mean", "halfSum"]), "mean"),
    weight: withDefault(real("a number"), 1),
  },
  infer: ({ inputs, options, check }) => {
    const [prediction, target] = inputs as readonly [Tensor, Tensor];
    const found = `its prediction "${prediction.name}" is ${show(prediction.shape)} and its target "${target.name}" ${show(target.shape)}`;
    const same = show(prediction.shape) === show(target.shape);
    check(same, "LAYER_SHAPE_MISMATCH", `${found}, expected the same shape`);
    return { shape: [], attributes: { ...options, size: sizeOf(prediction.shape) } };
  },
  lower: ({ g, inputs }, { reduction, weight, size }) => {
    const [prediction, target] = inputs as [Value, Value];
    const difference = g.op("Sub", [prediction, target]);
    const mean = meanOfAll(g, g.op("Mul", [difference, difference]));
    const factor = reduction === "mean" ? weight : (weight * size) / 2;
    return factor === 1 ? mean : g.op("Mul", [mean, g.scalar(factor)]);
  },
});

/**
 * Squared distance of two tensors of one shape: one number for the batch. The target may be a `target()` or any other
 * float32 tensor, such as the input of an autoencoder; gradients go to both.
 *
 * @example const loss = meanSquaredError(ip2, price);
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: MeanSquaredErrorOptions = {}): Tensor {
  return meanSquaredErrorLayer.make([prediction, target], options);
}
