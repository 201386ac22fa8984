import type { Value } from "../graph/types.js";
import { constant, type Initializer, isInitializer, xavier } from "./initializers.js";
import { type Kind, multipliers, withDefault } from "./options.js";
import { show } from "./plain.js";
import { isTensor } from "./tensors.js";
import type { Lowering, Tensor } from "./types.js";

/** How a variable starts, or a tensor in its place: a shared variable, a computed weight. */
export type Start = Initializer | Tensor;

const isStart = (value: unknown): value is Start => isInitializer(value) || isTensor(value);

/** An option that says how a variable starts. */
export function start(): Kind<Start> {
  return {
    expected: "an initializer such as xavier() or constant(0), or a tensor",
    parse: (value) => (isStart(value) ? value : undefined),
    print: (value) => value,
  };
}

/** The same for a variable that a layer may do without. */
export function startOrNone(): Kind<Start | false> {
  return {
    expected: "an initializer such as constant(0), a tensor, or false for none",
    parse: (value) => (value === false || isStart(value) ? value : undefined),
    print: (value) => value,
  };
}

/** Multipliers of a layer with variables, for its option table. */
export const multiplierOptions = {
  /**
   * Multiplier of the learning rate, ≥ 0: one for all variables or a list with one for each, in order; 0 freezes.
   * Default 1 (caffe.proto, ParamSpec.lr_mult).
   */
  lr: withDefault<readonly number[] | number>(multipliers(), 1),
  /** Multiplier of the weight decay, likewise. Default 1 (caffe.proto, ParamSpec.decay_mult). */
  decay: withDefault<readonly number[] | number>(multipliers(), 1),
};

/** The options of a layer with a weight and a bias, for its option table. */
export const weightOptions = {
  /** How the weight starts, or a tensor in its place. Default `xavier()`. */
  weights: withDefault<Start>(start(), xavier()),
  /** How the bias starts, a tensor in its place, or `false` for a layer without bias. Default `constant(0)`. */
  bias: withDefault<Start | false>(startOrNone(), constant()),
  ...multiplierOptions,
};

interface Multipliers {
  readonly lr: readonly number[] | number;
  readonly decay: readonly number[] | number;
}

/** A variable as a layer with multipliers declares it; `false` leaves it out. */
export interface Wanted {
  readonly shape: readonly number[];
  readonly start: Start | false;
}

/** The values of variables: one that may be left out may be undefined. */
type Declared<Of> = {
  readonly [Short in keyof Of]: Of[Short] extends { readonly start: Start } ? Value : Value | undefined;
};

function checkMultipliers(l: Lowering, key: "lr" | "decay", value: Multipliers["lr"], shorts: readonly string[]): void {
  const fits = typeof value === "number" || value.length === shorts.length;
  const found = typeof value === "number" ? 1 : value.length;
  const message = `its option "${key}" has ${found} entries, expected ${shorts.length}: ${shorts.join(", ")}`;
  l.check(fits, "LAYER_OPTION_INVALID", message);
}

/** A tensor that stands for a variable has multipliers of its own: those of the layer would be ignored in silence. */
function checkShared(
  l: Lowering,
  multipliers: Multipliers,
  there: readonly { readonly short: string; readonly start: Initializer | Tensor }[],
): void {
  for (const key of ["lr", "decay"] as const) {
    const value = multipliers[key];
    const idle = there.filter(({ start }, index) => {
      return start.kind === "tensor" && (typeof value === "number" ? value : (value[index] ?? 1)) !== 1;
    });
    // One number for all is meant for those that are the layer's own, if there are any.
    if (typeof value === "number" && idle.length < there.length) continue;
    for (const { short } of idle) {
      const message = `its option "${key}" has no effect on its ${short}, which is a tensor of its own, expected 1 there`;
      l.check(false, "LAYER_OPTION_INVALID", message, `give variable() the ${key}`);
    }
  }
}

/**
 * Declares the trained variables of a layer, in this order, each with its entry of `lr` and `decay`. Those whose start is
 * `false` are undefined and have no entry. `dense.ts` shows how it is called.
 */
export function parametersOf<Of extends Readonly<Record<string, Wanted>>>(
  l: Lowering,
  { lr, decay }: Multipliers,
  wanted: Of,
): Declared<Of> {
  const there = Object.entries<Wanted>(wanted).flatMap(([short, { shape, start }]) =>
    start === false ? [] : [{ short, shape, start }],
  );
  const shorts = there.map(({ short }) => short);
  checkMultipliers(l, "lr", lr, shorts);
  checkMultipliers(l, "decay", decay, shorts);
  checkShared(l, { lr, decay }, there);
  const entry = (value: Multipliers["lr"], index: number) => (typeof value === "number" ? value : (value[index] ?? 1));
  const values = there.map(({ short, shape, start }, index) => {
    return [short, l.variable(short, { shape, start, lr: entry(lr, index), decay: entry(decay, index) })] as const;
  });
  // One entry for each name that was wanted, but for those that are left out.
  return Object.fromEntries(values) as Declared<Of>;
}

/** The length of an axis of a value, which has to be known before the program runs; fails otherwise. */
export function lengthOf(l: Lowering, value: Value, axis: number, what: string): number {
  const dim = value.shape[axis];
  if (typeof dim === "number") return dim;
  return l.fail("LAYER_SHAPE_MISMATCH", `its ${what} is ${show(dim)}, expected a length known beforehand`);
}
