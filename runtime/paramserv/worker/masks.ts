import type { NDArray } from "../../data/types.js";
import { evaluate } from "../../graph/lengths.js";
import type { Kernels } from "../../kernels/kernels.js";
import { keyOf } from "../../kernels/threefry.js";
import type { TrainingProgram } from "../../program/types.js";
import { sizeOf } from "../../shape.js";
import type { Lengths } from "../bind-data.js";

export interface MaskDrawing {
  readonly program: TrainingProgram;
  readonly kernels: Kernels;
  /** Shared memory for one row of a mask, as the kernels need it. */
  readonly scratch: Float32Array;
  /** The named lengths of the training data. */
  readonly lengths: Lengths;
  readonly seed: number;
}

/** What a mask depends on beside its row. */
interface MaskPlace {
  readonly epoch: number;
  /** Which copy of the data the rows are of. */
  readonly copy: number;
}

interface Mask {
  readonly name: string;
  readonly rate: number;
  /** Of one row. */
  readonly shape: readonly number[];
}

/** The dropout masks of a program for data of these lengths. */
function masksOf({ feeds }: TrainingProgram, lengths: Lengths): readonly Mask[] {
  const masks = feeds.filter((feed) => feed.kind === "mask");
  return masks.map(({ name, rate, shape }) => ({ name, rate, shape: shape.map((dim) => evaluate(dim, lengths)) }));
}

/** Floats of the largest row of a mask. */
export function longestMask(program: TrainingProgram | undefined, lengths: Lengths): number {
  const masks = program === undefined ? [] : masksOf(program, lengths);
  return Math.max(0, ...masks.map(({ shape }) => sizeOf(shape)));
}

/**
 * Draws the masks of the rows of a batch, into arrays that the next batch overwrites. A row's mask depends on the seed,
 * the epoch and the row alone, not on the worker, the batch or the order: so k workers drop what one worker would, and a
 * run can be repeated with another k. Where every worker has all rows, each has masks of its own (`copy`).
 */
export function maskDrawer(
  drawing: MaskDrawing,
): (rows: Int32Array, at: MaskPlace) => Readonly<Record<string, NDArray>> {
  const masks = masksOf(drawing.program, drawing.lengths);
  const buffers = masks.map(() => new Float32Array(0));
  return (rows, at) => {
    const drawn: Record<string, NDArray> = {};
    for (const [index, mask] of masks.entries()) {
      const length = rows.length * sizeOf(mask.shape);
      const buffer = (buffers[index]?.length ?? 0) < length ? new Float32Array(length) : buffers[index];
      if (buffer === undefined) continue;
      buffers[index] = buffer;
      const data = buffer.subarray(0, length);
      fillMask({ drawing, mask, index, rows, ...at, into: data });
      drawn[mask.name] = { shape: [rows.length, ...mask.shape], data };
    }
    return drawn;
  };
}

function fillMask(fill: {
  readonly drawing: MaskDrawing;
  readonly mask: Mask;
  readonly index: number;
  readonly rows: Int32Array;
  readonly epoch: number;
  readonly copy: number;
  readonly into: Float32Array;
}): void {
  const { drawing, mask, index, rows, epoch, copy, into } = fill;
  const { scratch, kernels, seed } = drawing;
  const length = sizeOf(mask.shape);
  const row = scratch.subarray(0, length);
  const key = keyOf(seed, index, epoch, copy);
  for (const [at, stream] of rows.entries()) {
    kernels.mask({ out: row, key, stream, rate: mask.rate });
    into.set(row, at * length);
  }
}
