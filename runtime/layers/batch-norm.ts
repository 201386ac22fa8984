import type { Value } from "../graph/types.js";
import { defineLayer } from "./define-layer.js";
import { constant } from "./initializers.js";
import { affineOf, normalizationOptions } from "./normalization.js";
import { choice, flag, type NamedOptionsOf, real, withDefault } from "./options.js";
import { lengthOf, type Start, start } from "./parameters.js";
import type { Lowering, State, Tensor } from "./types.js";

const table = {
  /**
   * The share of the running statistics that stays at each step, as in ONNX and Keras (whose default is 0.99); PyTorch's
   * momentum is the other share. Default 0.9, PyTorch's.
   */
  momentum: withDefault(
    real("a number from 0 to 1", (value) => value >= 0 && value <= 1),
    0.9,
  ),
  ...normalizationOptions,
  /**
   * What training normalizes with. Default "batch": the statistics of the worker's own batch. "running": the running ones,
   * which then stay as they are (Caffe's use_global_stats).
   */
  statistics: withDefault<"batch" | "running">(choice(["batch", "running"]), "batch"),
  /** Whether the running variance divides by count − 1, as in PyTorch. Default false, as in ONNX, Keras and Caffe's papers. */
  unbiased: withDefault(flag(), false),
  /** How the running mean starts, or a variable in its place. Default `constant(0)`. */
  mean: withDefault<Start>(start(), constant(0)),
  /** How the running variance starts, or a variable in its place. Default `constant(1)`. */
  variance: withDefault<Start>(start(), constant(1)),
};

export type BatchNormOptions = NamedOptionsOf<typeof table>;

interface Running {
  readonly mean: State;
  readonly variance: State;
}

/** Sets the running statistics of the next step; `updated` are those with the biased variance. */
function update(l: Lowering, x: Value, running: Running, updated: readonly Value[], kept: number | undefined): void {
  const [mean, variance] = updated as readonly [Value, Value];
  running.mean.set(mean);
  running.variance.set(kept === undefined ? variance : unbiased(l, x, running.variance.value, variance, kept));
}

/** The update of a variance, m·old + (1 − m)·batch, with the batch's variance times n/(n − 1), n the numbers of a channel. */
function unbiased({ g }: Lowering, x: Value, old: Value, updated: Value, momentum: number): Value {
  const channels = Number(x.shape[1]);
  const count = g.op("Mul", [g.op("Cast", [g.op("Size", [x])], { to: "float32" }), g.scalar(1 / channels)]);
  // A single number has no variance: 0, not 0 · ∞.
  const others = g.op("Max", [g.op("Sub", [count, g.scalar(1)]), g.scalar(1)]);
  const kept = g.op("Mul", [old, g.scalar(momentum)]);
  return g.op("Add", [kept, g.op("Mul", [g.op("Sub", [updated, kept]), g.op("Div", [count, others])])]);
}

/** y = (x − mean[c]) / √(variance[c] + ε) · scale[c] + offset[c]; the variance is biased: Σ (x − mean)² / n. */
export const batchNormLayer = defineLayer({
  type: "batchNorm",
  inputs: ["x: float"],
  options: table,
  needsName: true,
  lower: (l, { x }, { epsilon, momentum, statistics, unbiased: corrected, mean, variance, ...affine }) => {
    const shape = [lengthOf(l, x, 1, "number of channels")];
    const { weight, bias } = affineOf(l, shape, affine);
    const running = {
      mean: l.state("running_mean", { shape, start: mean }),
      variance: l.state("running_var", { shape, start: variance }),
    };
    const inputs = [x, weight, bias, running.mean.value, running.variance.value] as const;
    const idle = statistics === "running" && (momentum !== table.momentum.fallback || corrected);
    const message = 'its statistics are "running", which it then does not change, expected no momentum and no unbiased';
    l.check(!idle, "LAYER_OPTION_INVALID", message);
    if (!l.training || statistics === "running") return l.g.op("BatchNormalization", inputs, { epsilon });
    const attributes = { epsilon, momentum, training_mode: 1 } as const;
    const [y, ...updated] = l.g.ops("BatchNormalization", inputs, attributes, 3);
    update(l, x, running, updated, corrected ? momentum : undefined);
    return y as Value;
  },
});

/**
 * Batch normalization of each channel, the first axis of the sample: any shape in, the same out (Ioffe and Szegedy 2015). In
 * training with the statistics of the batch, each worker's own; in evaluation with the running ones. Variables: `weight` and
 * `bias` `[channels]` are trained, `running_mean` and `running_var` `[channels]` are state.
 *
 * @example const y = batchNorm(conv1, { name: "bn1" });
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): Tensor {
  return batchNormLayer.make([x], options);
}
