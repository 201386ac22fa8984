import type { Value } from "../graph/types.js";
import { lengths, type PerAxis, type PerSide, padding, perAxis, perSide } from "./axis-options.js";
import { choice, flag, optional, withDefault } from "./options.js";
import { lengthOf } from "./parameters.js";
import type { Lowering } from "./types.js";
import {
  axesOf,
  ceilWindows,
  type PoolAxis,
  type Rounding,
  type SpatialRank,
  spanOf,
  type WindowAxis,
} from "./windows.js";

/** The options that all pools have. */
export const poolOptions = <Rank extends SpatialRank>() => ({
  /** Pixels: one number for all axes, or one for each: `[height, width]`. Required unless `global`. */
  kernel: optional<PerAxis<Rank>>(lengths<Rank>(1)),
  /** Pixels from window to window. Default 1 (caffe.proto, PoolingParameter.stride). */
  stride: withDefault<PerAxis<Rank>>(lengths<Rank>(1), 1),
  /** Padding around the image: one number, one for each axis, or one for each side: `[top, left, bottom, right]`. Default 0. */
  pad: withDefault<PerSide<Rank>>(padding<Rank>(), 0),
  /**
   * What becomes of a last window that reaches beyond the padded image. Default "floor": it is dropped. "ceil" keeps it,
   * exactly as Caffe does: with padding, a window that would start beyond the image and its leading padding is dropped.
   * "ceil" needs lengths that are known beforehand.
   */
  rounding: withDefault<Rounding>(choice(["floor", "ceil"]), "floor"),
  /** One window as large as the image; then no other option but the name. Default false. */
  global: withDefault(flag(), false),
});

interface PoolOptions {
  readonly kernel: PerAxis | undefined;
  readonly stride: PerAxis;
  readonly pad: PerSide;
  readonly rounding: Rounding;
  readonly global: boolean;
  /** Default 1. */
  readonly dilation?: PerAxis;
}

/** Pooling windows, one entry an axis; all are whole once the image has `pads`. */
export interface PoolWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros or −∞ to add on each side: the padding that was asked for, and what the last windows need beyond it. */
  readonly pads: readonly number[];
  /** The axes under "ceil", whose lengths are known; none under "floor". */
  readonly axes: readonly CeilAxis[];
}

/** An axis as it was asked for, and how many windows it comes to. */
export interface CeilAxis extends WindowAxis {
  readonly output: number;
}

function readKernel(l: Lowering, image: Value, options: PoolOptions, rank: SpatialRank): readonly number[] {
  const { kernel, stride, pad, rounding, global, dilation = 1 } = options;
  if (kernel !== undefined && !global) return perAxis(l, "kernel", kernel, rank);
  l.check(global, "LAYER_OPTION_INVALID", 'its option "kernel" is missing, expected it or global');
  const alone = kernel === undefined && stride === 1 && pad === 0 && rounding === "floor" && dilation === 1;
  l.check(!global || alone, "LAYER_OPTION_INVALID", "it is global and has a window, expected global alone");
  return axesOf(rank).map((axis, index) => lengthOf(l, image, index + 2, axis));
}

/** The windows of a pool; "floor" leaves everything to the operator. */
export function poolWindow(l: Lowering, image: Value, options: PoolOptions, rank: SpatialRank): PoolWindow {
  const kernel = readKernel(l, image, options, rank);
  const strides = perAxis(l, "stride", options.stride, rank);
  const dilations = perAxis(l, "dilation", options.dilation ?? 1, rank);
  const pads = perSide(l, "pad", options.pad, rank);
  if (options.rounding === "floor") return { kernel, strides, dilations, pads, axes: [] };
  const axes = axesOf(rank).map((name, index): WindowAxis => {
    const size = lengthOf(l, image, index + 2, `${name} under rounding: "ceil"`);
    return {
      size,
      kernel: kernel[index] ?? 1,
      stride: strides[index] ?? 1,
      before: pads[index] ?? 0,
      after: pads[index + rank] ?? 0,
      dilation: dilations[index] ?? 1,
    };
  });
  const padded = pads.some((length) => length > 0);
  const whole = axes.map((axis, index) => wholeWindows(l, axis, axesOf(rank)[index] ?? "", padded));
  return {
    kernel,
    strides,
    dilations,
    pads: [...pads.slice(0, rank), ...whole.map(({ after }) => after)],
    axes: axes.map((axis, index) => ({ ...axis, output: whole[index]?.output ?? 0 })),
  };
}

/**
 * The padding at the end of an axis that makes its last windows whole. A last window in that padding alone, which has no
 * maximum and no mean, is refused; where a stride > kernel leaves one outside an unpadded image, Caffe would give −FLT_MAX
 * or NaN.
 */
function wholeWindows(l: Lowering, axis: WindowAxis, name: string, padded: boolean): PoolAxis {
  const { size, stride, before, after: asked } = axis;
  const span = spanOf(axis);
  // The operator says what is wrong with a kernel that does not fit, or with padding as wide as it.
  if (span > size + before + asked || Math.max(before, asked) >= span) return { output: 0, after: asked };
  const { output, after } = ceilWindows(axis, padded);
  const start = (output - 1) * stride - before;
  l.check(
    after < span,
    "LAYER_SHAPE_MISMATCH",
    `its last window on ${name} starts at pixel ${start} of ${size}, expected every window to touch the image`,
    'a smaller stride or rounding: "floor" avoids it',
  );
  return { output, after };
}
