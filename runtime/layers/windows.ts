import type { Attributes } from "../graph/types.js";
import type { Padding, Pair } from "./options.js";

/** How a fraction of a window at the end of an axis counts. */
export type Rounding = "floor" | "ceil";

/** One axis over which a window moves; all lengths in pixels. */
export interface WindowAxis {
  readonly axis: "height" | "width";
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

interface WindowOptions {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Padding;
  readonly dilation?: Pair;
}

/** The two axes of an image `[channels, height, width]` under a window. */
export function windowAxes(shape: readonly number[], options: WindowOptions): readonly [WindowAxis, WindowAxis] {
  const { kernel, stride, pad, dilation = [1, 1] } = options;
  const [top, left, bottom, right] = pad;
  const [, height = 0, width = 0] = shape;
  return [
    {
      axis: "height",
      size: height,
      kernel: kernel[0],
      stride: stride[0],
      before: top,
      after: bottom,
      dilation: dilation[0],
    },
    {
      axis: "width",
      size: width,
      kernel: kernel[1],
      stride: stride[1],
      before: left,
      after: right,
      dilation: dilation[1],
    },
  ];
}

/** Pixels that a kernel spans: d·(k − 1) + 1. */
export function spanOf({ kernel, dilation }: WindowAxis): number {
  return dilation * (kernel - 1) + 1;
}

type Check = (ok: boolean, message: string) => void;

/** Notes a kernel that does not fit into the padded axis. */
export function checkFits(window: WindowAxis, check: Check): void {
  const { axis, size, kernel, before, after, dilation } = window;
  const span = spanOf(window);
  const padded = size + before + after;
  const what = dilation === 1 ? `${kernel}` : `${kernel}, ${span} with dilation ${dilation},`;
  check(
    span <= padded,
    `its kernel ${axis} is ${what} but its padded input ${axis} is ${padded} (${before} + ${size} + ${after}), ` +
      "expected a kernel that fits",
  );
}

/** Number of whole windows on an axis: ⌊(i + p − span)/s⌋ + 1. */
export function floorWindows(window: WindowAxis): number {
  return Math.floor((window.size + window.before + window.after - spanOf(window)) / window.stride) + 1;
}

/** What a pooling axis comes to. */
export interface PoolAxis {
  readonly output: number;
  /** Padding at the end that makes exactly `output` whole windows; it may reach beyond the padding that was asked for. */
  readonly after: number;
}

/**
 * The pooling windows of an axis. "floor" counts whole windows only. "ceil" is Caffe's rule (BVLC/caffe
 * src/caffe/layers/pooling_layer.cpp, PoolingLayer::Reshape): ⌈(i + p − k)/s⌉ + 1, and where `padded` (either axis has
 * padding) one less if the last window would start at or beyond the end of the image with its leading padding.
 */
export function poolWindows(window: WindowAxis, rounding: Rounding, padded: boolean): PoolAxis {
  const { size, kernel, stride, before, after } = window;
  if (rounding === "floor") return { output: floorWindows(window), after };
  let output = Math.ceil((size + before + after - kernel) / stride) + 1;
  if (padded && (output - 1) * stride >= size + before) output -= 1;
  return { output, after: Math.max(0, (output - 1) * stride + kernel - size - before) };
}

interface WindowAttributes {
  readonly stride: Pair;
  readonly pads: Padding;
  readonly dilation?: Pair;
}

/** A window as ONNX attributes, those that are ONNX's defaults left out. */
export function windowAttributes({ stride, pads, dilation = [1, 1] }: WindowAttributes): Attributes {
  return {
    ...(stride.some((length) => length !== 1) && { strides: stride }),
    ...(pads.some((length) => length !== 0) && { pads }),
    ...(dilation.some((length) => length !== 1) && { dilations: dilation }),
  };
}
