import { formatShape, mul } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import { axisOf, fixed, type Inference, type Inputs, listOf, type Operator, type Signature } from "./operator.js";
import { resizeGradient } from "./resize-gradient.js";

const signature = {
  inputs: ["x: float", "roi?: float", "scales?: float", "sizes?: int64"],
  attributes: {
    antialias: { kind: "int", default: 0, choices: [0, 1] },
    axes: { kind: "ints" },
    coordinate_transformation_mode: {
      kind: "string",
      default: "half_pixel",
      choices: ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"],
    },
    cubic_coeff_a: { kind: "float", default: -0.75 },
    exclude_outside: { kind: "int", default: 0, choices: [0, 1] },
    mode: { kind: "string", default: "nearest", choices: ["nearest", "linear", "cubic"] },
    nearest_mode: {
      kind: "string",
      default: "round_prefer_floor",
      choices: ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"],
    },
  },
} as const satisfies Signature;

export type ResizeSignature = typeof signature;

export const resize: Operator<ResizeSignature> = {
  signature,
  doc: "y = x resized along axes (default: all) by scales or to sizes (onnx.ai, Resize)",
  infer: (inputs, n) => {
    const { x } = inputs;
    const resized = resizedAxes(inputs, n);
    return {
      dtype: "float32",
      shape: x.shape.map((dim, axis) => resized.find((one) => one.axis === axis)?.to ?? dim),
    };
  },
  gradient: (inputs, d) => ({
    x: () => resizeGradient(d, inputs.x, resizedAxes(inputs, d)),
    roi: undefined,
    scales: undefined,
  }),
};

/** An axis that changes. */
export interface ResizedAxis {
  readonly axis: number;
  readonly from: Dim;
  readonly to: Dim;
  /** As it was given; undefined where the size was. */
  readonly scale?: number;
}

/** The axes that change: to the size, or to ⌊length·scale⌋. */
function resizedAxes(
  { x, scales, sizes }: Inputs<ResizeSignature>,
  n: Omit<Inference<ResizeSignature>, "outputs">,
): readonly ResizedAxis[] {
  const axes = (n.attributes.axes ?? x.shape.map((_, axis) => axis)).map((axis) => axisOf(n, axis, x.shape.length));
  const from = (axis: number) => x.shape[axis] ?? 1;
  // Files of older versions give an empty tensor for what is left out.
  if (sizes && sizes.shape[0] !== 0) {
    const lengths = counted(n, listOf(n, sizes, "sizes"), axes);
    return axes.flatMap((axis, i) =>
      lengths[i] === from(axis) ? [] : [{ axis, from: from(axis), to: lengths[i] ?? 1 }],
    );
  }
  const { data } =
    n.constant(scales) ?? n.fail("its sizes and scales are computed or missing; expected constant scales");
  const factors = counted(n, Array.from(data), axes);
  return axes.flatMap((axis, i) => {
    const scale = factors[i] ?? 1;
    if (scale === 1) return [];
    if (!(scale > 0)) n.fail(`the scale ${scale} of axis ${axis} is not above 0`);
    if (Number.isInteger(scale)) return [{ axis, from: from(axis), to: mul(from(axis), scale), scale }];
    const length = fixed(n, from(axis), `axis ${axis} of ${formatShape(x.shape)}, which is scaled by ${scale},`);
    return [{ axis, from: length, to: Math.floor(length * scale), scale }];
  });
}

function counted<T>(n: Pick<Inference, "fail">, given: readonly T[], axes: readonly number[]): readonly T[] {
  return given.length === axes.length
    ? given
    : n.fail(`it has ${given.length} sizes or scales; expected ${axes.length}`);
}

/** Every cell of [N, C, …] repeated `counts` times along each spatial axis. Resize copies rows; Expand is 40 × slower. */
export function repeatCells(g: GraphBuilder, value: Value, counts: readonly number[]): Value {
  const scales = g.constant({
    dtype: "float32",
    shape: [counts.length + 2],
    data: Float32Array.from([1, 1, ...counts]),
  });
  return g.op("Resize", [value, undefined, scales], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
}
