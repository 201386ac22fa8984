import type { LayerOptions } from "./call.js";
import { constant, type Initializer, isInitializer, xavier } from "./initializers.js";
import { multipliers, type OptionKind, withDefault } from "./options.js";
import type { Parameter, Shape } from "./types.js";

/** Options of a layer with a weight and a bias. */
export interface WeightedLayerOptions extends LayerOptions {
  /** Unique in its network; the parameters are named after it: `conv1.weight`, `conv1.bias`. */
  readonly name: string;
  /** How the weight starts. Default `xavier()`. */
  readonly weights?: Initializer;
  /** How the bias starts, or `false` for a layer without bias. Default `constant(0)`. */
  readonly bias?: Initializer | false;
  /**
   * Multiplier of the learning rate, ≥ 0: one for all parameters or `[weight, bias]`; 0 freezes. Default 1
   * (caffe.proto, ParamSpec.lr_mult).
   */
  readonly lr?: number | readonly number[];
  /** Multiplier of the weight decay, likewise. Default 1 (caffe.proto, ParamSpec.decay_mult). */
  readonly decay?: number | readonly number[];
}

const initializer = {
  expected: "an initializer such as xavier() or constant(0)",
  parse: (value: unknown) => (isInitializer(value) ? value : undefined),
  print: (value: Initializer) => value,
};

const biasKind = {
  expected: "an initializer such as constant(0), or false for no bias",
  parse: (value: unknown) => (value === false || isInitializer(value) ? value : undefined),
  print: (value: Initializer | false) => value,
};

/** The options of a layer with a weight and a bias, for its option table. */
export const weightOptions = {
  weights: withDefault<Initializer>(initializer, xavier()),
  bias: withDefault<Initializer | false>(biasKind, constant()),
  lr: withDefault<readonly number[] | number>(multipliers(), 1),
  decay: withDefault<readonly number[] | number>(multipliers(), 1),
} satisfies Record<Exclude<keyof WeightedLayerOptions, keyof LayerOptions>, OptionKind<unknown>>;

interface WeightAndBias {
  readonly name: string;
  readonly weight: Shape;
  readonly bias: Shape;
  readonly options: {
    readonly weights: Initializer;
    readonly bias: Initializer | false;
    readonly lr: readonly number[] | number;
    readonly decay: readonly number[] | number;
  };
  check(ok: boolean, code: "LAYER_OPTION_INVALID", message: string): void;
}

/** The weight and, unless it is `false`, the bias of a layer. */
export function weightAndBias({ name, weight, bias, options, check }: WeightAndBias): readonly Parameter[] {
  const wanted = [{ short: "weight", shape: weight, initializer: options.weights }];
  if (options.bias !== false) wanted.push({ short: "bias", shape: bias, initializer: options.bias });
  for (const key of ["lr", "decay"] as const) {
    const value = options[key];
    const ok = typeof value === "number" || value.length === wanted.length;
    const found = typeof value === "number" ? 1 : value.length;
    const parameters = wanted.map(({ short }) => short).join(", ");
    check(
      ok,
      "LAYER_OPTION_INVALID",
      `its option "${key}" has ${found} entries, expected ${wanted.length}: ${parameters}`,
    );
  }
  const entry = (value: readonly number[] | number, index: number) =>
    typeof value === "number" ? value : (value[index] ?? 1);
  return wanted.map(({ short, shape, initializer: start }, index) => ({
    name: `${name}.${short}`,
    shape,
    initializer: start,
    lr: entry(options.lr, index),
    decay: entry(options.decay, index),
  }));
}
