import { formatShape, sameShape } from "../lengths.js";
import type { Value } from "../types.js";
import { axisOf, type Inference, type Operator, requireRank, type Signature } from "./operator.js";
import { zerosLike } from "./zeros.js";

const axisRow = { kind: "int", default: 0 } as const;

const gatherSignature = {
  inputs: ["x: any", "indices: index"],
  attributes: { axis: axisRow },
} as const satisfies Signature;

export const gatherElements: Operator<typeof gatherSignature> = {
  signature: gatherSignature,
  doc: "y[i,j] = x[i,indices[i,j]], with axis 0 x[indices[i,j],j] (onnx.ai, GatherElements)",
  infer: ({ x, indices }, n) => {
    requireRank(n, indices, x.shape.length);
    axisOf(n, n.attributes.axis, x.shape.length);
    return { dtype: x.dtype, shape: indices.shape };
  },
  gradient: ({ x, indices }, { g, dy, attributes: { axis } }) => ({
    x: () => {
      const zeros = zerosLike(g, x);
      return g.op("ScatterElements", [zeros, indices, dy], { axis, reduction: "add" });
    },
  }),
};

const scatterSignature = {
  inputs: ["x: any", "indices: index", "updates: any"],
  attributes: { axis: axisRow, reduction: { kind: "string", default: "none", choices: ["none", "add"] } },
} as const satisfies Signature;

export const scatterElements: Operator<typeof scatterSignature> = {
  signature: scatterSignature,
  doc: "y = x with updates written, or of reduction add added, at the indices of one axis (onnx.ai, ScatterElements)",
  infer: ({ x, indices, updates }, n) => {
    requireRank(n, indices, x.shape.length);
    axisOf(n, n.attributes.axis, x.shape.length);
    requireUpdates(n, x, { indices, updates });
    return { dtype: x.dtype, shape: x.shape };
  },
  gradient: ({ indices, updates }, { g, dy, attributes: { axis, reduction } }) => ({
    x: () => {
      if (reduction === "add") return dy;
      const zeros = zerosLike(g, updates);
      return g.op("ScatterElements", [dy, indices, zeros], { axis });
    },
    updates: () => g.op("GatherElements", [dy, indices], { axis }),
  }),
};

function requireUpdates(
  n: Pick<Inference, "fail">,
  x: Value,
  { indices, updates }: { readonly indices: Value; readonly updates: Value },
): void {
  if (sameShape(indices.shape, updates.shape) && updates.dtype === x.dtype) return;
  n.fail(
    `the updates are ${updates.dtype} ${formatShape(updates.shape)}; expected ${x.dtype} ${formatShape(indices.shape)}`,
  );
}
