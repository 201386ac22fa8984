import { internalError } from "../errors.js";
import type { UpdateRange } from "./types.js";

/** The first `count` slot arrays of a range; the arrays are given by the plan of the same optimizer. */
export function slotsOf(range: UpdateRange, count: 1): readonly [Float32Array];
export function slotsOf(range: UpdateRange, count: 2): readonly [Float32Array, Float32Array];
export function slotsOf(range: UpdateRange, count: 3): readonly [Float32Array, Float32Array, Float32Array];
export function slotsOf({ slots }: UpdateRange, count: number): readonly Float32Array[] {
  if (slots.length < count) throw internalError(`an update needs ${count} slots and was given ${slots.length}`);
  return slots.slice(0, count);
}
