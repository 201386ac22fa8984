import type { SourceRef } from "../errors.js";
import { length } from "../graph/lengths.js";
import type { Dim } from "../graph/types.js";
import { deepEqual } from "./plain.js";
import { isTensor } from "./tensors.js";
import type { OptionValue, Tensor } from "./types.js";

/** What every layer function accepts. */
export interface LayerOptions {
  /** Unique in its network. A layer without a name is numbered by {@link model}: `relu1`. */
  readonly name?: string | undefined;
  /** Where the layer stands in the user's file: carried into every error about it. */
  readonly at?: SourceRef | undefined;
}

export interface NamedLayerOptions extends LayerOptions {
  /** Unique in its network; the layer's variables are named after it: `conv1.weight`, `conv1.bias`. */
  readonly name: string;
}

/** How one option of a layer is read, defaulted and written again. */
export interface OptionKind<T> {
  /** What the option may be, for messages: "a whole number ≥ 1". */
  readonly expected: string;
  readonly required: boolean;
  /** The value when the option is left out. */
  readonly fallback: T;
  /** Checks the value and canonicalizes it; `undefined` refuses it. Takes what `print` gives, too. */
  parse(value: unknown): T | undefined;
  /** The shortest way to write the value, or the tensor that it is. */
  print(value: T): OptionValue | Tensor | undefined;
}

/** An option that has to be given. */
export interface RequiredKind<T> extends OptionKind<T> {
  readonly required: true;
}

/** An option that may be left out. */
export interface FreeKind<T> extends OptionKind<T> {
  readonly required: false;
}

export type OptionTable = Readonly<Record<string, OptionKind<unknown>>>;

type ValueOf<Row> = Row extends OptionKind<infer T> ? T : never;

/** The values of a table of options, defaults filled in. */
export type Resolved<Table> = { readonly [Key in keyof Table]: ValueOf<Table[Key]> };

type RequiredKeys<Table> = {
  [Key in keyof Table]: Table[Key] extends { readonly required: true } ? Key : never;
}[keyof Table];

// Mapped over keys of the table without renaming them, so that editors show the doc comments of its rows.
type Needed<Table, Keys extends keyof Table> = { readonly [Key in Keys]: ValueOf<Table[Key]> };
type Free<Table, Keys extends keyof Table> = { readonly [Key in Keys]?: ValueOf<Table[Key]> | undefined };

type TableOptions<Table> = Needed<Table, RequiredKeys<Table>> & Free<Table, Exclude<keyof Table, RequiredKeys<Table>>>;

/** What a layer function takes beside its inputs: the options of its table, `name` and `at`. */
export type OptionsOf<Table> = TableOptions<Table> & LayerOptions;

/** The same for a layer whose variables are named after it. */
export type NamedOptionsOf<Table> = TableOptions<Table> & NamedLayerOptions;

/** A kind before it is said whether the option has to be given. */
export type Kind<T> = Omit<OptionKind<T>, "required" | "fallback">;

/** Sizes above this cannot be indexed by any runtime we emit for. */
export const maximumSize = 2 ** 31 - 1;

function isInteger(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(Number(value)) <= maximumSize;
}

/** Whether a value is a whole number of at least `minimum`. */
export function isWhole(value: unknown, minimum: number): value is number {
  return isInteger(value) && value >= minimum;
}

function isReal(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Whether a value is a list of what is accepted. */
export function isListOf<T>(value: unknown, accept: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(accept);
}

/** Makes an option required: the fallback is never used. */
export function required<T>(kind: Kind<T>): RequiredKind<T> {
  return { ...kind, required: true, fallback: undefined as T };
}

/** Makes an option one that may be left out, and then has the value `undefined`. */
export function optional<T>(kind: Kind<T>): FreeKind<T | undefined> {
  return {
    expected: kind.expected,
    required: false,
    fallback: undefined,
    parse: (value) => kind.parse(value),
    print: (value) => (value === undefined ? undefined : kind.print(value)),
  };
}

/** Gives an option the value it has when left out. */
export function withDefault<T>(kind: Kind<T>, fallback: T): FreeKind<T> {
  return { ...kind, required: false, fallback };
}

/** A whole number. */
export function whole(minimum: number): Kind<number> {
  return {
    expected: `a whole number ≥ ${minimum}`,
    parse: (value) => (isWhole(value, minimum) ? value : undefined),
    print: (value) => value,
  };
}

/** A whole number of any sign, such as an axis counted from the end. */
export function integer(): Kind<number> {
  return {
    expected: "a whole number",
    parse: (value) => (isInteger(value) ? value : undefined),
    print: (value) => value,
  };
}

/** A finite number in a range that excludes what `accept` refuses. */
export function real(expected: string, accept: (value: number) => boolean = () => true): Kind<number> {
  return {
    expected,
    parse: (value) => (isReal(value) && accept(value) ? value : undefined),
    print: (value) => value,
  };
}

export function flag(): Kind<boolean> {
  return {
    expected: "true or false",
    parse: (value) => (typeof value === "boolean" ? value : undefined),
    print: (value) => value,
  };
}

/** One of a list of words. */
export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    expected: words.map((word) => JSON.stringify(word)).join(" or "),
    parse: (value) => words.find((word) => word === value),
    print: (value) => value,
  };
}

/** Whole numbers ≥ 1, at least `minimumRank` of them. */
export function shape(minimumRank: number): Kind<readonly number[]> {
  return {
    expected: `a list of ${minimumRank === 0 ? "" : `at least ${minimumRank} `}whole numbers ≥ 1`,
    parse: (value) =>
      isListOf(value, (item) => isWhole(item, 1)) && value.length >= minimumRank ? [...value] : undefined,
    print: (value) => value,
  };
}

/** A length in canonical form; undefined if it is none. */
function readLength(value: unknown): Dim | undefined {
  if (isWhole(value, 1)) return value;
  if (typeof value !== "string") return undefined;
  try {
    return length(value);
  } catch {
    return undefined;
  }
}

/** Lengths of the axes of one sample: whole numbers ≥ 1, or lengths by name such as `"T"`. */
export function lengthsByName(minimumRank: number): Kind<readonly Dim[]> {
  const most = minimumRank === 0 ? "" : `at least ${minimumRank} `;
  return {
    expected: `a list of ${most}whole numbers ≥ 1 or names of lengths such as "T"`,
    parse: (value) => {
      if (!Array.isArray(value) || value.length < minimumRank) return undefined;
      const read = value.map(readLength).filter((item) => item !== undefined);
      return read.length === value.length ? read : undefined;
    },
    print: (value) => value,
  };
}

/** One multiplier for all parameters of a layer, or a list with one each. */
export function multipliers(): Kind<readonly number[] | number> {
  const accept = (value: unknown): value is number => isReal(value) && value >= 0;
  return {
    expected: "a number ≥ 0, or a list with one for each parameter",
    parse: (value) => {
      if (accept(value)) return value;
      return Array.isArray(value) && value.length > 0 && value.every(accept) ? [...value] : undefined;
    },
    print: (value) => {
      if (typeof value === "number") return value;
      const [first = 1] = value;
      return value.every((entry) => entry === first) ? first : value;
    },
  };
}

/** Options as a reader would write them: shortest form, defaults left out, in the order of the table; tensors apart. */
export function printOptions(table: OptionTable, values: Readonly<Record<string, unknown>>) {
  const options: Record<string, OptionValue> = {};
  const tensors: Record<string, Tensor> = {};
  for (const [key, kind] of Object.entries(table)) {
    const written = kind.print(values[key]);
    const usual = kind.required || kind.fallback === undefined ? undefined : kind.print(kind.fallback);
    if (isTensor(written)) tensors[key] = written;
    else if (written !== undefined && !deepEqual(written, usual)) options[key] = written;
  }
  return { options, tensors };
}

/** The values of options that were checked before, defaults filled in. */
export function resolveOptions(table: OptionTable, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, kind] of Object.entries(table)) {
    values[key] = given[key] === undefined ? kind.fallback : kind.parse(given[key]);
  }
  return values;
}
