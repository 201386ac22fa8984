import { formatShape } from "../lengths.js";
import { requireChannels } from "./batch-normalization.js";
import type { Operator, Signature } from "./operator.js";
import { perChannel, standardize, standardizeGradient, sumPerChannel } from "./standardize.js";

const signature = {
  inputs: ["x: float", "scale: float", "bias: float"],
  attributes: { epsilon: { kind: "float", default: 1e-5 } },
} as const satisfies Signature;

export const instanceNormalization: Operator<typeof signature> = {
  signature,
  doc: "y = scale·(x − mean)/√(variance + epsilon) + bias, statistics of each sample and channel (onnx.ai, InstanceNormalization)",
  infer: ({ x, scale, bias }, n) => {
    if (x.shape.length < 3) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected rank 3 or more`);
    for (const value of [scale, bias]) requireChannels(n, value, x);
    return x;
  },
  gradient: ({ x, scale }, { g, dy, attributes }) => {
    const rank = x.shape.length;
    const axes = x.shape.map((_, axis) => axis).slice(2);
    const own = standardize(g, x, axes, attributes.epsilon);
    return {
      x: () => standardizeGradient(g, { ...own, axes, dy, scale: perChannel(g, scale, rank) }),
      scale: () => sumPerChannel(g, g.op("Mul", [dy, g.op("Mul", [own.centered, own.inverse])])),
      bias: () => sumPerChannel(g, dy),
    };
  },
};
