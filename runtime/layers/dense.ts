import { defineLayer } from "./define-layer.js";
import { type NamedOptionsOf, type Resolved, required, whole } from "./options.js";
import { lengthOf, parametersOf, weightOptions } from "./parameters.js";
import { flattenSample } from "./reshape.js";
import type { Lowering, Tensor } from "./types.js";

const table = {
  /** Number of outputs. */
  units: required(whole(1)),
  ...weightOptions,
};

export type DenseOptions = NamedOptionsOf<typeof table>;

/** The variables of units that each take all features. */
function unitsOf(l: Lowering, features: number, { units, weights, bias, ...multipliers }: Resolved<typeof table>) {
  return parametersOf(l, multipliers, {
    weight: { shape: [units, features], start: weights },
    bias: { shape: [units], start: bias },
  });
}

/** y = W · flatten(x) + b. */
export const denseLayer = defineLayer({
  type: "dense",
  inputs: ["x: float"],
  options: table,
  needsName: true,
  lower: (l, { x }, options) => {
    const rows = flattenSample(l.g, x);
    const { weight, bias } = unitsOf(l, lengthOf(l, rows, 1, "sample's size"), options);
    return l.g.op("Gemm", [rows, weight, bias], { transB: 1 });
  },
});

/**
 * A fully connected layer: a sample of any shape, flattened in row-major order, to `[units]`.
 * Variables: `weight` `[units, inputs]` and `bias` `[units]`.
 *
 * @example const ip1 = dense(pool2, { name: "ip1", units: 500 });
 */
export function dense(x: Tensor, options: DenseOptions): Tensor {
  return denseLayer.make([x], options);
}

export type LinearOptions = NamedOptionsOf<typeof table>;

/** y[…, u] = Σ W[u, i] · x[…, i] over i, + b[u]. */
export const linearLayer = defineLayer({
  type: "linear",
  inputs: ["x: float"],
  options: table,
  needsName: true,
  lower: (l, { x }, options) => {
    const { g } = l;
    if (x.shape.length < 2) l.fail("LAYER_RANK_WRONG", "its sample has rank 0, expected a last axis of features");
    const features = lengthOf(l, x, x.shape.length - 1, "last axis");
    const { weight, bias } = unitsOf(l, features, options);
    if (x.shape.length === 2) return g.op("Gemm", [x, weight, bias], { transB: 1 });
    const scores = g.op("MatMul", [x, g.op("Transpose", [weight], { perm: [1, 0] })]);
    return bias === undefined ? scores : g.op("Add", [scores, bias]);
  },
});

/**
 * A fully connected layer over the last axis: `[…, features]` to `[…, units]`, the same for every place (Keras' Dense,
 * PyTorch's Linear). Variables: `weight` `[units, features]` and `bias` `[units]`.
 *
 * @example const scores = linear(states, { name: "scores", units: 10 });
 */
export function linear(x: Tensor, options: LinearOptions): Tensor {
  return linearLayer.make([x], options);
}
