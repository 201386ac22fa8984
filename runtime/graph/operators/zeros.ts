import type { GraphBuilder, Value } from "../types.js";

/** Zeros in the shape of a value. */
export function zerosLike(g: GraphBuilder, value: Value): Value {
  return g.op("ConstantOfShape", [g.op("Shape", [value])]);
}
