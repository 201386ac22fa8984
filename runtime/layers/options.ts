import { deepEqual } from "./plain.js";
import type { OptionValue } from "./types.js";

/** How one option of a layer is read, defaulted and written again. `T` is the value with every shorthand expanded. */
export interface OptionKind<T> {
  /** What the option may be, for messages: "a whole number ≥ 1". */
  readonly expected: string;
  readonly required: boolean;
  /** The value when the option is left out. */
  readonly fallback: T;
  /** Expands the shorthand; `undefined` refuses the value. */
  parse(value: unknown): T | undefined;
  /** The shortest way to write the value. */
  print(value: T): OptionValue | undefined;
}

export type OptionTable = Readonly<Record<string, OptionKind<unknown>>>;

/** The expanded values of a table of options. */
export type Resolved<Table> = { readonly [Key in keyof Table]: Table[Key] extends OptionKind<infer T> ? T : never };

/** Sizes above this cannot be indexed by any runtime we emit for. */
export const maximumSize = 2 ** 31 - 1;

function isWhole(value: unknown, minimum: number): value is number {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximumSize;
}

function isReal(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Makes an option required: the fallback is never used. */
export function required<T>(kind: Omit<OptionKind<T>, "required" | "fallback">): OptionKind<T> {
  return { ...kind, required: true, fallback: undefined as T };
}

/** Makes an option one that may be left out, and then has the value `undefined`. */
export function optional<T>(kind: Omit<OptionKind<T>, "required" | "fallback">): OptionKind<T | undefined> {
  return {
    expected: kind.expected,
    required: false,
    fallback: undefined,
    parse: (value) => kind.parse(value),
    print: (value) => (value === undefined ? undefined : kind.print(value)),
  };
}

/** Gives an option the value it has when left out. */
export function withDefault<T>(kind: Omit<OptionKind<T>, "required" | "fallback">, fallback: T): OptionKind<T> {
  return { ...kind, required: false, fallback };
}

type Kind<T> = Omit<OptionKind<T>, "required" | "fallback">;

/** A whole number. */
export function whole(minimum: number): Kind<number> {
  return {
    expected: `a whole number ≥ ${minimum}`,
    parse: (value) => (isWhole(value, minimum) ? value : undefined),
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

/** Lengths of the axes of one sample. */
export function shape(minimumRank: number): Kind<readonly number[]> {
  return {
    expected: `a list of ${minimumRank === 0 ? "" : `at least ${minimumRank} `}whole numbers ≥ 1`,
    parse: (value) =>
      Array.isArray(value) && value.length >= minimumRank && value.every((length) => isWhole(length, 1))
        ? [...(value as readonly number[])]
        : undefined,
    print: (value) => value,
  };
}

export type Pair = readonly [height: number, width: number];

/** One whole number for both axes, or `[height, width]`. */
export function pair(minimum: number): Kind<Pair> {
  return {
    expected: `a whole number ≥ ${minimum}, or [height, width] of them`,
    parse: (value) => {
      if (isWhole(value, minimum)) return [value, value];
      if (!Array.isArray(value) || value.length !== 2) return undefined;
      const [height, width] = value as readonly unknown[];
      return isWhole(height, minimum) && isWhole(width, minimum) ? [height, width] : undefined;
    },
    print: ([height, width]) => (height === width ? height : [height, width]),
  };
}

export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** One whole number for all sides, `[height, width]`, or `[top, left, bottom, right]`. */
export function padding(): Kind<Padding> {
  return {
    expected: "a whole number ≥ 0, [height, width] or [top, left, bottom, right] of them",
    parse: (value) => {
      if (isWhole(value, 0)) return [value, value, value, value];
      if (!Array.isArray(value) || (value.length !== 2 && value.length !== 4)) return undefined;
      const [top, left, bottom = top, right = left] = value as readonly unknown[];
      return isWhole(top, 0) && isWhole(left, 0) && isWhole(bottom, 0) && isWhole(right, 0)
        ? [top, left, bottom, right]
        : undefined;
    },
    print: ([top, left, bottom, right]) => {
      if (top !== bottom || left !== right) return [top, left, bottom, right];
      return top === left ? top : [top, left];
    },
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

/** The options as a reader would write them: shortest form, defaults left out, in the order of the table. */
export function printOptions(
  table: OptionTable,
  values: Readonly<Record<string, unknown>>,
): Record<string, OptionValue> {
  const printed: Record<string, OptionValue> = {};
  for (const [key, kind] of Object.entries(table)) {
    const text = kind.print(values[key]);
    const usual = kind.required || kind.fallback === undefined ? undefined : kind.print(kind.fallback);
    if (text !== undefined && !deepEqual(text, usual)) printed[key] = text;
  }
  return printed;
}
