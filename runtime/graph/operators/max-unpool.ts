import { formatShape, sameShape } from "../lengths.js";
import type { Value } from "../types.js";
import type { Operator, Signature } from "./operator.js";
import { reshapeLike } from "./reshape.js";
import { shapeInput } from "./shape.js";

const signature = {
  inputs: ["x: float", "indices: int64", "shape: int64"],
  attributes: { kernel_shape: { kind: "ints", required: true }, pads: { kind: "ints" }, strides: { kind: "ints" } },
} as const satisfies Signature;

export const maxUnpool: Operator<typeof signature> = {
  signature,
  doc: "y = zeros of the given shape with x written at the flat indices, those of MaxPool (onnx.ai, MaxUnpool)",
  infer: ({ x, indices, shape }, n) => {
    if (!sameShape(indices.shape, x.shape)) {
      n.fail(`the indices have shape ${formatShape(indices.shape)}; expected ${formatShape(x.shape)}`);
    }
    return { dtype: "float32", shape: shapeInput(n, shape) };
  },
  gradient: ({ x, indices }, { g, dy }) => ({
    // dx = dy at the flat indices
    x: () => {
      const flat = (value: Value) => g.op("Reshape", [value, g.ints([-1])]);
      return reshapeLike(g, g.op("GatherElements", [flat(dy), flat(indices)], { axis: 0 }), x);
    },
  }),
};
