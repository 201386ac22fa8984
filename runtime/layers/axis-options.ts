import { isListOf, isWhole, type Kind } from "./options.js";
import { deepEqual } from "./plain.js";
import type { Lowering, OptionValue } from "./types.js";

interface Axes<T> {
  readonly 1: readonly [T];
  readonly 2: readonly [T, T];
  readonly 3: readonly [T, T, T];
}

interface Sides<T> {
  readonly 1: readonly [before: T, after: T];
  readonly 2: readonly [T, T, T, T];
  readonly 3: readonly [T, T, T, T, T, T];
}

/** One number for all axes or one for each; `Rank`, 1 to 3, says how many where a layer has one rank only. */
export type PerAxis<Rank = number> =
  | number
  | (Rank extends keyof Axes<number> ? Axes<number>[Rank] : readonly number[]);

/** One number for all sides, one for each axis, or all befores, then all afters: `[top, left, bottom, right]`. */
export type PerSide<Rank = number> = PerAxis<Rank> | (Rank extends keyof Sides<number> ? Sides<number>[Rank] : never);

const same = (list: readonly number[]): boolean => list.every((item) => item === list[0]);

/** The shortest way to write what is repeated over axes. */
function printPerAxis(value: PerAxis): OptionValue {
  return typeof value === "number" || !same(value) ? value : (value[0] ?? value);
}

/** The shortest way to write padding. Lists of 4 and 6 are sides: there are at most three axes. */
function printPerSide(value: PerSide): OptionValue {
  if (typeof value === "number" || same(value) || value.length < 4) return printPerAxis(value);
  const axes = value.length / 2;
  const befores = value.slice(0, axes);
  return deepEqual(befores, value.slice(axes)) ? befores : value;
}

/** One whole number for all axes, or a list with one for each; {@link perAxis} expands it. */
export function lengths<Rank = number>(minimum: number): Kind<PerAxis<Rank>> {
  return {
    expected: `a whole number ≥ ${minimum}, or a list with one for each axis`,
    // How many axes there are is known when the layer is lowered.
    parse: (value) => readWholes(value, minimum) as PerAxis<Rank> | undefined,
    print: printPerAxis,
  };
}

/** One whole number for all sides, a list with one for each axis, or all befores, then all afters. */
export function padding<Rank = number>(): Kind<PerSide<Rank>> {
  return {
    expected: "a whole number ≥ 0, or a list with one for each axis or each side (all befores, then all afters)",
    parse: (value) => readWholes(value, 0) as PerSide<Rank> | undefined,
    print: printPerSide,
  };
}

/** A whole number, or a list of them, which is copied: the caller's may change. */
function readWholes(value: unknown, minimum: number): number | readonly number[] | undefined {
  if (isWhole(value, minimum)) return value;
  return isListOf(value, (item) => isWhole(item, minimum)) && value.length > 0 ? [...value] : undefined;
}

/** One number for each of `rank` axes; a list of another length is a problem of the option `key`. */
export function perAxis(l: Lowering, key: string, value: PerAxis, rank: number): readonly number[] {
  if (typeof value === "number") return new Array<number>(rank).fill(value);
  if (value.length === rank) return value;
  const message = `its option "${key}" has ${value.length} entries, expected ${rank}, one for each axis`;
  return l.fail("LAYER_OPTION_INVALID", message);
}

/** All befores, then all afters, of `rank` axes; a list of another length is a problem of the option `key`. */
export function perSide(l: Lowering, key: string, value: PerSide, rank: number): readonly number[] {
  if (typeof value === "number") return new Array<number>(2 * rank).fill(value);
  if (value.length === rank) return [...value, ...value];
  if (value.length === 2 * rank) return value;
  const message = `its option "${key}" has ${value.length} entries, expected ${rank} or ${2 * rank}`;
  return l.fail("LAYER_OPTION_INVALID", `${message}, one for each axis or side`);
}
