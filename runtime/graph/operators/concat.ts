import { add, formatShape } from "../lengths.js";
import type { Dim, GraphBuilder, Value } from "../types.js";
import { mostElements } from "./contents.js";
import { axisOf, type Differentiation, type Inference, type Operator, type Signature } from "./operator.js";

const signature = {
  inputs: ["...xs: any"],
  attributes: { axis: { kind: "int", required: true } },
} as const satisfies Signature;

export const concat: Operator<typeof signature> = {
  signature,
  doc: "y = the inputs one after another along an axis (onnx.ai, Concat)",
  infer: ({ xs }, n) => {
    const first = xs[0] ?? n.fail("it has no inputs");
    const axis = axisOf(n, n.attributes.axis, first.shape.length);
    for (const value of xs) requireFit(n, { first, value, axis });
    const total = xs.reduce<Dim>((sum, { shape }) => add(sum, shape[axis] ?? 0), 0);
    return { dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? total : dim)) };
  },
  contents: ({ xs }, n) => {
    const parts = xs.map((value) => n.contents(value) ?? unknownElements(value));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  },
  gradient: ({ xs }, d) => {
    const axis = axisOf(d, d.attributes.axis, d.y.shape.length);
    if (xs.every(({ shape }) => typeof shape[axis] === "number"))
      return { xs: (index) => part(d, xs, { axis, index }) };
    let parts: readonly Value[] | undefined;
    return {
      xs: (index) => {
        parts ??= d.g.ops("Split", [d.dy, lengthsAlong(d.g, xs, axis)], { axis }, xs.length);
        return parts[index] ?? d.fail(`there is no input ${index}`);
      },
    };
  },
};

interface Fit {
  readonly first: Value;
  readonly value: Value;
  readonly axis: number;
}

function requireFit(n: Pick<Inference, "fail">, { first, value, axis }: Fit): void {
  const same =
    value.shape.length === first.shape.length && value.shape.every((dim, i) => i === axis || dim === first.shape[i]);
  if (same && value.dtype === first.dtype) return;
  n.fail(
    `"${value.name}" is ${value.dtype} ${formatShape(value.shape)}; expected ${first.dtype} ${formatShape(first.shape)} but for axis ${axis}`,
  );
}

/** So many elements of which nothing is known, if there are few. */
function unknownElements({ shape }: Value): readonly undefined[] | undefined {
  const [length] = shape;
  if (shape.length !== 1 || typeof length !== "number" || length > mostElements) return undefined;
  return new Array<undefined>(length).fill(undefined);
}

/** The part of dy that one input made, all lengths being known: only what is asked for is cut out. */
function part(
  { g, dy }: Pick<Differentiation, "g" | "dy">,
  xs: readonly Value[],
  { axis, index }: { readonly axis: number; readonly index: number },
): Value {
  const start = xs.slice(0, index).reduce((total, { shape }) => total + Number(shape[axis]), 0);
  const end = start + Number(xs[index]?.shape[axis]);
  if (start === 0 && end === dy.shape[axis]) return dy;
  return g.op("Slice", [dy, g.ints([start]), g.ints([end]), g.ints([axis])]);
}

/** The lengths of values along an axis, int64. */
function lengthsAlong(g: GraphBuilder, xs: readonly Value[], axis: number): Value {
  const lengths = xs.map((value) => {
    const length = value.shape[axis];
    return typeof length === "number" ? g.ints([length]) : g.op("Shape", [value], { start: axis, end: axis + 1 });
  });
  return g.op("Concat", lengths, { axis: 0 });
}
