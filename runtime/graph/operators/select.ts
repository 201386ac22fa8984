import { formatShape, isAtLeast } from "../lengths.js";
import type { Contents, DataType, Dim, Value } from "../types.js";
import { broadcastInputs, broadcastShapes } from "./broadcast.js";
import { elementAt, mapped } from "./contents.js";
import { masked } from "./masks.js";
import type { Differentiation, Operator, Signature } from "./operator.js";

const castSignature = {
  inputs: ["x: any"],
  attributes: { to: { kind: "type", required: true } },
} as const satisfies Signature;

export const cast: Operator<typeof castSignature> = {
  signature: castSignature,
  doc: "y = x as another type; gradients flow between float types only (onnx.ai, Cast)",
  infer: ({ x }, { attributes: { to } }) => ({ dtype: to, shape: x.shape }),
  contents: ({ x }, n) => mapped(n.contents(x), (item) => castElement(item, n.attributes.to)),
  gradient: ({ x }, { dy }) => ({ x: x.dtype === "float32" ? () => dy : undefined }),
};

function castElement(item: Dim, to: DataType): Dim | undefined {
  if (to === "bool") return flagOf(item);
  // Numbers beyond int32 wrap around.
  return to === "int32" && typeof item === "number" && item !== (item | 0) ? undefined : item;
}

/** 0 for 0, 1 for what is never 0, else undefined. */
function flagOf(item: Dim): 0 | 1 | undefined {
  if (item === 0) return 0;
  return typeof item === "number" || isAtLeast(item, 1) || isAtLeast(-1, item) ? 1 : undefined;
}

const whereSignature = {
  inputs: ["condition: bool", "a: any", "b: any"],
  attributes: {},
} as const satisfies Signature;

export const where: Operator<typeof whereSignature> = {
  signature: whereSignature,
  doc: "y = a where the condition holds, else b (onnx.ai, Where)",
  infer: ({ condition, a, b }, n) => {
    const { dtype } = broadcastInputs(n, [a, b]);
    if (dtype === "bool") n.fail("onnxruntime has no kernel for bool", "use And, Or and Not");
    return { dtype, shape: broadcastShapes(n, [condition, a, b]) };
  },
  contents: ({ condition, a, b }, n) => chosen(n.contents(condition), n.contents(a), n.contents(b)),
  gradient: ({ condition }, { g, dy }) => ({
    a: () => masked(g, dy, condition),
    b: () => masked(g, dy, g.op("Not", [condition])),
  }),
};

function chosen(flags?: Contents, a?: Contents, b?: Contents): Contents | undefined {
  if (!flags || !a || !b) return undefined;
  const length = [flags, a, b].reduce((known, { length: own }) => (known === 1 ? own : known), 1);
  return Array.from({ length }, (_, index) => {
    const [flag, one, other] = [elementAt(flags, index), elementAt(a, index), elementAt(b, index)];
    if (flag === undefined) return one === other ? one : undefined;
    return flag === 0 ? other : one;
  });
}

const clipSignature = {
  inputs: ["x: number", "low?: number", "high?: number"],
  attributes: {},
} as const satisfies Signature;

export const clip: Operator<typeof clipSignature> = {
  signature: clipSignature,
  doc: "y = min(max(x, low), high), bounds []; on the bounds x takes the gradient, as in PyTorch (onnx.ai, Clip)",
  infer: ({ x, low, high }, n) => {
    for (const bound of [low, high]) {
      if (bound && (bound.dtype !== x.dtype || bound.shape.length !== 0)) {
        n.fail(`the bound "${bound.name}" is ${bound.dtype} ${formatShape(bound.shape)}; expected ${x.dtype} []`);
      }
    }
    return x;
  },
  gradient: ({ x, low, high }, d) => ({
    x: () => clipGradient(x, { low, high }, d),
    low: low && (() => lowGradient(x, { low, high }, d)),
    high: high && (() => highGradient(x, { low, high }, d)),
  }),
};

interface Bounds {
  readonly low: Value | undefined;
  readonly high: Value | undefined;
}

type Rule = Pick<Differentiation, "g" | "dy">;

function clipGradient(x: Value, { low, high }: Bounds, { g, dy }: Rule): Value {
  const above = low && g.op("GreaterOrEqual", [x, low]);
  const below = high && g.op("LessOrEqual", [x, high]);
  const inside = above && below ? g.op("And", [above, below]) : (above ?? below);
  return inside ? masked(g, dy, inside) : dy;
}

/** dy where y is the lower bound: where x is below it, and the upper bound is not. */
function lowGradient(x: Value, { low, high }: Bounds & { readonly low: Value }, { g, dy }: Rule): Value {
  const below = g.op("Less", [x, low]);
  return masked(g, dy, high ? g.op("And", [below, g.op("LessOrEqual", [low, high])]) : below);
}

/** dy where y is the upper bound: where x or the lower bound is above it. */
function highGradient(x: Value, { low, high }: Bounds & { readonly high: Value }, { g, dy }: Rule): Value {
  const above = g.op("Greater", [x, high]);
  return masked(g, dy, low ? g.op("Or", [above, g.op("Greater", [low, high])]) : above);
}
