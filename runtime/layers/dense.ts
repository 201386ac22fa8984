import { sizeOf } from "../shape.js";
import { defineLayer } from "./define-layer.js";
import { required, whole } from "./options.js";
import { type WeightedLayerOptions, weightAndBias, weightOptions } from "./parameters.js";
import { flattenSample } from "./reshape.js";
import type { Tensor } from "./types.js";

export interface DenseOptions extends WeightedLayerOptions {
  /** Number of outputs. */
  readonly units: number;
}

/** y = W · flatten(x) + b. */
export const denseLayer = defineLayer({
  type: "dense",
  inputs: [{ name: "x", dtype: "float32" }],
  options: { units: required(whole(1)), ...weightOptions },
  needsName: true,
  infer: ({ name, inputs: [x], options, check }) => ({
    shape: [options.units],
    attributes: options,
    parameters: weightAndBias({
      name,
      weight: [options.units, sizeOf(x?.shape ?? [])],
      bias: [options.units],
      options,
      check,
    }),
  }),
  lower: (lowering, { bias }) => {
    const { g, parameter } = lowering;
    const inputs = [flattenSample(lowering), parameter("weight"), ...(bias === false ? [] : [parameter("bias")])];
    return g.op("Gemm", inputs, { transB: 1 });
  },
});

/**
 * A fully connected layer: a sample of any shape, flattened in row-major order, to `[units]`.
 * Parameters: `weight` `[units, inputs]` and `bias` `[units]`.
 *
 * @example const ip1 = dense(pool2, { name: "ip1", units: 500 });
 */
export function dense(x: Tensor, options: DenseOptions): Tensor {
  return denseLayer.make([x], options);
}
