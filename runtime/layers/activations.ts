import type { GraphBuilder, Value } from "../graph/types.js";
import { defineLayer, type Layer } from "./define-layer.js";
import { choice, type OptionsOf, type OptionTable, type Resolved, real, withDefault } from "./options.js";
import type { Tensor } from "./types.js";

interface ActivationSpec<Table extends OptionTable> {
  readonly type: string;
  readonly options: Table;
  lower(g: GraphBuilder, x: Value, options: Resolved<Table>): Value;
}

/** The function of a layer that changes each number by itself, and its row of the layer table. */
export interface Activation<Table extends OptionTable> {
  /** float32 of any shape in, the same out. */
  (x: Tensor, options?: OptionsOf<Table>): Tensor;
  readonly layer: Layer<Table>;
}

function activation<const Table extends OptionTable>({
  type,
  options,
  lower,
}: ActivationSpec<Table>): Activation<Table> {
  const layer = defineLayer({
    type,
    inputs: ["x: float"],
    options,
    lower: ({ g }, { x }, values) => lower(g, x, values),
  });
  // No activation has an option that it cannot do without.
  const make = (x: Tensor, given: OptionsOf<Table> = {} as OptionsOf<Table>) => layer.make([x], given);
  return Object.assign(make, { layer });
}

/**
 * Rectified linear unit: max(x, 0). Any shape in, the same out.
 *
 * @example const y = relu(x);
 */
export const relu = activation({ type: "relu", options: {}, lower: (g, x) => g.op("Relu", [x]) });

/**
 * Rectified linear unit with a bound: min(max(x, 0), 6). Any shape in, the same out.
 *
 * @example const y = relu6(x);
 */
export const relu6 = activation({
  type: "relu6",
  options: {},
  lower: (g, x) => g.op("Clip", [x, g.scalar(0), g.scalar(6)]),
});

/**
 * Rectified linear unit with a slope below zero: x where x > 0, else slope · x. Any shape in, the same out.
 *
 * @example const y = leakyRelu(x, { slope: 0.1 });
 */
export const leakyRelu = activation({
  type: "leakyRelu",
  options: {
    /** Slope below zero. Default 0.01 (ONNX, LeakyRelu.alpha). Caffe's is ReLUParameter.negative_slope. */
    slope: withDefault(real("a number"), 0.01),
  },
  lower: (g, x, { slope }) => g.op("LeakyRelu", [x], { alpha: slope }),
});

/**
 * Exponential linear unit: x where x > 0, else alpha · (e^x − 1). Any shape in, the same out.
 *
 * @example const y = elu(x);
 */
export const elu = activation({
  type: "elu",
  options: {
    /** What y tends to, negated, far below zero. Default 1 (caffe.proto, ELUParameter.alpha). */
    alpha: withDefault(real("a number"), 1),
  },
  lower: (g, x, { alpha }) => g.op("Elu", [x], { alpha }),
});

/**
 * Exponential linear unit whose slope is continuous: x where x > 0, else alpha · (e^(x/alpha) − 1) (Barron 2017). Any
 * shape in, the same out.
 *
 * @example const y = celu(x, { alpha: 0.5 });
 */
export const celu = activation({
  type: "celu",
  options: {
    /** What y tends to, negated, far below zero; > 0. Default 1 (ONNX, Celu.alpha). */
    alpha: withDefault(
      real("a number > 0", (value) => value > 0),
      1,
    ),
  },
  lower: (g, x, { alpha }) => g.op("Celu", [x], { alpha }),
});

/**
 * Scaled exponential linear unit: γ·x where x > 0, else γ·α·(e^x − 1), with the constants of Klambauer et al. 2017 that keep
 * mean 0 and variance 1. Any shape in, the same out.
 *
 * @example const y = selu(x);
 */
export const selu = activation({ type: "selu", options: {}, lower: (g, x) => g.op("Selu", [x]) });

/**
 * Logistic function: 1 / (1 + e^−x). Any shape in, the same out.
 *
 * @example const y = sigmoid(x);
 */
export const sigmoid = activation({ type: "sigmoid", options: {}, lower: (g, x) => g.op("Sigmoid", [x]) });

/**
 * A line between 0 and 1: min(max(alpha · x + beta, 0), 1). Any shape in, the same out.
 *
 * @example const y = hardSigmoid(x);
 */
export const hardSigmoid = activation({
  type: "hardSigmoid",
  options: {
    /** Default 1/6, as in PyTorch and Keras 3; 0.2 in ONNX and Keras 2. */
    alpha: withDefault(real("a number"), 1 / 6),
    /** Default 0.5. */
    beta: withDefault(real("a number"), 0.5),
  },
  lower: (g, x, options) => g.op("HardSigmoid", [x], options),
});

/**
 * Hyperbolic tangent. Any shape in, the same out.
 *
 * @example const y = tanh(x);
 */
export const tanh = activation({ type: "tanh", options: {}, lower: (g, x) => g.op("Tanh", [x]) });

/**
 * Smooth rectifier: ln(1 + e^x), Caffe's BNLL. Any shape in, the same out.
 *
 * @example const y = softplus(x);
 */
export const softplus = activation({ type: "softplus", options: {}, lower: (g, x) => g.op("Softplus", [x]) });

/**
 * x / (1 + |x|). Any shape in, the same out.
 *
 * @example const y = softsign(x);
 */
export const softsign = activation({ type: "softsign", options: {}, lower: (g, x) => g.op("Softsign", [x]) });

/**
 * x · sigmoid(beta · x). Any shape in, the same out.
 *
 * @example const y = swish(x);
 */
export const swish = activation({
  type: "swish",
  options: {
    /** Steepness of the gate. Default 1, which is SiLU (caffe.proto, SwishParameter.beta). */
    beta: withDefault(real("a number"), 1),
  },
  lower: (g, x, { beta }) => g.op("Mul", [x, g.op("Sigmoid", [beta === 1 ? x : g.op("Mul", [x, g.scalar(beta)])])]),
});

/**
 * x · min(max(x/6 + 1/2, 0), 1) (Howard et al. 2019). Any shape in, the same out.
 *
 * @example const y = hardSwish(x);
 */
export const hardSwish = activation({ type: "hardSwish", options: {}, lower: (g, x) => g.op("HardSwish", [x]) });

/**
 * x · tanh(ln(1 + e^x)) (Misra 2019). Any shape in, the same out.
 *
 * @example const y = mish(x);
 */
export const mish = activation({ type: "mish", options: {}, lower: (g, x) => g.op("Mish", [x]) });

/**
 * Gaussian error linear unit: x · Φ(x) = ½ x (1 + erf(x / √2)), Φ the normal distribution function. Any shape in, the same
 * out.
 *
 * @example const y = gelu(x);
 */
export const gelu = activation({
  type: "gelu",
  options: {
    /**
     * Default "none", the exact form; "tanh" is the approximation of Hendrycks and Gimpel 2016,
     * ½ x (1 + tanh(√(2/π) · (x + 0.044715 x³))) (ONNX, Gelu.approximate).
     */
    approximate: withDefault<"none" | "tanh">(choice(["none", "tanh"]), "none"),
  },
  lower: (g, x, { approximate }) => g.op("Gelu", [x], { approximate }),
});

/** The activation table. An activation is a function above and a row here. */
export const activations = {
  relu,
  relu6,
  leakyRelu,
  elu,
  celu,
  selu,
  sigmoid,
  hardSigmoid,
  tanh,
  softplus,
  softsign,
  swish,
  hardSwish,
  mish,
  gelu,
} as const;

type Layers = { readonly [Type in keyof typeof activations]: (typeof activations)[Type]["layer"] };

/** Their rows of the layer table. */
export const activationLayers = Object.fromEntries(
  Object.entries(activations).map(([type, { layer }]) => [type, layer]),
) as Layers;

/** What the function of an activation takes beside x. */
type OptionsOfActivation<Function> = Function extends Activation<infer Table> ? OptionsOf<Table> : never;

export type CeluOptions = OptionsOfActivation<typeof celu>;
export type EluOptions = OptionsOfActivation<typeof elu>;
export type GeluOptions = OptionsOfActivation<typeof gelu>;
export type HardSigmoidOptions = OptionsOfActivation<typeof hardSigmoid>;
export type LeakyReluOptions = OptionsOfActivation<typeof leakyRelu>;
export type SwishOptions = OptionsOfActivation<typeof swish>;
/** Of the activations that have no options of their own. */
export type ActivationOptions = OptionsOfActivation<typeof relu>;
