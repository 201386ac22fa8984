import { product, sameShape } from "../graph/lengths.js";
import type { GraphBuilder, Value } from "../graph/types.js";
import { tensorOption } from "./tensor-option.js";
import { formatSample } from "./tensors.js";
import type { Lowering, Mean, Tensor } from "./types.js";

/** An option of losses and metrics that weighs samples, for their option tables. */
export const sampleWeights = {
  /**
   * What each sample weighs in the mean, a float32 tensor of the data: `target("weights", [])` for one number a sample, or
   * one a place in the shape of the label: a mask. The mean is Σ weight · value / Σ weight. Default: all weigh the same.
   */
  sampleWeights: tensorOption("a tensor such as target()"),
};

/**
 * The graph value of sample weights, broadcast to places `[N, …]`: its own shape is that of places, or `[N, 1, …]`.
 * Undefined where none are given.
 */
export function placeWeights(l: Lowering, tensor: Tensor | undefined, places: Value): Value | undefined {
  if (tensor === undefined) return undefined;
  const weights = l.valueFor(tensor);
  const rank = places.shape.length;
  const found = `its sampleWeights are ${weights.dtype} ${formatSample(weights.shape)}`;
  const wanted = sampleWeightShapes(places);
  if (weights.dtype !== "float32") l.fail("LAYER_INPUT_INVALID", `${found}, expected float32 ${wanted}`);
  if (sameShape(weights.shape, places.shape)) return weights;
  const each = weights.shape.length === 1 && weights.shape[0] === places.shape[0];
  if (!each) l.fail("LAYER_SHAPE_MISMATCH", `${found}, expected ${wanted}`);
  return l.g.op("Unsqueeze", [weights, l.g.ints(Array.from({ length: rank - 1 }, (_, axis) => axis + 1))]);
}

function sampleWeightShapes({ shape }: Value): string {
  return shape.length === 1 ? "[]" : `[] or ${formatSample(shape)}`;
}

/** The product of weights, some of which may be absent. */
export function combined(g: GraphBuilder, ...weights: readonly (Value | undefined)[]): Value | undefined {
  return weights
    .filter((weight) => weight !== undefined)
    .reduce<Value | undefined>((result, weight) => (result ? g.op("Mul", [result, weight]) : weight), undefined);
}

interface Places {
  /** float32 `[N, …]`: the loss of each place, or what a metric counts there. */
  readonly values: Value;
  /** float32, broadcasts to the places; undefined: each weighs 1. */
  readonly weights: Value | undefined;
  /** A value of the data in the shape of the places, for lengths that are known only when the program runs. */
  readonly data: Value;
  /** Factor of the sum. Default 1. */
  readonly factor?: number;
}

/** The mean over all places as a sum and a weight: the places of a row, or the sum of their weights. */
export function meanOverPlaces(g: GraphBuilder, { values, weights, data, factor = 1 }: Places): Mean {
  const sum = g.op("ReduceSum", [weights ? weighted(g, values, weights) : values], { keepdims: 0 });
  return {
    sum: factor === 1 ? sum : g.op("Mul", [sum, g.scalar(factor)]),
    weight: weights ? rowWeights(g, weights, data) : rowPlaces(g, data),
  };
}

/**
 * A value where its place counts, else 0: what a loss compares goes through this, so that whatever stands at a place of
 * weight 0, NaN and ∞ too, changes neither the loss nor a gradient.
 */
export function whereCounted(g: GraphBuilder, value: Value, weights: Value | undefined): Value {
  if (weights === undefined) return value;
  const counts = g.op("Not", [g.op("Equal", [weights, g.scalar(0)])]);
  return g.op("Where", [counts, value, g.scalar(0)]);
}

/** values · weights, and 0 where the weight is 0, whatever the value: 0 · ∞ is none. */
function weighted(g: GraphBuilder, values: Value, weights: Value): Value {
  return whereCounted(g, g.op("Mul", [values, weights]), weights);
}

function sumOfRows(g: GraphBuilder, value: Value): Value {
  if (value.shape.length === 1) return value;
  const axes = value.shape.flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  return g.op("ReduceSum", [value, g.ints(axes)], { keepdims: 0 });
}

function rowPlaces(g: GraphBuilder, data: Value): number | Value {
  const places = product(data.shape.slice(1));
  if (typeof places === "number") return places;
  return sumOfRows(g, g.op("Expand", [g.scalar(1), g.op("Shape", [data])]));
}

/** float32 `[N]`: the weights of each row's places. */
function rowWeights(g: GraphBuilder, weights: Value, data: Value): Value {
  if (sameShape(weights.shape, data.shape)) return sumOfRows(g, weights);
  return sumOfRows(g, g.op("Expand", [weights, g.op("Shape", [data])]));
}
