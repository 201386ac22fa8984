import { defineLayer } from "./define-layer.js";
import type { Padding, Pair } from "./options.js";
import { padding, pair, required, whole, withDefault } from "./options.js";
import { type WeightedLayerOptions, weightAndBias, weightOptions } from "./parameters.js";
import type { Tensor } from "./types.js";
import { checkFits, floorWindows, windowAttributes, windowAxes } from "./windows.js";

export interface Conv2dOptions extends WeightedLayerOptions {
  /** Number of output channels. */
  readonly filters: number;
  /** Pixels: one number for a square, or `[height, width]`. */
  readonly kernel: number | Pair;
  /** Pixels from window to window. Default 1. */
  readonly stride?: number | Pair;
  /** Zeros around the image: one number, `[height, width]` or `[top, left, bottom, right]`. Default 0. */
  readonly pad?: number | Pair | Padding;
  /** Pixels from kernel entry to kernel entry. Default 1. */
  readonly dilation?: number | Pair;
  /** Channels are split into this many groups, each with its own filters. Default 1. */
  readonly groups?: number;
}

/** y[f] = b[f] + Σ w[f, c, i, j] · x[c, s·r + d·i − p, s·q + d·j − p] over c, i, j: a cross-correlation. */
export const conv2dLayer = defineLayer({
  type: "conv2d",
  inputs: [{ name: "image", dtype: "float32", ranks: [3], axes: "[channels, height, width]" }],
  options: {
    filters: required(whole(1)),
    kernel: required(pair(1)),
    stride: withDefault<Pair>(pair(1), [1, 1]),
    pad: withDefault<Padding>(padding(), [0, 0, 0, 0]),
    dilation: withDefault<Pair>(pair(1), [1, 1]),
    groups: withDefault(whole(1), 1),
    ...weightOptions,
  },
  needsName: true,
  infer: ({ name, inputs: [image], options, check }) => {
    const { filters, kernel, groups } = options;
    const channels = image?.shape[0] ?? 0;
    const divides = channels % groups === 0 && filters % groups === 0;
    const found = `its ${groups} groups do not divide its ${channels} input channels and ${filters} filters`;
    check(divides, "LAYER_SHAPE_MISMATCH", `${found}, expected a divisor of both`);
    const windows = windowAxes(image?.shape ?? [], options);
    for (const window of windows) checkFits(window, (ok, message) => check(ok, "LAYER_SHAPE_MISMATCH", message));
    return {
      shape: [filters, ...windows.map(floorWindows)],
      attributes: options,
      parameters: weightAndBias({
        name,
        weight: [filters, channels / groups, ...kernel],
        bias: [filters],
        options,
        check,
      }),
    };
  },
  lower: ({ g, inputs, parameter }, { stride, pad, dilation, groups, bias }) =>
    g.op("Conv", [...inputs, parameter("weight"), ...(bias === false ? [] : [parameter("bias")])], {
      ...windowAttributes({ stride, pads: pad, dilation }),
      ...(groups !== 1 && { group: groups }),
    }),
});

/**
 * Convolution of an image `[channels, height, width]` to `[filters, h, w]` with
 * h = ⌊(height + top + bottom − (dilation·(kernel − 1) + 1)) / stride⌋ + 1, and w likewise.
 * Parameters: `weight` `[filters, channels / groups, kernel height, kernel width]` and `bias` `[filters]`.
 *
 * @throws CompileError if the kernel does not fit into the padded image, or groups do not divide channels and filters
 * @example const conv1 = conv2d(data, { name: "conv1", filters: 20, kernel: 5, lr: [1, 2] });
 */
export function conv2d(image: Tensor, options: Conv2dOptions): Tensor {
  return conv2dLayer.make([image], options);
}
