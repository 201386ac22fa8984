import { sameShape } from "../graph/dims.js";
import type { Value } from "../graph/types.js";
import { sizeOf } from "../shape.js";
import type { Lowering } from "./types.js";

/** A value with its samples in another shape of the same size. */
export function reshapeSample({ g }: Pick<Lowering, "g">, value: Value, shape: readonly number[]): Value {
  return sameShape(value.shape.slice(1), shape) ? value : g.op("Reshape", [value, g.ints([-1, ...shape])]);
}

/** The layer's one input as rows of numbers. */
export function flattenSample(lowering: Lowering): Value {
  const [input] = lowering.inputs as [Value];
  return reshapeSample(lowering, input, [sizeOf(lowering.node.inputs[0]?.shape ?? [])]);
}
