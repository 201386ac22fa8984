/**
 * The algebra of axis lengths. A length is a number or a polynomial over named lengths in canonical text; equal ones are
 * `===`. `floor(a/b)`, `min(a, b)` and `max(a, b)` stand in it like names, with canonical arguments. Numbers that leave the
 * safe integers are a CompileError.
 */
export {
  add,
  ceilDiv,
  evaluate,
  floorDiv,
  highest,
  isAtLeast,
  length,
  lowest,
  max,
  min,
  mod,
  mul,
  neg,
  quotient,
  sub,
  symbolsOf,
} from "./lengths/algebra.js";
export { bindLengths, broadcast, formatShape, isStatic, product, sameShape } from "./lengths/shapes.js";
