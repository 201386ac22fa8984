import type { GraphBuilder, Value } from "../graph/types.js";

/** The mean of all entries, a scalar. */
export function meanOfAll(g: GraphBuilder, value: Value): Value {
  return g.op("ReduceMean", [value, g.ints(value.shape.map((_, axis) => axis))], { keepdims: 0 });
}
