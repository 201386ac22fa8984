import type { Field, FieldValue, Reading } from "../../source/fields/field.js";

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
 * A property of a window: one value for both axes or two (height, width), or the pair of single-axis fields, which
 * excludes the other form (BVLC/caffe src/caffe/layers/base_conv_layer.cpp and pooling_layer.cpp, LayerSetUp).
 */
export function windowField(field: WindowField): Field<Pair> {
  const { both, height, width, least } = field;
  return {
    kind: "window",
    expected: `at least ${least}, for both axes or one for each`,
    names: [both, height, width].filter((name) => name !== undefined),
    read: ({ source, report }) => {
      const single = [height, width].filter((name) => name !== undefined && source.given.includes(name));
      if (source.given.includes(both) && single.length > 0) {
        const message = `it has ${both} and ${single.join(" and ")}, expected one form or the other`;
        report.problem("invalid", message, { at: source.at(single[0]) });
        return undefined;
      }
      const pair = single.length > 0 ? singleAxes({ source, report }, field) : bothAxes({ source, report }, field);
      const bad = pair?.find((value) => value < least);
      if (bad === undefined) return pair && { value: pair };
      const at = source.at(single[0] ?? both);
      report.problem("invalid", `its ${both} is ${bad}, expected at least ${least}`, { at });
      return undefined;
    },
  };
}

type Window = Pick<Reading, "source" | "report">;

/** The schema holds that windows are whole numbers. */
const lengthOf = (value: FieldValue | undefined): number => (typeof value === "number" ? value : 0);

function singleAxes({ source, report }: Window, { height, width, fallback }: WindowField): Pair | undefined {
  if (height === undefined || width === undefined) return undefined;
  const missing = [height, width].find((name) => !source.given.includes(name));
  if (missing !== undefined && fallback !== 0) {
    const message = `it has only one of ${height} and ${width}, expected both`;
    report.problem("missing", message, { at: source.at(missing === height ? width : height) });
    return undefined;
  }
  return [lengthOf(source.one(height)), lengthOf(source.one(width))];
}

function bothAxes({ source, report }: Window, { both, fallback }: WindowField): Pair | undefined {
  if (!source.given.includes(both)) {
    if (fallback !== undefined) return [fallback, fallback];
    report.problem("missing", `it has no ${both}`, { at: source.at() });
    return undefined;
  }
  const values = source.list(both) ?? [];
  if (values.length > 2) {
    const message = `its ${both} has ${values.length} values, expected one or two: images have two axes`;
    report.problem("unsupported", message, { at: source.at(both, 2) });
    return undefined;
  }
  const [height = 0, width = height] = values.map(lengthOf);
  return [height, width];
}

/** A pair as the network's layers write it: one number where both are equal. */
export function shortPair([height, width]: Pair): number | Pair {
  return height === width ? height : [height, width];
}
