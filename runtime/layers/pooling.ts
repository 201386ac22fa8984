import type { InputKind, LayerOptions } from "./call.js";
import type { Inference, Inferred } from "./define-layer.js";
import {
  choice,
  flag,
  optional,
  type Padding,
  type Pair,
  padding,
  pair,
  type Resolved,
  withDefault,
} from "./options.js";
import type { Shape } from "./types.js";
import { checkFits, type PoolAxis, poolWindows, type Rounding, type WindowAxis, windowAxes } from "./windows.js";

export interface PoolOptions extends LayerOptions {
  /** Pixels: one number for a square, or `[height, width]`. Required unless `global`. */
  readonly kernel?: number | Pair;
  /** Pixels from window to window. Default 1 (caffe.proto, PoolingParameter.stride). */
  readonly stride?: number | Pair;
  /** Padding around the image: one number, `[height, width]` or `[top, left, bottom, right]`. Default 0. */
  readonly pad?: number | Pair | Padding;
  /**
   * What becomes of a last window that reaches beyond the padded image. Default "floor": it is dropped. "ceil" keeps it,
   * exactly as Caffe does: with padding, a window that would start beyond the image and its leading padding is dropped.
   */
  readonly rounding?: Rounding;
  /** One window as large as the image; then no other option but the name. Default false. */
  readonly global?: boolean;
}

export const poolOptions = {
  kernel: optional(pair(1)),
  stride: withDefault<Pair>(pair(1), [1, 1]),
  pad: withDefault<Padding>(padding(), [0, 0, 0, 0]),
  rounding: withDefault<Rounding>(choice(["floor", "ceil"]), "floor"),
  global: withDefault(flag(), false),
};

export const poolInput: InputKind = {
  name: "image",
  dtype: "float32",
  ranks: [3],
  axes: "[channels, height, width]",
};

/** What pooling comes to: windows that are all whole once the image has `pads`. */
export interface PoolAttributes {
  readonly kernel: Pair;
  readonly stride: Pair;
  /** The padding that was asked for. */
  readonly pad: Padding;
  /** Zeros or −∞ to add on each side: `pad`, and what the last windows need beyond it. */
  readonly pads: Padding;
  readonly input: Shape;
  readonly output: Shape;
}

type Options = Resolved<typeof poolOptions>;

function checkGlobal({ options, check }: Inference<Options>): void {
  const { kernel, stride, pad, rounding, global } = options;
  check(
    global || kernel !== undefined,
    "LAYER_OPTION_INVALID",
    'its option "kernel" is missing, expected it or global',
  );
  const alone = kernel === undefined && rounding === "floor" && [...stride, ...pad].join() === "1,1,0,0,0,0";
  check(!global || alone, "LAYER_OPTION_INVALID", "it is global and has a window, expected global alone");
}

/**
 * A window in the padding alone, which has no maximum and no mean: refused. Caffe refuses padding ≥ kernel too; where a
 * stride > kernel leaves a last window outside an unpadded image, it would give −FLT_MAX or NaN.
 */
function checkTouches(window: WindowAxis, { output, after }: PoolAxis, { check }: Inference<Options>): void {
  const { axis, kernel, before, stride, size } = window;
  const widest = Math.max(before, window.after);
  const padding = `its padding on ${axis} is ${widest} and its kernel ${kernel}, expected padding less than the kernel`;
  check(widest < kernel, "LAYER_SHAPE_MISMATCH", padding);
  if (widest >= kernel) return;
  const start = (output - 1) * stride - before;
  check(
    after < kernel,
    "LAYER_SHAPE_MISMATCH",
    `its last window on ${axis} starts at pixel ${start} of ${size}, expected every window to touch the image`,
    'a smaller stride or rounding: "floor" avoids it',
  );
}

/** The shape rule of pooling. */
export function inferPool(inference: Inference<Options>): Inferred<PoolAttributes> {
  const { inputs, options, check } = inference;
  const input = inputs[0]?.shape ?? [];
  const [channels = 0, inputHeight = 0, inputWidth = 0] = input;
  checkGlobal(inference);
  const { stride, pad, rounding, kernel = [inputHeight, inputWidth] } = options;
  const windows = windowAxes(input, { kernel, stride, pad });
  const padded = pad.some((length) => length > 0);
  const [height, width] = windows.map((window) => {
    const fits = (ok: boolean, message: string) => check(ok, "LAYER_SHAPE_MISMATCH", message);
    checkFits(window, fits);
    const axis = poolWindows(window, rounding, padded);
    if (axis.output >= 1) checkTouches(window, axis, inference);
    return axis;
  }) as [PoolAxis, PoolAxis];
  const shape = [channels, height.output, width.output];
  const pads: Padding = [pad[0], pad[1], height.after, width.after];
  return { shape, attributes: { kernel, stride, pad, pads, input, output: shape } };
}
