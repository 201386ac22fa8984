import type { GraphBuilder, Value } from "../types.js";
import type { Operator, Signature } from "./operator.js";

const signature = { inputs: ["x: any"], attributes: { perm: { kind: "ints" } } } as const satisfies Signature;

export const transpose: Operator<typeof signature> = {
  signature,
  doc: "y = x with its axes in the order `perm`, by default reversed (onnx.ai, Transpose)",
  infer: ({ x: { dtype, shape } }, { attributes, fail }) => {
    const perm = attributes.perm ?? shape.map((_, axis) => axis).reverse();
    const sorted = [...perm].sort((a, b) => a - b);
    if (sorted.length !== shape.length || sorted.some((axis, index) => axis !== index)) {
      fail(`perm is [${perm.join(",")}]; expected an order of the ${shape.length} axes`);
    }
    return { dtype, shape: perm.map((axis) => shape[axis] ?? 1) };
  },
  gradient: (_, { g, dy, attributes: { perm } }) => ({
    x: () => g.op("Transpose", [dy], { perm: perm?.map((_axis, axis) => perm.indexOf(axis)) }),
  }),
};

/** `value` with its last two axes exchanged. */
export function swapLast(g: GraphBuilder, value: Value): Value {
  const rank = value.shape.length;
  const perm = value.shape.map((_, axis) => (axis < rank - 2 ? axis : rank - 1 - (axis - (rank - 2))));
  return g.op("Transpose", [value], { perm });
}
