import type { GraphBuilder, Value } from "../types.js";
import { type Differentiation, inputAt, listOf, type Operator } from "./operator.js";

/** y = x with its axes in the order `perm` (default: reversed) */
export const transpose: Operator = {
  inputs: [1, 1],
  attributes: { perm: { kind: "ints" } },
  infer: (n) => {
    const { dtype, shape } = inputAt(n, 0);
    const perm = listOf(n.attributes, "perm") ?? shape.map((_, axis) => axis).reverse();
    const sorted = [...perm].sort((a, b) => a - b);
    if (sorted.length !== shape.length || sorted.some((axis, index) => axis !== index)) {
      n.fail(`perm is [${perm.join(",")}]; expected an order of the ${shape.length} axes`);
    }
    return [{ dtype, shape: perm.map((axis) => shape[axis] ?? 1) }];
  },
  gradient: (d) => [() => d.g.op("Transpose", [d.dy], inverse(d))],
};

function inverse({ attributes }: Differentiation): { perm: readonly number[] } | Record<string, never> {
  const perm = listOf(attributes, "perm");
  return perm ? { perm: perm.map((_, axis) => perm.indexOf(axis)) } : {};
}

/** `value` with its last two axes exchanged. */
export function swapLast(g: GraphBuilder, value: Value): Value {
  const rank = value.shape.length;
  const perm = value.shape.map((_, axis) => (axis < rank - 2 ? axis : rank - 1 - (axis - (rank - 2))));
  return g.op("Transpose", [value], { perm });
}
