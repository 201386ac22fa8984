import { formatShape } from "../lengths.js";
import type { GraphBuilder, Value } from "../types.js";
import type { Decomposition, Differentiation, Gradients, Inference, Inputs, Operator, Signature } from "./operator.js";
import {
  axesButChannels,
  inverseRoot,
  perChannel,
  standardize,
  standardizeGradient,
  sumPerChannel,
} from "./standardize.js";

const signature = {
  inputs: ["x: float", "scale: float", "bias: float", "mean: float", "variance: float"],
  outputs: ["y", "running_mean?", "running_var?"],
  attributes: {
    epsilon: { kind: "float", default: 1e-5 },
    momentum: { kind: "float", default: 0.9 },
    training_mode: { kind: "int", default: 0, choices: [0, 1] },
  },
} as const satisfies Signature;

type Given = Inputs<typeof signature>;

/**
 * Channels are axis 1. In training the statistics are those of the batch, the variance biased, and the running ones become
 * running·momentum + batch·(1 − momentum).
 */
export const batchNormalization: Operator<typeof signature> = {
  signature,
  doc: "y = scale·(x − mean)/√(variance + epsilon) + bias a channel, in training with the batch's own statistics (onnx.ai, BatchNormalization)",
  infer: ({ x, ...perChannels }, n) => {
    if (x.shape.length < 2) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected rank 2 or more`);
    for (const value of Object.values(perChannels)) requireChannels(n, value, x);
    if (n.attributes.training_mode === 0 && n.outputs > 1) {
      n.fail(`has ${n.outputs} outputs; expected 1, because training_mode is 0`);
    }
    return [x, perChannels.mean, perChannels.variance];
  },
  gradient: (inputs, d) => {
    if (d.dys[1] ?? d.dys[2])
      d.fail("the loss depends on its running statistics; expected it to use the first output only");
    return d.attributes.training_mode === 1 ? trainingGradient(inputs, d) : runningGradient(inputs, d);
  },
  lower: (inputs, d) => (d.attributes.training_mode === 1 ? trained(inputs, d) : undefined),
};

/** Fails unless a value is [C] for x [N, C, …]. */
export function requireChannels(n: Pick<Inference, "fail">, value: Value, x: Value): void {
  if (value.shape.length === 1 && value.shape[0] === x.shape[1]) return;
  const expected = formatShape([x.shape[1] ?? 1]);
  n.fail(
    `"${value.name}" has shape ${formatShape(value.shape)}; expected ${expected}, one for each channel of "${x.name}"`,
  );
}

/**
 * The training form in other operators. onnxruntime's kernel overwrites its running inputs, feeds and constants too, unless
 * the running outputs are outputs of the graph; and written out, it shares its statistics with the gradient: 12 ms both
 * ways, as with the kernel ([64,32,28,28], one thread), and 15 ms where it is differentiated operator by operator.
 */
function trained({ x, scale, bias, mean, variance }: Given, d: Decomposition<typeof signature>): readonly Value[] {
  const { g, attributes } = d;
  const rank = x.shape.length;
  const batch = standardize(g, x, axesButChannels(rank), attributes.epsilon);
  const slope = g.op("Mul", [perChannel(g, scale, rank), batch.inverse]);
  const y = g.op("Add", [g.op("Mul", [batch.centered, slope]), perChannel(g, bias, rank)]);
  return [y, moved(g, mean, batch.mean, attributes.momentum), moved(g, variance, batch.variance, attributes.momentum)];
}

function moved(g: GraphBuilder, running: Value, batch: Value, momentum: number): Value {
  const axes = batch.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const flat = g.op("Squeeze", [batch, g.ints(axes)]);
  return g.op("Add", [g.op("Mul", [running, g.scalar(momentum)]), g.op("Mul", [flat, g.scalar(1 - momentum)])]);
}

type Rule = (inputs: Given, d: Differentiation<typeof signature>) => Gradients<typeof signature>;

const trainingGradient: Rule = ({ x, scale }, { g, dy, attributes }) => {
  const rank = x.shape.length;
  const axes = axesButChannels(rank);
  const batch = standardize(g, x, axes, attributes.epsilon);
  return {
    x: () => standardizeGradient(g, { ...batch, axes, dy, scale: perChannel(g, scale, rank) }),
    scale: () => sumPerChannel(g, g.op("Mul", [dy, g.op("Mul", [batch.centered, batch.inverse])])),
    bias: () => sumPerChannel(g, dy),
    mean: undefined,
    variance: undefined,
  };
};

/** The statistics are inputs like others: y is linear in x. */
const runningGradient: Rule = ({ x, scale, mean, variance }, { g, dy, attributes }) => {
  const rank = x.shape.length;
  const inverse = inverseRoot(g, variance, attributes.epsilon);
  const slope = g.op("Mul", [scale, inverse]);
  const centered = () => g.op("Sub", [x, perChannel(g, mean, rank)]);
  const scaleGradient = () => g.op("Mul", [sumPerChannel(g, g.op("Mul", [dy, centered()])), inverse]);
  return {
    x: () => g.op("Mul", [dy, perChannel(g, slope, rank)]),
    scale: scaleGradient,
    bias: () => sumPerChannel(g, dy),
    mean: () => g.op("Neg", [g.op("Mul", [sumPerChannel(g, dy), slope])]),
    // d(variance + ε)^−½ = −½·(variance + ε)^−1½
    variance: () => g.op("Mul", [g.op("Mul", [scaleGradient(), g.op("Mul", [slope, inverse])]), g.scalar(-0.5)]),
  };
};
