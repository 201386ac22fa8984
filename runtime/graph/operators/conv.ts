import { formatShape, mul } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import { dataGradient } from "./conv-data-gradient.js";
import { convSpec } from "./conv-spec.js";
import { weightGradient } from "./conv-weight-gradient.js";
import { slidLengths, statedPads, windowOf, windowRows } from "./given-window.js";
import { type Inference, type Operator, requireRank, type Signature } from "./operator.js";
import { spatial } from "./window.js";

export const convRows = {
  ...windowRows,
  group: { kind: "int", default: 1 },
  kernel_shape: { kind: "ints" },
} as const satisfies Signature["attributes"];

const signature = { inputs: ["x: float", "w: float", "b?: float"], attributes: convRows } as const satisfies Signature;

export const conv: Operator<typeof signature> = {
  signature,
  doc: "y[n,m] = Σ x[n,c]·w[m,c] + b[m] over windows: x [N, C, …], w [M, C/group, …], b [M] (onnx.ai, Conv)",
  infer: ({ x, w, b }, n) => {
    requireImages(n, x, w);
    const group = groupOf(n, n.attributes.group);
    const [filters = 1, channels = 1] = w.shape;
    const expected = mul(channels, group);
    if (x.shape[1] !== expected) {
      n.fail(
        `"${x.name}" has ${x.shape[1]} channels; expected ${expected} (weights ${formatShape(w.shape)}, group ${group})`,
      );
    }
    if (typeof filters === "number" && filters % group !== 0) {
      n.fail(`${filters} filters do not divide into ${group} groups`);
    }
    requireBias(n, b, filters);
    const lengths = slidLengths(n, n.attributes, { kernel: kernelOf(n, w), lengths: spatial(x) });
    return { dtype: "float32", shape: [x.shape[0] ?? 1, filters, ...lengths] };
  },
  lower: ({ x, w, b }, d) => {
    const pads = statedPads(d, d.attributes, { kernel: kernelOf(d, w), lengths: spatial(x) });
    return pads && d.g.op("Conv", [x, w, b], { ...d.attributes, ...pads });
  },
  gradient: ({ x, w }, d) => {
    const spec = () => {
      const window = windowOf(d, d.attributes, { kernel: kernelOf(d, w), lengths: spatial(x) });
      return convSpec(d, { x, dy: d.dy, window, group: d.attributes.group });
    };
    return {
      x: () => dataGradient(spec(), d.dy, w),
      w: () => weightGradient(spec(), x, d.dy),
      b: () => biasGradient(d.g, d.dy),
    };
  },
};

/** The kernel's lengths come from the weights; the attribute may repeat them. */
export function kernelOf(
  n: Pick<Inference, "fail"> & { readonly attributes: { readonly kernel_shape: readonly number[] | undefined } },
  w: Value,
): readonly Dim[] {
  const kernel = spatial(w);
  const { kernel_shape: stated } = n.attributes;
  if (stated && stated.join() !== kernel.join()) {
    n.fail(`kernel_shape is [${stated.join(",")}]; the weights have [${kernel.join(",")}]`);
  }
  if (kernel.includes(0)) n.fail(`the weights have the lengths [${kernel.join(",")}]; expected 1 or more`);
  return kernel;
}

export function requireImages(n: Pick<Inference, "fail">, x: Value, w: Value): void {
  if (x.shape.length < 3) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected [N, channels, …]`);
  requireRank(n, w, x.shape.length);
}

export function groupOf(n: Pick<Inference, "fail">, group: number): number {
  return group >= 1 ? group : n.fail(`group is ${group}; expected 1 or more`);
}

export function requireBias(n: Pick<Inference, "fail">, bias: Value | undefined, filters: Dim): void {
  if (!bias) return;
  requireRank(n, bias, 1);
  if (bias.shape[0] !== filters) n.fail(`the bias "${bias.name}" has length ${bias.shape[0]}; expected ${filters}`);
}

/** db = Σ dy over all axes but the channels */
export function biasGradient(g: GraphBuilder, dy: Value): Value {
  const axes = dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return g.op("ReduceSum", [dy, g.ints(axes)], { keepdims: 0 });
}
