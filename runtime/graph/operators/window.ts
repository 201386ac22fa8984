import type { Attributes, Dim } from "../types.js";
import { fixed, type Inference, listOf, numberOf } from "./operator.js";

/** How a convolution or pool moves over the spatial axes; one entry an axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
}

type Failing = Pick<Inference, "fail">;

/** The window that attributes describe; ONNX's defaults are strides 1, pads 0, dilations 1. */
export function windowOf(n: Failing, attributes: Attributes, kernel: readonly number[]): Window {
  const rank = kernel.length;
  const list = (name: string, length: number, lowest: number) => {
    const values = listOf(attributes, name) ?? new Array<number>(length).fill(lowest);
    if (values.length !== length) n.fail(`${name} has ${values.length} entries; expected ${length}`);
    const wrong = values.find((value) => value < lowest);
    if (wrong !== undefined) n.fail(`${name} holds ${wrong}; expected ${lowest} or more`);
    return values;
  };
  const pads = list("pads", 2 * rank, 0);
  return {
    kernel,
    strides: list("strides", rank, 1),
    dilations: list("dilations", rank, 1),
    padsBefore: pads.slice(0, rank),
    padsAfter: pads.slice(rank),
  };
}

/** The spatial lengths of a tensor [N, C, …], which have to be known. */
export function spatial(n: Failing, shape: readonly Dim[], what: string): readonly number[] {
  return shape.slice(2).map((dim, axis) => fixed(n, dim, `spatial axis ${axis} of ${what}`));
}

export function at(values: readonly number[], axis: number): number {
  return values[axis] ?? 0;
}

/** Cells from the first to the last that a kernel touches: (k − 1)·d + 1. */
export function extent({ kernel, dilations }: Window, axis: number): number {
  return (at(kernel, axis) - 1) * at(dilations, axis) + 1;
}

/**
 * Output lengths: ⌊(length + pads − extent) / stride⌋ + 1. With `ceil` the division rounds up, and a last window that
 * would start behind the data and its first pad is left out (ONNX MaxPool, ceil_mode).
 */
export function outputLengths(n: Failing, w: Window, lengths: readonly number[], ceil = false): readonly number[] {
  return lengths.map((length, axis) => {
    const stride = at(w.strides, axis);
    const padded = length + at(w.padsBefore, axis) + at(w.padsAfter, axis);
    const room = padded - extent(w, axis);
    if (room < 0) {
      n.fail(
        `a kernel of extent ${extent(w, axis)} does not fit spatial axis ${axis} of length ${length} (${padded} with pads)`,
      );
    }
    const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    const clipped = ceil && (count - 1) * stride >= length + at(w.padsBefore, axis);
    return clipped ? count - 1 : count;
  });
}

/** True where no cell is in two windows. */
export function disjoint(w: Window): boolean {
  return w.strides.every((stride, axis) => stride >= extent(w, axis));
}

/** The attributes of a window, those equal to ONNX's default left out. */
export function windowAttributes(w: Omit<Window, "kernel">): Attributes {
  const pads = [...w.padsBefore, ...w.padsAfter];
  return {
    ...(w.strides.some((stride) => stride !== 1) && { strides: w.strides }),
    ...(w.dilations.some((dilation) => dilation !== 1) && { dilations: w.dilations }),
    ...(pads.some((pad) => pad !== 0) && { pads }),
  };
}

/**
 * The pads and output padding with which a transposed window gives back exactly `lengths` cells from `counts`:
 * lengths = (count − 1)·stride + extent + outputPadding − pads.
 */
export function transposedPads(w: Window, lengths: readonly number[], counts: readonly number[]) {
  const excess = lengths.map(
    (length, axis) => (at(counts, axis) - 1) * at(w.strides, axis) + extent(w, axis) - at(w.padsBefore, axis) - length,
  );
  return {
    padsAfter: excess.map((cells) => Math.max(cells, 0)),
    outputPadding: excess.map((cells) => Math.max(-cells, 0)),
  };
}

export function groupsOf(n: Failing, attributes: Attributes): number {
  const group = numberOf(attributes, "group", 1);
  return group >= 1 ? group : n.fail(`group is ${group}; expected 1 or more`);
}
