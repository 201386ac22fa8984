import { floorRange, highestOf, lowestOf } from "./bounds.js";
import { divide, floorQuotient } from "./divide.js";
import {
  atom,
  checked,
  constant,
  constantOf,
  exact,
  type Factor,
  factorOf,
  invalidLength,
  isExact,
  one,
  type Polynomial,
  plus,
  scaled,
  type Term,
  textOf,
  withoutFactors,
} from "./polynomial.js";

/** ⌊a / b⌋. What b divides is taken out; only the rest stays in a `floor`. */
export function floorOf(a: Polynomial, b: Polynomial): Polynomial {
  const lead = checked(b)[0];
  if (lead === undefined) return invalidLength(`${textOf(a)} is divided by 0`);
  if (lead.coefficient < 0) return floorOf(scaled(a, -1), scaled(b, -1));
  const { quotient, remainder } = divide(checked(a), b);
  return plus(quotient, floorOfRemainder(remainder, b));
}

function floorOfRemainder(a: Polynomial, b: Polynomial): Polynomial {
  const [above, below] = [constantOf(a), constantOf(b)];
  if (above === 0) return a;
  if (above !== undefined && below !== undefined) return constant(floorQuotient(above, below));
  const simpler = withoutCommonMonomial(a, b) ?? withoutCommonNumber(a, b) ?? withoutInnerFloor(a, below);
  if (simpler !== undefined) return floorOf(...simpler);
  const { low, high } = floorRange(a, b);
  if (low === high) return constant(low);
  if (low >= 0 && lowestOf(plus(b, a, -1)) >= 1) return constant(0);
  if (high < 0 && lowestOf(plus(b, a)) >= 0) return constant(-1);
  return atom("floor", [a, b], low, high);
}

type Quotient = readonly [a: Polynomial, b: Polynomial];

/** `floor(N*T/(N*M))` is `floor(T/M)`. */
function withoutCommonMonomial(a: Polynomial, b: Polynomial): Quotient | undefined {
  const common: Factor[] = [];
  for (let left = [...a, ...b].map(({ factors }) => factors); ; ) {
    const next = left[0]?.find((factor) => left.every((factors) => factors.some(({ text }) => text === factor.text)));
    if (next === undefined) break;
    common.push(next);
    left = left.map((factors) => withoutFactors(factors, [next]) ?? factors);
  }
  if (common.length === 0) return undefined;
  const reduced = (term: Term) => ({ ...term, factors: withoutFactors(term.factors, common) ?? term.factors });
  return [a.map(reduced), b.map(reduced)];
}

/** `floor((4N + 3)/6)` is `floor((2N + 1)/3)`, because ⌊x / (g·b)⌋ = ⌊⌊x / g⌋ / b⌋ for whole b ≥ 1. */
function withoutCommonNumber(a: Polynomial, b: Polynomial): Quotient | undefined {
  const positive = lowestOf(b) >= 1;
  const common = [...a.filter(({ factors }) => !positive || factors.length > 0), ...b].reduce(
    (found, { coefficient }) => greatestCommonDivisor(found, coefficient),
    0,
  );
  if (common === 1) return undefined;
  const reduced = (p: Polynomial) =>
    p.flatMap(({ coefficient, factors }) => {
      const share = floorQuotient(coefficient, common);
      return share === 0 ? [] : [{ coefficient: share, factors }];
    });
  return [reduced(a), reduced(b)];
}

/** `floor((floor(x/3) + y)/2)` is `floor((x + 3y)/6)`. */
function withoutInnerFloor(a: Polynomial, divisor: number | undefined): Quotient | undefined {
  if (divisor === undefined) return undefined;
  const inner = a.filter((term) => factorOf([term])?.kind === "floor");
  const factor = inner.length === 1 ? factorOf(inner) : undefined;
  if (factor === undefined || factor.kind === "symbol") return undefined;
  const [x = one, y = one] = factor.args;
  const scale = constantOf(y);
  if (scale === undefined) return undefined;
  const above = plus(x, plus(a, inner, -1), scale);
  const below = constant(exact(scale * divisor));
  return isExact(above) && isExact(below) ? [above, below] : undefined;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

/** The least or greatest of the arguments, without those that another one always undercuts or exceeds. */
export function extremeOf(kind: "min" | "max", args: readonly Polynomial[]): Polynomial {
  const sign = kind === "min" ? 1 : -1;
  const wins = (a: Polynomial, b: Polynomial) => lowestOf(plus(scaled(b, sign), a, -sign)) >= 0;
  let kept: Polynomial[] = [];
  for (const arg of args.flatMap((given) => argumentsOf(kind, given)).sort(compareArguments)) {
    if (kept.some((other) => wins(other, arg))) continue;
    kept = [...kept.filter((other) => !wins(arg, other)), arg];
  }
  if (kept.length === 1) return kept[0] ?? one;
  const extreme = kind === "min" ? Math.min : Math.max;
  return atom(kind, kept, extreme(...kept.map((arg) => lowestOf(arg))), extreme(...kept.map((arg) => highestOf(arg))));
}

/** `min(min(a, b), c)` is `min(a, b, c)`. */
function argumentsOf(kind: "min" | "max", arg: Polynomial): readonly Polynomial[] {
  const factor = factorOf(arg);
  return factor !== undefined && factor.kind === kind ? factor.args : [arg];
}

/** By text, a number last. */
function compareArguments(a: Polynomial, b: Polynomial): number {
  const [left, right] = [a, b].map((arg) => (constantOf(arg) === undefined ? `0${textOf(arg)}` : `1${textOf(arg)}`));
  return left === right ? 0 : (left ?? "") < (right ?? "") ? -1 : 1;
}
