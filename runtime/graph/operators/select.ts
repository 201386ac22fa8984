import { broadcast, formatShape } from "../dims.js";
import type { DataType, GraphBuilder, Value } from "../types.js";
import { type Differentiation, type Inference, inputAt, type Operator, stringOf } from "./operator.js";

/** y = the input as another type. Gradients flow between float types only, and float32 is the only one. */
export const cast: Operator = {
  inputs: [1, 1],
  attributes: { to: { kind: "type", required: true } },
  infer: (n) => [{ dtype: targetType(stringOf(n.attributes, "to")), shape: inputAt(n, 0).shape }],
  contents: (n) => (stringOf(n.attributes, "to") === "int64" ? n.contents(0) : undefined),
  gradient: (d) => (inputAt(d, 0).dtype === "float32" ? [() => d.dy] : [undefined]),
};

function targetType(to: string): DataType {
  return to === "int32" || to === "int64" || to === "bool" ? to : "float32";
}

/** y = a where the condition holds, else b */
export const where: Operator = {
  inputs: [3, 3],
  attributes: {},
  infer: (n) => {
    const [condition, a, b] = [inputAt(n, 0), inputAt(n, 1), inputAt(n, 2)];
    if (condition.dtype !== "bool") n.fail(`the condition "${condition.name}" is ${condition.dtype}; expected bool`);
    if (a.dtype !== b.dtype) n.fail(`"${a.name}" is ${a.dtype} and "${b.name}" is ${b.dtype}; expected one type`);
    return [{ dtype: a.dtype, shape: broadcastAll(n, [condition, a, b]) }];
  },
  gradient: (d) => {
    const { g, dy } = d;
    const condition = inputAt(d, 0);
    return [undefined, () => masked(g, dy, condition), () => masked(g, dy, g.op("Not", [condition]))];
  },
};

function broadcastAll(n: Inference, values: readonly Value[]) {
  return values
    .map(({ shape }) => shape)
    .reduce(
      (shape, next) =>
        broadcast(shape, next) ??
        n.fail(`the shapes ${values.map(({ shape: own }) => formatShape(own)).join(", ")} do not broadcast`),
    );
}

/** y = min(max(x, low), high), either bound may be left out; the gradient passes on the bounds too, as in PyTorch. */
export const clip: Operator = {
  inputs: [1, 3],
  attributes: {},
  infer: (n) => {
    const x = inputAt(n, 0);
    for (const bound of n.inputs.slice(1)) {
      if (bound && (bound.dtype !== x.dtype || bound.shape.length !== 0)) {
        n.fail(`the bound "${bound.name}" is ${bound.dtype} ${formatShape(bound.shape)}; expected ${x.dtype} []`);
      }
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  gradient: (d) => [() => clipGradient(d), undefined, undefined],
};

function clipGradient(d: Differentiation): Value {
  const { g, dy, inputs } = d;
  const [x, low, high] = inputs;
  const above = low && g.op("GreaterOrEqual", [x, low]);
  const below = high && g.op("LessOrEqual", [x, high]);
  const inside = above && below ? g.op("And", [above, below]) : (above ?? below);
  return inside ? masked(g, dy, inside) : dy;
}

/** dy where the condition holds, else 0: as a product, an eighth of the time of Where. */
function masked(g: GraphBuilder, dy: Value, condition: Value): Value {
  return g.op("Mul", [dy, g.op("Cast", [condition], { to: "float32" })]);
}
