import { add, ceilDiv, formatShape, mul, quotient, sub } from "../lengths.js";
import type { Dim } from "../types.js";
import { axisOf, type Inference, type Inputs, listOf, type Operator, type Signature } from "./operator.js";
import { zerosLike } from "./zeros.js";

const signature = {
  inputs: ["x: any", "sizes?: int64"],
  outputs: ["...ys"],
  attributes: { axis: { kind: "int", default: 0 }, num_outputs: { kind: "int" } },
} as const satisfies Signature;

export const split: Operator<typeof signature> = {
  signature,
  doc: "ys = x cut along an axis into parts of these sizes, or into num_outputs parts of which the last may be shorter (onnx.ai, Split)",
  infer: ({ x, sizes }, n) => {
    const axis = axisOf(n, n.attributes.axis, x.shape.length);
    return partsOf({ x, sizes }, n).map((size) => ({
      dtype: x.dtype,
      shape: x.shape.map((dim, i) => (i === axis ? size : dim)),
    }));
  },
  contents: ({ x, sizes }, n) => {
    const [first] = partsOf({ x, sizes }, n);
    return typeof first === "number" ? n.contents(x)?.slice(0, first) : undefined;
  },
  gradient: (_, { g, outputs, dys, attributes: { axis } }) => ({
    x: () => {
      const parts = outputs.map((y, index) => dys[index] ?? zerosLike(g, y));
      return g.op("Concat", parts, { axis });
    },
  }),
};

/** The length of each part. */
function partsOf({ x, sizes }: Inputs<typeof signature>, n: Inference<typeof signature>): readonly Dim[] {
  const { axis, num_outputs: count } = n.attributes;
  const length = x.shape[axisOf(n, axis, x.shape.length)] ?? 0;
  const parts = sizes ? listOf(n, sizes, "sizes") : equalParts(n, length);
  if (sizes && count !== undefined) n.fail("it has both sizes and num_outputs");
  if (parts.length !== n.outputs) n.fail(`it has ${n.outputs} outputs; expected ${parts.length}`);
  const total = parts.reduce(add, 0);
  if (total !== length || parts.some((part) => typeof part === "number" && part < 0)) {
    n.fail(`the sizes [${parts.join(",")}] make ${total}; axis ${axis} of ${formatShape(x.shape)} has ${length}`);
  }
  return parts;
}

function equalParts(n: Inference<typeof signature>, length: Dim): readonly Dim[] {
  const { num_outputs: count } = n.attributes;
  if (count === undefined || count < 1) return n.fail("it has neither sizes nor num_outputs of 1 or more");
  const size = quotient(length, count) ?? ceilDiv(length, count);
  return Array.from({ length: count }, (_, index) => (index < count - 1 ? size : sub(length, mul(size, count - 1))));
}
