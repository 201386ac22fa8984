import { formatShape } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import type { Inference } from "./operator.js";

/**
 * `value` in another shape: by a constant where at most one length is not known beforehand, else by lengths that `value`
 * and `like` have when the program runs. Fails where these do not say all.
 */
export function reshapeTo(
  { g, fail }: Pick<Inference, "fail"> & { readonly g: GraphBuilder },
  value: Value,
  shape: readonly Dim[],
  like: Value = value,
): Value {
  const unknown = shape.filter((dim) => typeof dim !== "number").length;
  if (unknown <= 1) return g.op("Reshape", [value, g.ints(shape.map((dim) => (typeof dim === "number" ? dim : -1)))]);
  const lengths = shape.map((dim) => lengthOf(g, dim, [like, value]) ?? g.ints([-1]));
  if (lengths.filter((length) => g.contentsOf(length)?.[0] === -1).length > 1) {
    fail(`${formatShape(shape)} has several lengths that are not known beforehand`);
  }
  return g.op("Reshape", [value, g.op("Concat", lengths, { axis: 0 })]);
}

/** The length as a vector of one element, where it is a number or one of these values has it. */
function lengthOf(g: GraphBuilder, dim: Dim, values: readonly Value[]): Value | undefined {
  if (typeof dim === "number") return g.ints([dim]);
  for (const value of values) {
    const axis = value.shape.indexOf(dim);
    if (axis >= 0) return g.op("Shape", [value], { start: axis, end: axis + 1 });
  }
  return undefined;
}
