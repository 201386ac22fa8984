import { formatShape, product } from "../dims.js";
import type { Dim, Value } from "../types.js";
import { dataGradient, weightGradient } from "./conv-gradient.js";
import {
  type Differentiation,
  type Inference,
  inputAt,
  listOf,
  type Operator,
  requireFloat,
  requireRank,
} from "./operator.js";
import { groupsOf, outputLengths, spatial, type Window, windowOf } from "./window.js";

export const convAttributes: Operator["attributes"] = {
  kernel_shape: { kind: "ints" },
  strides: { kind: "ints" },
  pads: { kind: "ints" },
  dilations: { kind: "ints" },
  group: { kind: "int", default: 1 },
};

/** y[n,m] = Σ x[n,c]·w[m,c] + b[m]: x [N, C, …], w [M, C/group, …], b [M] */
export const conv: Operator = {
  inputs: [2, 3],
  attributes: convAttributes,
  infer: (n) => {
    const [x, w] = [inputAt(n, 0), inputAt(n, 1)];
    requireImages(n, x, w);
    const group = groupsOf(n, n.attributes);
    const [filters, channels] = [w.shape[0] ?? 1, w.shape[1] ?? 1];
    const expected = product([channels, group]);
    if (x.shape[1] !== expected) {
      n.fail(
        `"${x.name}" has ${x.shape[1]} channels; expected ${expected} (weights ${formatShape(w.shape)}, group ${group})`,
      );
    }
    if (typeof filters === "number" && filters % group !== 0)
      n.fail(`${filters} filters do not divide into ${group} groups`);
    requireBias(n, filters);
    const lengths = outputLengths(n, convWindow(n, n.attributes), spatial(n, x.shape, `"${x.name}"`));
    return [{ dtype: "float32", shape: [x.shape[0] ?? 1, filters, ...lengths] }];
  },
  gradient: (d) => {
    const [x, w, dy] = [inputAt(d, 0), inputAt(d, 1), d.dy];
    const spec = { d, window: convWindow(d, d.attributes), group: groupsOf(d, d.attributes) };
    return [
      () => dataGradient({ ...spec, dy, w, lengths: spatial(d, x.shape, "x") }),
      () => weightGradient({ ...spec, x, dy }),
      () => biasGradient(d, dy),
    ];
  },
};

/** The kernel's lengths come from the weights; the attribute may repeat them. */
export function convWindow(n: Pick<Inference, "inputs" | "fail">, attributes: Inference["attributes"]): Window {
  const kernel = spatial(n, inputAt(n, 1).shape, "the weights");
  const stated = listOf(attributes, "kernel_shape");
  if (stated && stated.join() !== kernel.join()) {
    n.fail(`kernel_shape is [${stated.join(",")}]; the weights have [${kernel.join(",")}]`);
  }
  return windowOf(n, attributes, kernel);
}

export function requireImages(n: Inference, x: Value, w: Value): void {
  requireFloat(n, x);
  requireFloat(n, w);
  if (x.shape.length < 3) n.fail(`"${x.name}" has shape ${formatShape(x.shape)}; expected [N, channels, …]`);
  requireRank(n, w, x.shape.length);
}

export function requireBias(n: Inference, filters: Dim): void {
  const bias = n.inputs[2];
  if (!bias) return;
  requireFloat(n, bias);
  requireRank(n, bias, 1);
  if (bias.shape[0] !== filters) n.fail(`the bias "${bias.name}" has length ${bias.shape[0]}; expected ${filters}`);
}

/** db = Σ dy over all axes but the channels */
export function biasGradient({ g }: Pick<Differentiation, "g">, dy: Value): Value {
  const axes = dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  return g.op("ReduceSum", [dy, g.ints(axes)], { keepdims: 0 });
}
