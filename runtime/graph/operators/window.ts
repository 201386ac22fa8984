import { add, ceilDiv, floorDiv, highest, min, mul, sub } from "../lengths.js";
import type { Dim, Value } from "../types.js";
import { fixed, type Inference } from "./operator.js";

/** How a window moves over the spatial axes; one entry an axis. */
export interface Moves {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
}

/** A window whose size is known. */
export interface Window extends Moves {
  readonly kernel: readonly number[];
}

/** A window over data. */
export interface Sliding {
  readonly kernel: readonly Dim[];
  /** The spatial lengths of the data. */
  readonly lengths: readonly Dim[];
  /** Counts a window that hangs over the end. Default false. */
  readonly ceil?: boolean;
}

type Failing = Pick<Inference, "fail">;

/** The spatial lengths of a tensor [N, C, …]. */
export function spatial({ shape }: Pick<Value, "shape">): readonly Dim[] {
  return shape.slice(2);
}

export function at(values: readonly number[], axis: number): number {
  return values[axis] ?? 0;
}

/** Cells from the first to the last that a kernel touches: (k − 1)·d + 1. */
export function extent({ kernel, dilations }: Pick<Window, "kernel" | "dilations">, axis: number): number {
  return (at(kernel, axis) - 1) * at(dilations, axis) + 1;
}

/**
 * Output lengths: ⌊(length + pads − extent) / stride⌋ + 1. With `ceil` the division rounds up, and a last window that
 * would start behind the data and its first pad is left out (ONNX MaxPool, ceil_mode).
 */
export function outputLengths(n: Failing, moves: Moves, { kernel, lengths, ceil = false }: Sliding): readonly Dim[] {
  return lengths.map((length, axis) => {
    const stride = at(moves.strides, axis);
    const covered = add(mul(sub(kernel[axis] ?? 1, 1), at(moves.dilations, axis)), 1);
    const begun = add(length, at(moves.padsBefore, axis));
    const padded = add(begun, at(moves.padsAfter, axis));
    const room = sub(padded, covered);
    if (highest(room) < 0) {
      n.fail(
        `a kernel of extent ${covered} does not fit spatial axis ${axis} of length ${length} (${padded} with pads)`,
      );
    }
    if (!ceil) return add(floorDiv(room, stride), 1);
    return min(add(ceilDiv(room, stride), 1), ceilDiv(begun, stride));
  });
}

/** True where no cell is in two windows. */
export function disjoint(w: Window): boolean {
  return w.strides.every((stride, axis) => stride >= extent(w, axis));
}

/** The attributes of moves, those equal to ONNX's default left out. */
export function moveAttributes(moves: Moves) {
  const pads = [...moves.padsBefore, ...moves.padsAfter];
  return {
    strides: moves.strides.some((stride) => stride !== 1) ? moves.strides : undefined,
    dilations: moves.dilations.some((dilation) => dilation !== 1) ? moves.dilations : undefined,
    pads: pads.some((pad) => pad !== 0) ? pads : undefined,
  };
}

/**
 * The attributes of a transposed window that gives back exactly `lengths` cells from `counts`:
 * lengths = (count − 1)·stride + extent + output_padding − pads. With a stride of 1 they are known for every length.
 */
export function transposedAttributes(n: Failing, w: Window, lengths: readonly Dim[], counts: readonly Dim[]) {
  const excess = lengths.map((length, axis) => {
    const reached = add(mul(sub(counts[axis] ?? 1, 1), at(w.strides, axis)), extent(w, axis) - at(w.padsBefore, axis));
    return fixed(n, sub(reached, length), `what windows leave out of spatial axis ${axis} of length ${length}`);
  });
  const padsAfter = excess.map((cells) => Math.max(cells, 0));
  const outputPadding = excess.map((cells) => Math.max(-cells, 0));
  return {
    ...moveAttributes({ ...w, padsAfter }),
    output_padding: outputPadding.some((cells) => cells > 0) ? outputPadding : undefined,
  };
}
