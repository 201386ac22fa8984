import type { SampleRank } from "./definition.js";

/** The number of axes that a window moves over, beside batch and channels. */
export type SpatialRank = 1 | 2 | 3;

const axisNames = { 1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"] } as const;

/** What readers call the axes of a window. */
export function axesOf(rank: SpatialRank): readonly string[] {
  return axisNames[rank];
}

/** The sample that a window of this rank moves over: `[channels, height, width]`. */
export function imageOf(rank: SpatialRank): SampleRank {
  return { ranks: [rank + 1], axes: `[channels, ${axesOf(rank).join(", ")}]` };
}

/** How a fraction of a window at the end of an axis counts. */
export type Rounding = "floor" | "ceil";

/** One axis over which a window moves; all lengths in pixels. */
export interface WindowAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

/** Pixels that a kernel spans: d·(k − 1) + 1. */
export function spanOf({ kernel, dilation }: WindowAxis): number {
  return dilation * (kernel - 1) + 1;
}

/** What a pooling axis comes to where a fraction of a window counts. */
export interface PoolAxis {
  readonly output: number;
  /** Padding at the end that makes exactly `output` whole windows; it may reach beyond the padding that was asked for. */
  readonly after: number;
}

/**
 * The pooling windows of an axis by Caffe's rule (BVLC/caffe src/caffe/layers/pooling_layer.cpp, PoolingLayer::Reshape):
 * ⌈(i + p − k)/s⌉ + 1, and where `padded` (any axis has padding) one less if the last window would start at or beyond the
 * end of the image with its leading padding.
 */
export function ceilWindows(window: WindowAxis, padded: boolean): PoolAxis {
  const { size, stride, before, after } = window;
  const span = spanOf(window);
  let output = Math.ceil((size + before + after - span) / stride) + 1;
  if (padded && (output - 1) * stride >= size + before) output -= 1;
  return { output, after: Math.max(0, (output - 1) * stride + span - size - before) };
}

/** A window as ONNX attributes. */
export interface WindowAttributes {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations?: readonly number[];
}

/** A window as ONNX attributes, those that are ONNX's defaults left out. */
export function windowAttributes({ strides, pads, dilations = [] }: WindowAttributes) {
  return {
    strides: strides.some((length) => length !== 1) ? strides : undefined,
    pads: pads.some((length) => length !== 0) ? pads : undefined,
    dilations: dilations.some((length) => length !== 1) ? dilations : undefined,
  };
}
