import { formatShape } from "../lengths.js";
import type { GraphBuilder, Value } from "../types.js";
import { requireChannels } from "./batch-normalization.js";
import { type Decomposition, fixed, type Inputs, type Operator, type Signature } from "./operator.js";
import { perChannel } from "./standardize.js";

const signature = {
  inputs: ["x: float", "scale: float", "bias: float"],
  attributes: {
    num_groups: { kind: "int", required: true },
    epsilon: { kind: "float", default: 1e-5 },
    stash_type: { kind: "int", default: 1, choices: [1] },
  },
} as const satisfies Signature;

/**
 * As from operator set 21 on, with a scale and a bias for each channel. Sets 18 to 20 take one for each group, and
 * onnxruntime has no kernel, so it is always written in other operators.
 */
export const groupNormalization: Operator<typeof signature> = {
  signature,
  doc: "y = scale·(x − mean)/√(variance + epsilon) + bias a channel, statistics of each sample and group of channels (onnx.ai, GroupNormalization-21)",
  infer: ({ x, scale, bias }, n) => {
    if (x.shape.length < 2) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected rank 2 or more`);
    const channels = fixed(n, x.shape[1], "the number of channels");
    const { num_groups: groups } = n.attributes;
    if (groups < 1 || channels % groups !== 0)
      n.fail(`attribute "num_groups" is ${groups}, which does not divide ${channels} channels`);
    for (const value of [scale, bias]) requireChannels(n, value, x);
    return x;
  },
  decompose: grouped,
  lower: grouped,
};

/** The groups are the channels of an InstanceNormalization of [N, groups, …]. */
function grouped({ x, scale, bias }: Inputs<typeof signature>, d: Decomposition<typeof signature>): Value {
  const { g, attributes } = d;
  const { num_groups: groups, epsilon } = attributes;
  const parts = g.op("Reshape", [x, g.ints([0, groups, -1])]);
  const ones = filled(g, groups, 1);
  const standard = g.op("InstanceNormalization", [parts, ones, filled(g, groups, 0)], { epsilon });
  const y = g.op("Reshape", [standard, g.op("Shape", [x])]);
  const rank = x.shape.length;
  return g.op("Add", [g.op("Mul", [y, perChannel(g, scale, rank)]), perChannel(g, bias, rank)]);
}

function filled(g: GraphBuilder, length: number, value: number): Value {
  return g.constant({ dtype: "float32", shape: [length], data: new Float32Array(length).fill(value) });
}
