import { broadcast, formatShape } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import type { Inference, Operator, Signature } from "./operator.js";
import { repeated, shapeInput } from "./shape.js";

const signature = { inputs: ["x: any", "shape: int64"], attributes: {} } as const satisfies Signature;

export const expand: Operator<typeof signature> = {
  signature,
  doc: "y = x broadcast with a shape, in both directions (onnx.ai, Expand)",
  infer: ({ x, shape }, n) => ({ dtype: x.dtype, shape: expanded(n, x, shape) }),
  contents: ({ x, shape }, n) => {
    const contents = n.contents(x);
    return contents?.length === 1 ? repeated(contents[0], expanded(n, x, shape)) : contents;
  },
  gradient: (_, { dy }) => ({ x: () => dy }),
};

function expanded(n: Inference<typeof signature>, x: Value, shape: Value): readonly Dim[] {
  const target = shapeInput(n, shape);
  return (
    broadcast(x.shape, target) ?? n.fail(`"${x.name}" ${formatShape(x.shape)} cannot expand to ${formatShape(target)}`)
  );
}
