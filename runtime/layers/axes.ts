import type { Value } from "../graph/types.js";
import type { Lowering } from "./types.js";

/** An axis of the sample, from one that may be counted from the end; axis 0 is the batch, which layers leave alone. */
export function sampleAxis(l: Lowering, x: Value, axis: number): number {
  const rank = x.shape.length;
  const fromFront = axis < 0 ? axis + rank : axis;
  if (fromFront >= 1 && fromFront < rank) return fromFront;
  const expected = rank < 2 ? "a sample with axes" : `1 to ${rank - 1}, or ${1 - rank} to -1 counted from the end`;
  return l.fail("LAYER_RANK_WRONG", `its axis is ${axis} and its sample has rank ${rank - 1}, expected ${expected}`);
}
