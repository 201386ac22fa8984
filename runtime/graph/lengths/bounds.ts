import { exactQuotient, floorQuotient } from "./divide.js";
import {
  constant,
  constantOf,
  exact,
  type Factor,
  ofFactor,
  one,
  type Polynomial,
  plus,
  scaled,
  times,
  timesMonomial,
  withoutFactors,
  zero,
} from "./polynomial.js";

interface Range {
  readonly low: number;
  readonly high: number;
}

/** How many atoms are replaced by their bounds, one in the other, and how many are tried at each step. */
const maxDepth = 3;
const maxAtoms = 4;
/** Terms of more factors are not expanded. */
const maxDegree = 10;

/** A number that the polynomial never falls below, its symbols being at least 1; −∞ where none is known. */
export function lowestOf(a: Polynomial, depth = maxDepth): number {
  const known = constantOf(a);
  if (known !== undefined) return known;
  let best = shiftedLowest(a);
  if (depth === 0) return best;
  for (const atom of atomsOf(a)) best = Math.max(best, relaxedLowest(a, atom, depth - 1));
  return best;
}

/** A number that the polynomial never exceeds; ∞ where none is known. */
export function highestOf(a: Polynomial, depth = maxDepth): number {
  return 0 - lowestOf(scaled(a, -1), depth);
}

/** Bounds of ⌊a / b⌋. */
export function floorRange(a: Polynomial, b: Polynomial): Range {
  const below = { low: lowestOf(b), high: highestOf(b) };
  if (below.low < 1) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const above = { low: lowestOf(a), high: highestOf(a) };
  return {
    low: floorOfBounds(above.low, above.low < 0 ? below.low : below.high),
    high: floorOfBounds(above.high, above.high < 0 ? below.high : below.low),
  };
}

function floorOfBounds(a: number, b: number): number {
  if (!Number.isFinite(b)) return a < 0 ? -1 : 0;
  return Number.isFinite(a) ? floorQuotient(a, b) : a;
}

/** The lowest value as far as the bounds of the factors tell it. */
function shiftedLowest(a: Polynomial): number {
  return plainLowest(a) ?? expandedLowest(a);
}

/** The lowest value where that is the sum of the terms' lowest: in a linear polynomial, or where all terms rise. */
function plainLowest(a: Polynomial): number | undefined {
  const linear = (a[0]?.factors.length ?? 0) <= 1;
  let lowest = 0;
  for (const { coefficient, factors } of a) {
    let product = coefficient;
    for (const { low, high } of factors) {
      if (!linear && (coefficient < 0 || low < 0)) return undefined;
      product *= coefficient < 0 ? high : low;
    }
    lowest = exact(lowest + product);
  }
  return Number.isNaN(lowest) ? Number.NEGATIVE_INFINITY : lowest;
}

/**
 * Writes each factor as its bound and a rest of at least 0, so N·T − N becomes n·t + t: what is left to fall below the
 * constant term are the negative terms.
 */
function expandedLowest(a: Polynomial): number {
  let shifted = zero;
  const spans = new Map<string, number>();
  for (const { coefficient, factors } of a) {
    if (factors.length > maxDegree) return Number.NEGATIVE_INFINITY;
    let product = one;
    for (const factor of factors) {
      const { low, high } = factor;
      if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return low;
      const rest = ofFactor(factor);
      const fromHigh = low === Number.NEGATIVE_INFINITY;
      product = times(product, plus(constant(fromHigh ? high : low), rest, fromHigh ? -1 : 1));
      spans.set(factor.text, high - low);
    }
    shifted = plus(shifted, product, coefficient);
  }
  return lowestFromZero(shifted, spans);
}

/** The lowest value of a polynomial whose factors go from 0 to their spans. */
function lowestFromZero(a: Polynomial, spans: ReadonlyMap<string, number>): number {
  let lowest = 0;
  for (const { coefficient, factors } of a) {
    if (coefficient > 0 && factors.length > 0) continue;
    const lengths = factors.map(({ text }) => spans.get(text) ?? Number.POSITIVE_INFINITY);
    if (lengths.includes(0)) continue;
    lowest = exact(lowest + coefficient * lengths.reduce((product, span) => product * span, 1));
  }
  return Number.isNaN(lowest) ? Number.NEGATIVE_INFINITY : lowest;
}

/** The lowest value after one atom was replaced by a polynomial that bounds it, as ⌊T / 2⌋ by T / 2. */
function relaxedLowest(a: Polynomial, atom: Factor, depth: number): number {
  const { coefficient, rest } = collect(a, atom);
  const rises = shiftedLowest(coefficient) >= 0;
  if (atom.kind === "symbol" || (!rises && shiftedLowest(scaled(coefficient, -1)) < 0)) return Number.NEGATIVE_INFINITY;
  if (atom.kind === "floor") return relaxedFloor(coefficient, rest, atom.args, rises, depth);
  const candidates = atom.args.map((arg) => lowestOf(plus(rest, times(coefficient, arg)), depth));
  // A least value is at most each of its arguments, and at least the least of what they give.
  return (atom.kind === "max") === rises ? Math.max(...candidates) : Math.min(...candidates);
}

/** The lowest value of coefficient · ⌊x / y⌋ + rest, from x − y + 1 ≤ y · ⌊x / y⌋ ≤ x, where the coefficient keeps its sign. */
function relaxedFloor(
  coefficient: Polynomial,
  rest: Polynomial,
  [x = zero, y = one]: readonly Polynomial[],
  rises: boolean,
  depth: number,
): number {
  if (shiftedLowest(y) < 1) return Number.NEGATIVE_INFINITY;
  const bound = rises ? plus(plus(x, y, -1), one) : x;
  const share = exactQuotient(coefficient, y);
  if (share !== undefined) return lowestOf(plus(rest, times(share, bound)), depth);
  const divisor = constantOf(y);
  if (divisor === undefined) return Number.NEGATIVE_INFINITY;
  const lowest = lowestOf(plus(times(coefficient, bound), rest, divisor), depth);
  return Number.isFinite(lowest) ? 0 - floorQuotient(0 - lowest, divisor) : lowest;
}

/** `a` as coefficient · factor + rest. */
function collect(a: Polynomial, factor: Factor): { readonly coefficient: Polynomial; readonly rest: Polynomial } {
  let [coefficient, rest] = [zero, zero];
  for (const term of a) {
    const others = withoutFactors(term.factors, [factor]);
    if (others === undefined) rest = [...rest, term];
    else coefficient = plus(coefficient, timesMonomial(constant(term.coefficient), others));
  }
  return { coefficient, rest };
}

function atomsOf(a: Polynomial): readonly Factor[] {
  const atoms = new Map<string, Factor>();
  for (const { factors } of a)
    for (const factor of factors) if (factor.kind !== "symbol") atoms.set(factor.text, factor);
  return [...atoms.values()].slice(0, maxAtoms);
}
