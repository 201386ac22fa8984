import { constantOf, type Polynomial, plus, type Term, timesMonomial, withoutFactors } from "./polynomial.js";

/** ⌊a / b⌋ of safe integers; b is not 0. `Math.floor(a / b)` errs near 2^53. */
export function floorQuotient(a: number, b: number): number {
  const rest = a % b;
  const truncated = (a - rest) / b;
  return (rest !== 0 && rest < 0 !== b < 0 ? truncated - 1 : truncated) + 0;
}

interface Division {
  readonly quotient: Polynomial;
  readonly remainder: Polynomial;
}

/**
 * a = quotient · b + remainder by long division in the order of terms; b is not 0. No term of the remainder contains the
 * first term of b, but for coefficients from 0 to that term's own. A number divided by a number b leaves −b + 1 … 0, which
 * keeps the output length of a convolution in its customary form: `floor((T - 1)/2) + 1`.
 */
export function divide(a: Polynomial, b: Polynomial): Division {
  const quotient: Term[] = [];
  const remainder: Term[] = [];
  const lead = b[0];
  let rest = a;
  for (let first = rest[0]; first !== undefined && lead !== undefined; first = rest[0]) {
    const factors = withoutFactors(first.factors, lead.factors);
    const up = constantOf(b) !== undefined && first.factors.length === 0;
    const above = up ? -first.coefficient : first.coefficient;
    const coefficient = factors === undefined ? 0 : floorQuotient(above, lead.coefficient) * (up ? -1 : 1);
    if (factors === undefined || coefficient === 0 || Number.isNaN(coefficient)) {
      remainder.push(first);
      rest = rest.slice(1);
    } else {
      quotient.push({ coefficient, factors });
      rest = plus(rest, timesMonomial(b, factors), -coefficient);
    }
  }
  return { quotient, remainder };
}

/** The polynomial q with a = q · b; undefined where there is none. b = 0 has none. */
export function exactQuotient(a: Polynomial, b: Polynomial): Polynomial | undefined {
  if (b.length === 0) return undefined;
  const { quotient, remainder } = divide(a, b);
  return remainder.length === 0 ? quotient : undefined;
}
