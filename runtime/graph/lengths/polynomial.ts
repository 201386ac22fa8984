import { CompileError } from "../../errors.js";

/**
 * Polynomials with whole coefficients over named lengths. Terms stand in canonical order (total degree descending, then by
 * name), none has the coefficient 0, so two polynomials are equal exactly where their texts are. The order is that of
 * monomials in graded lexicographic order, which multiplication keeps: division relies on it.
 */
export type Polynomial = readonly Term[];

export interface Term {
  /** Never 0. NaN marks one that is no safe integer: it spreads through what is computed from it, see `checked`. */
  readonly coefficient: number;
  /** In order of their texts; none for the constant term. */
  readonly factors: readonly Factor[];
}

/** A named length, or what no polynomial expresses: ⌊a / b⌋ of two polynomials, the least or greatest of some. */
export interface Factor {
  readonly kind: "symbol" | AtomKind;
  readonly text: string;
  readonly args: readonly Polynomial[];
  /** Bounds, infinite where none is known. */
  readonly low: number;
  readonly high: number;
}

export type AtomKind = "floor" | "min" | "max";

export const zero: Polynomial = [];
export const one: Polynomial = constant(1);

/** No length needs more; without a limit, a product of many sums or a chain of `min(x, x*T) + x` would grow exponentially. */
const maxTerms = 500;
const maxDegree = 100;
const maxText = 2000;

export function constant(value: number): Polynomial {
  return value === 0 ? [] : [{ coefficient: exact(value), factors: [] }];
}

export function symbol(name: string): Polynomial {
  return ofFactor({ kind: "symbol", text: name, args: [], low: 1, high: Number.POSITIVE_INFINITY });
}

/** `floor(a/b)`, `min(a, b, …)` or `max(a, b, …)` of arguments that cannot be simplified any more. */
export function atom(kind: AtomKind, args: readonly Polynomial[], low: number, high: number): Polynomial {
  for (const arg of args) checked(arg);
  const inner = kind === "floor" ? quotientText(args) : args.map(textOf).join(", ");
  return ofFactor({ kind, text: checkedText(`${kind}(${inner})`), args, low, high });
}

export function ofFactor(factor: Factor): Polynomial {
  return [{ coefficient: 1, factors: [factor] }];
}

/** The value of a polynomial without symbols, else undefined. */
export function constantOf(a: Polynomial): number | undefined {
  const first = a[0];
  if (first === undefined) return 0;
  return first.factors.length === 0 ? first.coefficient : undefined;
}

/** The factor that a polynomial consists of, if it is one factor and nothing else. */
export function factorOf(a: Polynomial): Factor | undefined {
  const first = a[0];
  return a.length === 1 && first?.coefficient === 1 && first.factors.length === 1 ? first.factors[0] : undefined;
}

/** `a + scale · b` */
export function plus(a: Polynomial, b: Polynomial, scale = 1): Polynomial {
  const sum: Term[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    const order = left === undefined ? 1 : right === undefined ? -1 : compareMonomials(left.factors, right.factors);
    const before = order <= 0 ? (left?.coefficient ?? 0) : 0;
    const coefficient = order >= 0 ? exact(before + exact((right?.coefficient ?? 0) * scale)) : before;
    const factors = (order <= 0 ? left : right)?.factors ?? [];
    if (coefficient !== 0) sum.push({ coefficient, factors });
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return sum;
}

/** `scale · a` */
export function scaled(a: Polynomial, scale: number): Polynomial {
  if (scale === 0) return zero;
  return a.map(({ coefficient, factors }) => ({ coefficient: exact(coefficient * scale), factors }));
}

export function times(a: Polynomial, b: Polynomial): Polynomial {
  let product = zero;
  for (const { coefficient, factors } of a) product = plus(product, timesMonomial(b, factors), coefficient);
  return product;
}

/** `a` times a product of factors. */
export function timesMonomial(a: Polynomial, monomial: readonly Factor[]): Polynomial {
  if (monomial.length === 0) return a;
  return a.map(({ coefficient, factors }) => ({ coefficient, factors: [...factors, ...monomial].sort(compareTexts) }));
}

/** `factors` without those of `divisor`; undefined where one of these is missing. */
export function withoutFactors(factors: readonly Factor[], divisor: readonly Factor[]): readonly Factor[] | undefined {
  const rest = [...factors];
  for (const { text } of divisor) {
    const index = rest.findIndex((factor) => factor.text === text);
    if (index < 0) return undefined;
    rest.splice(index, 1);
  }
  return rest;
}

export function compareTexts(a: { readonly text: string }, b: { readonly text: string }): number {
  return a.text === b.text ? 0 : a.text < b.text ? -1 : 1;
}

function compareMonomials(a: readonly Factor[], b: readonly Factor[]): number {
  if (a.length !== b.length) return b.length - a.length;
  for (const [index, factor] of a.entries()) {
    const other = b[index];
    if (other !== undefined && other.text !== factor.text) return compareTexts(factor, other);
  }
  return 0;
}

/** The canonical text, such as `"2N*T + 3"`. */
export function textOf(a: Polynomial): string {
  if (a.length === 0) return "0";
  let text = "";
  for (const { coefficient, factors } of a) {
    const negative = coefficient < 0;
    const size = Math.abs(coefficient);
    text += text === "" ? (negative ? "-" : "") : negative ? " - " : " + ";
    if (size !== 1 || factors.length === 0) text += size;
    text += factors.map((factor) => factor.text).join("*");
  }
  return text;
}

/** `a/b`, where a sum stands in parentheses, and below also a product. */
function quotientText([above = zero, below = zero]: readonly Polynomial[]): string {
  const bare = factorOf(below) !== undefined || constantOf(below) !== undefined;
  const left = above.length > 1 ? `(${textOf(above)})` : textOf(above);
  return `${left}/${bare ? textOf(below) : `(${textOf(below)})`}`;
}

/** A whole number, or NaN where it is beyond the safe integers. */
export function exact(value: number): number {
  return Number.isSafeInteger(value) ? value + 0 : Number.NaN;
}

export function isExact(a: Polynomial): boolean {
  return a.every(({ coefficient }) => !Number.isNaN(coefficient));
}

/** The polynomial itself; throws where a number of it went beyond the safe integers, or where it has too many terms. */
export function checked(a: Polynomial): Polynomial {
  if (!isExact(a)) tooLarge();
  if (a.length > maxTerms || a.some(({ factors }) => factors.length > maxDegree)) tooLong();
  return a;
}

export function checkedText(text: string): string {
  return text.length > maxText ? tooLong() : text;
}

function tooLong(): never {
  return invalidLength(
    `a length would have more than ${maxTerms} terms, ${maxDegree} factors in one of them or ${maxText} letters`,
  );
}

export function tooLarge(): never {
  return invalidLength(
    `a length would be greater than ${Number.MAX_SAFE_INTEGER}, the greatest that can be computed exactly`,
  );
}

export function invalidLength(message: string): never {
  throw new CompileError({ code: "GRAPH_NODE_INVALID", message });
}
