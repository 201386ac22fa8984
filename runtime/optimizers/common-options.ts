import type { OptionRule } from "./checks.js";
import type { Schedule } from "./schedules.js";
import type { Ema, ParameterGroup } from "./types.js";

/** How weight decay comes in; see {@link CommonOptions.regularization}. */
export type Regularization = "L2" | "L1" | "decoupled";

/** What every optimizer takes. At most one of the three clips, as in Keras. */
export interface CommonOptions {
  /** A number of at least 0, or a schedule such as `inv({ … })`. */
  readonly learningRate?: number | Schedule;
  /** Default 0, unless the optimizer says otherwise. */
  readonly weightDecay?: number;
  /**
   * How the weight decay comes in: "L2" adds weightDecay · w to the gradient, "L1" weightDecay · sign(w); "decoupled"
   * takes rate · weightDecay · w from the weight before the step (Loshchilov and Hutter, "Decoupled weight decay
   * regularization", 2019; Keras' weight_decay). Clipping comes before.
   */
  readonly regularization?: Regularization;
  /** Each gradient element is kept within ±clipValue (Keras' clipvalue). Default: no limit. */
  readonly clipValue?: number;
  /** The gradient of a variable whose norm is larger is scaled to this norm (Keras' clipnorm). Default: no limit. */
  readonly clipNorm?: number;
  /** All gradients are scaled where their norm together is larger (Keras' global_clipnorm, Caffe's clip_gradients). */
  readonly globalClipNorm?: number;
  /** A running mean of the weights, kept in the slot `average`. Default: none. */
  readonly ema?: Ema;
  /** Variables with options of their own. */
  readonly groups?: readonly ParameterGroup[];
}

/** The smallest term that keeps a float32 divisor from being 0. */
const leastEpsilon = 1e-38;

export const epsilonRule: OptionRule = { min: leastEpsilon };
export const shareRule: OptionRule = { min: 0, below: 1 };

/** Rules of what every optimizer takes, beside its own options. */
export const decayRules = {
  weightDecay: { min: 0 },
  regularization: { choices: ["L2", "L1", "decoupled"] },
} as const satisfies Readonly<Record<string, OptionRule>>;

/** Without a default: what is not given is not done. */
export const clipRules = {
  clipValue: { min: leastEpsilon },
  clipNorm: { min: leastEpsilon },
  globalClipNorm: { min: leastEpsilon },
} as const satisfies Readonly<Record<string, OptionRule>>;

export const emaRules = {
  momentum: shareRule,
  overwriteFrequency: { min: 1, integer: true },
} as const satisfies Readonly<Record<string, OptionRule>>;
