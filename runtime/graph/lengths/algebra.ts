import type { Dim } from "../types.js";
import { highestOf, lowestOf } from "./bounds.js";
import { exactQuotient, floorQuotient } from "./divide.js";
import { parsePolynomial } from "./parse.js";
import {
  checked,
  checkedText,
  constant,
  constantOf,
  exact,
  type Factor,
  invalidLength,
  type Polynomial,
  plus,
  scaled,
  textOf,
  times,
  tooLarge,
} from "./polynomial.js";
import { extremeOf, floorOf } from "./simplify.js";

/** Polynomials by text. Emptied when it is full, so that texts of many models do not add up. */
const parsed = new Map<string, Polynomial>();
const maxParsed = 4096;

function remember(text: string, a: Polynomial): void {
  if (parsed.size >= maxParsed) parsed.clear();
  parsed.set(text, a);
}

export function polynomialOf(dim: Dim): Polynomial {
  if (typeof dim === "number") return constant(dim);
  let a = parsed.get(dim);
  if (a === undefined) {
    a = parsePolynomial(dim);
    remember(dim, a);
  }
  return a;
}

function dimOf(a: Polynomial): Dim {
  checked(a);
  const known = constantOf(a);
  if (known !== undefined) return known;
  const text = checkedText(textOf(a));
  if (!parsed.has(text)) remember(text, a);
  return text;
}

function exactOf(value: number): number {
  const found = exact(value);
  return Number.isNaN(found) ? tooLarge() : found;
}

/** A length from text, canonical or not: `length("3 + T*N*2")` is `"2N*T + 3"`. Throws a CompileError on bad text. */
export function length(text: string): Dim {
  return dimOf(polynomialOf(text));
}

export function add(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return exactOf(a + b);
  if (b === 0) return a;
  return a === 0 ? b : dimOf(plus(polynomialOf(a), polynomialOf(b)));
}

export function sub(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return exactOf(a - b);
  if (b === 0) return a;
  return a === b ? 0 : dimOf(plus(polynomialOf(a), polynomialOf(b), -1));
}

export function neg(a: Dim): Dim {
  return sub(0, a);
}

export function mul(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return exactOf(a * b);
  if (a === 0 || b === 0) return 0;
  if (b === 1) return a;
  if (a === 1) return b;
  if (typeof a === "number") return dimOf(scaled(polynomialOf(b), a));
  return dimOf(typeof b === "number" ? scaled(polynomialOf(a), b) : times(polynomialOf(a), polynomialOf(b)));
}

/** ⌊a / b⌋, toward −∞. Throws a CompileError where b is 0. */
export function floorDiv(a: Dim, b: Dim): Dim {
  if (b === 1) return a;
  if (typeof a === "number" && typeof b === "number" && b !== 0) return floorQuotient(a, b);
  return dimOf(floorOf(polynomialOf(a), polynomialOf(b)));
}

/** ⌈a / b⌉, toward ∞. Throws a CompileError where b is 0. */
export function ceilDiv(a: Dim, b: Dim): Dim {
  // ⌈a / b⌉ = −⌊−a / b⌋ for every b; ⌊(a + b − 1) / b⌋ is the same for b ≥ 1 and has the customary text.
  if (typeof a === "number" && typeof b === "number") return neg(floorDiv(neg(a), b));
  return isAtLeast(b, 1) ? floorDiv(sub(add(a, b), 1), b) : neg(floorDiv(neg(a), b));
}

/** a − b·⌊a / b⌋, from 0 to b − 1 where b ≥ 1. Throws a CompileError where b is 0. */
export function mod(a: Dim, b: Dim): Dim {
  const whole = floorDiv(a, b);
  if (typeof a !== "number" || typeof b !== "number") return sub(a, mul(b, whole));
  const rest = a % b;
  return (rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest) + 0;
}

/** The lesser. A number beyond the safe integers counts as infinite: operators use them as "to the end". */
export function min(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.min(a, b);
  if (isBeyond(b) && b > 0) return a;
  return isBeyond(a) && a > 0 ? b : dimOf(extremeOf("min", [polynomialOf(a), polynomialOf(b)]));
}

/** The greater. A number below the safe integers counts as −∞. */
export function max(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.max(a, b);
  if (isBeyond(b) && b < 0) return a;
  return isBeyond(a) && a < 0 ? b : dimOf(extremeOf("max", [polynomialOf(a), polynomialOf(b)]));
}

function isBeyond(a: Dim): a is number {
  return typeof a === "number" && Math.abs(a) > Number.MAX_SAFE_INTEGER;
}

/** The length q with a = q · b for every value of the symbols; undefined where there is none. b = 0 has none. */
export function quotient(a: Dim, b: Dim): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return b !== 0 && a % b === 0 ? a / b + 0 : undefined;
  if (b === 1) return a;
  const found = exactQuotient(polynomialOf(a), polynomialOf(b));
  return found && dimOf(found);
}

/** A number that the length never falls below; −∞ where none is known. */
export function lowest(a: Dim): number {
  return typeof a === "number" ? a : lowestOf(polynomialOf(a));
}

/** A number that the length never exceeds; ∞ where none is known. */
export function highest(a: Dim): number {
  return typeof a === "number" ? a : highestOf(polynomialOf(a));
}

/** True where a ≥ b is proved for every value of the symbols; false where it is not so, or not known. */
export function isAtLeast(a: Dim, b: Dim): boolean {
  if (a === b) return true;
  if (typeof b === "number") return lowest(a) >= b;
  if (typeof a === "number") return highest(b) <= a;
  return lowestOf(plus(polynomialOf(a), polynomialOf(b), -1)) >= 0;
}

const none: readonly string[] = [];

/** The names in a length, in order. */
export function symbolsOf(dim: Dim): readonly string[] {
  if (typeof dim === "number") return none;
  const names = new Set<string>();
  collectSymbols(polynomialOf(dim), names);
  return [...names].sort();
}

function collectSymbols(a: Polynomial, names: Set<string>): void {
  for (const { factors } of a) {
    for (const factor of factors) {
      if (factor.kind === "symbol") names.add(factor.text);
      for (const arg of factor.args) collectSymbols(arg, names);
    }
  }
}

/** The number that a length is for these values of its symbols. Throws a CompileError where one is missing. */
export function evaluate(dim: Dim, bindings: Readonly<Record<string, number>>): number {
  return typeof dim === "number" ? dim : valueAt(polynomialOf(dim), bindings);
}

function valueAt(a: Polynomial, bindings: Readonly<Record<string, number>>): number {
  let value = 0;
  for (const { coefficient, factors } of a) {
    let product = coefficient;
    for (const factor of factors) product = exactOf(product * factorValue(factor, bindings));
    value = exactOf(value + product);
  }
  return value;
}

function factorValue({ kind, text, args }: Factor, bindings: Readonly<Record<string, number>>): number {
  if (kind === "symbol") {
    const value = Object.hasOwn(bindings, text) ? bindings[text] : undefined;
    return value ?? invalidLength(`the length ${text} is not known`);
  }
  const values = args.map((arg) => valueAt(arg, bindings));
  if (kind !== "floor") return kind === "min" ? Math.min(...values) : Math.max(...values);
  const [above = 0, below = 0] = values;
  return below === 0 ? invalidLength(`${text} divides by 0`) : floorQuotient(above, below);
}
