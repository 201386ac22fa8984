import type { Message } from "../../source/prototxt/message.js";
import type { LayerContext } from "./types.js";

export type Pair = readonly [height: number, width: number];

/** How Caffe's convolution and pooling name one property of a window. */
export interface WindowField {
  /** For both axes, repeated in convolution: `kernel_size`. */
  readonly both: string;
  /** For one axis: `kernel_h`, `kernel_w`. */
  readonly height?: string;
  readonly width?: string;
  /** Undefined where the file must say it. */
  readonly fallback?: number;
  readonly least: number;
}

export const windowFields = {
  kernel: { both: "kernel_size", height: "kernel_h", width: "kernel_w", least: 1 },
  stride: { both: "stride", height: "stride_h", width: "stride_w", fallback: 1, least: 1 },
  pad: { both: "pad", height: "pad_h", width: "pad_w", fallback: 0, least: 0 },
  dilation: { both: "dilation", fallback: 1, least: 1 },
} as const satisfies Record<string, WindowField>;

/**
 * Reads a property of a window: one value for both axes or two (height, width), or the pair of single-axis fields, which
 * excludes the other form (BVLC/caffe src/caffe/layers/base_conv_layer.cpp and pooling_layer.cpp, LayerSetUp).
 */
export function readPair(context: LayerContext, settings: Message, field: WindowField): Pair | undefined {
  const single = [field.height, field.width].filter((name) => name !== undefined && settings.has(name));
  const { both } = field;
  if (settings.has(both) && single.length > 0) {
    const message = `it has ${both} and ${single.join(" and ")}, expected one form or the other`;
    context.problem("CAFFE_FIELD_INVALID", message, { at: settings.at(single[0]) });
    return undefined;
  }
  const pair = single.length > 0 ? singleAxes(context, settings, field) : bothAxes(context, settings, field);
  const bad = pair?.find((value) => value < field.least);
  if (bad === undefined) return pair;
  const at = settings.at(single[0] ?? both);
  context.problem("CAFFE_FIELD_INVALID", `its ${both} is ${bad}, expected at least ${field.least}`, { at });
  return undefined;
}

function singleAxes(
  context: LayerContext,
  settings: Message,
  { height, width, fallback }: WindowField,
): Pair | undefined {
  if (height === undefined || width === undefined) return undefined;
  const missing = [height, width].find((name) => !settings.has(name));
  if (missing !== undefined && fallback !== 0) {
    const message = `it has only one of ${height} and ${width}, expected both`;
    context.problem("CAFFE_FIELD_MISSING", message, { at: settings.at(missing === height ? width : height) });
    return undefined;
  }
  return [settings.number(height), settings.number(width)];
}

function bothAxes(context: LayerContext, settings: Message, { both, fallback }: WindowField): Pair | undefined {
  if (!settings.has(both)) {
    if (fallback !== undefined) return [fallback, fallback];
    context.problem("CAFFE_FIELD_MISSING", `it has no ${both}`, { at: settings.at() });
    return undefined;
  }
  const values = settings.numbers(both);
  if (values.length > 2) {
    const message = `its ${both} has ${values.length} values, expected one or two: images have two axes`;
    context.problem("CAFFE_FIELD_UNSUPPORTED", message, { at: settings.at(both, 2) });
    return undefined;
  }
  const [height = 0, width = height] = values;
  return [height, width];
}

/** A pair as the network's layers write it: one number where both are equal. */
export function shortPair([height, width]: Pair): number | Pair {
  return height === width ? height : [height, width];
}
