import type { Dim, Value, ValueType } from "../types.js";
import { folded } from "./contents.js";
import {
  axesOf,
  type Differentiation,
  type Inference,
  type Operator,
  requireRank,
  type Signature,
} from "./operator.js";

const attributes = {
  keepdims: { kind: "int", default: 1, choices: [0, 1] },
  noop_with_empty_axes: { kind: "int", default: 0, choices: [0, 1] },
} as const;

const ofNumbers = { inputs: ["x: number", "axes?: int64"], attributes } as const satisfies Signature;
const ofAny = { inputs: ["x: any", "axes?: int64"], attributes } as const satisfies Signature;

/** A reduction of numbers. */
export type Reduction = Operator<typeof ofNumbers>;
/** A reduction of numbers or flags. */
export type AnyReduction = Operator<typeof ofAny>;

/** What gradient rules of reductions are given. */
export interface Reduced extends Pick<Differentiation, "g" | "y" | "dy"> {
  readonly x: Value;
  /** Counted from the front. None: each element by itself. */
  readonly axes: readonly number[];
  readonly keep: boolean;
}

interface Rules {
  readonly doc: string;
  /** The one element that known elements are reduced to; of one by itself it is that. */
  readonly fold?: ((items: readonly Dim[]) => Dim | undefined) | undefined;
  readonly dx: (r: Reduced) => Value;
}

/** The row of a reduction over axes that have to be known beforehand. */
export function reduction({ doc, fold, dx }: Rules): Reduction {
  return {
    signature: ofNumbers,
    doc,
    infer: ({ x, axes }, n) => reducedType(x, axes, n),
    contents: ({ x, axes }, n) => {
      const contents = n.contents(x);
      if (!contents || !fold) return undefined;
      return reducedAxes(x, axes, n).length === 0 ? contents : folded(contents, fold);
    },
    gradient: ({ x, axes }, d) => ({ x: () => dx(reduced(x, axes, d)) }),
  };
}

/** The same for an operator that takes flags too. */
export function anyReduction(rules: Rules): AnyReduction {
  return { ...reduction(rules), signature: ofAny };
}

type Node = Pick<Inference<typeof ofNumbers>, "attributes" | "contents" | "constant" | "fail">;

/** The axes that are reduced: without or with empty `axes` all, or none if the attribute says so. */
function reducedAxes(x: Value, axes: Value | undefined, n: Node): readonly number[] {
  if (axes) requireRank(n, axes, 1);
  const given = axes ? axesOf(n, axes, x.shape.length) : [];
  if (given.length > 0) return given;
  return n.attributes.noop_with_empty_axes === 1 ? [] : x.shape.map((_, axis) => axis);
}

function reducedType(x: Value, axes: Value | undefined, n: Inference<typeof ofNumbers>): ValueType {
  const gone = reducedAxes(x, axes, n);
  const keep = n.attributes.keepdims === 1;
  return { dtype: x.dtype, shape: x.shape.flatMap((dim, axis) => (gone.includes(axis) ? (keep ? [1] : []) : [dim])) };
}

function reduced(x: Value, axes: Value | undefined, d: Differentiation<typeof ofNumbers>): Reduced {
  return { g: d.g, y: d.y, dy: d.dy, x, axes: reducedAxes(x, axes, d), keep: d.attributes.keepdims === 1 };
}

/** A gradient or result of a reduction with the reduced axes back as length 1. */
export function kept({ g, axes, keep }: Reduced, value: Value): Value {
  return keep || axes.length === 0 ? value : g.op("Unsqueeze", [value, g.ints(axes)]);
}

/** A gradient or result of a reduction in the shape of x. */
export function spread(r: Reduced, value: Value): Value {
  if (r.axes.length === 0) return value;
  return r.g.op("Expand", [kept(r, value), r.g.op("Shape", [r.x])]);
}
