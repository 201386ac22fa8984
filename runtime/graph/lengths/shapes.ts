import type { Dim } from "../types.js";
import { evaluate, mul, polynomialOf, symbolsOf } from "./algebra.js";
import { floorQuotient } from "./divide.js";
import { constantOf } from "./polynomial.js";

/** The number of elements of a shape; 1 for `[]`. */
export function product(shape: readonly Dim[]): Dim {
  let count: Dim = 1;
  for (const dim of shape) count = mul(count, dim);
  return count;
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** True where every length is known before the program runs. */
export function isStatic(shape: readonly Dim[]): shape is readonly number[] {
  return shape.every((dim) => typeof dim === "number");
}

/** The shape of an element-wise result (ONNX multidirectional broadcasting); undefined where the shapes do not fit. */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

export function formatShape(shape: readonly Dim[]): string {
  return `[${shape.join(",")}]`;
}

/**
 * Learns the symbols of a shape from the lengths that an array has, and checks all of them.
 * @param into the values of symbols: those that it has must agree, those that it lacks are added if all fits
 * @returns what does not fit, for a message such as `axis 1 is 7, expected 2T = 6`; undefined where all fits
 */
export function bindLengths(
  shape: readonly Dim[],
  actual: readonly number[],
  into: Record<string, number>,
): string | undefined {
  if (shape.length !== actual.length) {
    return `${formatShape(actual)} has ${actual.length} axes, expected ${shape.length}: ${formatShape(shape)}`;
  }
  const learned = { ...into };
  for (const [axis, dim] of shape.entries()) learn(dim, actual[axis] ?? 0, learned);
  for (const [axis, dim] of shape.entries()) {
    const expected = expectation(dim, learned);
    if (expected !== actual[axis]) return `axis ${axis} is ${actual[axis]}, expected ${textOfExpected(dim, expected)}`;
  }
  Object.assign(into, learned);
  return undefined;
}

/** Learns T where the length is T, or k·T + c, and T is not known. */
function learn(dim: Dim, actual: number, into: Record<string, number>): void {
  if (typeof dim === "number") return;
  const [first, ...rest] = polynomialOf(dim);
  const [factor, ...others] = first?.factors ?? [];
  const offset = constantOf(rest);
  if (first === undefined || factor?.kind !== "symbol" || others.length > 0 || offset === undefined) return;
  if (Object.hasOwn(into, factor.text)) return;
  const above = actual - offset;
  const value = floorQuotient(above, first.coefficient);
  if (value >= 1 && value * first.coefficient === above) into[factor.text] = value;
}

function expectation(dim: Dim, bindings: Readonly<Record<string, number>>): number | undefined {
  return symbolsOf(dim).every((name) => Object.hasOwn(bindings, name)) ? evaluate(dim, bindings) : undefined;
}

function textOfExpected(dim: Dim, expected: number | undefined): string {
  if (typeof dim === "number") return String(dim);
  return expected === undefined ? `${dim} with whole lengths of at least 1` : `${dim} = ${expected}`;
}
