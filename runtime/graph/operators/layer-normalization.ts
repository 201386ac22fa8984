import { broadcast, formatShape, sameShape } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { axisOf, type Inference, type Operator, type Signature } from "./operator.js";
import { standardizeGradient } from "./standardize.js";

const signature = {
  inputs: ["x: float", "scale: float", "bias?: float"],
  outputs: ["y", "mean?", "inv_std_dev?"],
  attributes: {
    axis: { kind: "int", default: -1 },
    epsilon: { kind: "float", default: 1e-5 },
    stash_type: { kind: "int", default: 1, choices: [1] },
  },
} as const satisfies Signature;

export const layerNormalization: Operator<typeof signature> = {
  signature,
  doc: "y = scale·(x − mean)/√(variance + epsilon) + bias, statistics over the axes from `axis` on (onnx.ai, LayerNormalization)",
  infer: ({ x, scale, bias }, n) => {
    const axis = axisOf(n, n.attributes.axis, x.shape.length);
    const normalized = x.shape.slice(axis);
    for (const value of [scale, bias]) if (value) requireSpread(n, value, normalized);
    const shape = x.shape.map((dim, place): Dim => (place < axis ? dim : 1));
    const statistic = { dtype: x.dtype, shape };
    return [x, statistic, statistic];
  },
  gradient: ({ x, scale, bias }, d) => {
    const { g, dy, attributes } = d;
    if (d.dys[1] ?? d.dys[2]) d.fail("the loss depends on its statistics; expected it to use the first output only");
    const first = axisOf(d, attributes.axis, x.shape.length);
    const axes = x.shape.map((_, axis) => axis).slice(first);
    // The forward node takes on these outputs when common subexpressions are shared.
    const [, mean, inverse] = g.ops("LayerNormalization", [x, scale, bias], attributes, 3);
    if (!mean || !inverse) return d.fail("it has no statistics");
    const centered = g.op("Sub", [x, mean]);
    return {
      x: () => standardizeGradient(g, { centered, inverse, axes, dy: g.op("Mul", [dy, scale]) }),
      scale: () => g.op("Mul", [dy, g.op("Mul", [centered, inverse])]),
      bias: () => dy,
    };
  },
};

function requireSpread(n: Pick<Inference, "fail">, value: Value, normalized: readonly Dim[]): void {
  const together = broadcast(value.shape, normalized);
  if (together && sameShape(together, normalized)) return;
  const expected = formatShape(normalized);
  n.fail(`"${value.name}" has shape ${formatShape(value.shape)}; expected one that broadcasts to ${expected}`);
}
