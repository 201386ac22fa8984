import type { Attributes, Dim, GraphBuilder, Value } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";
import { type Cases, call, floats, matrix, one } from "./case.js";

/** Over ranks 3, 1 and 0. */
function unary(op: string, values?: GradientCase["values"], attributes: Attributes = {}): readonly GradientCase[] {
  return stretched(op, 1, { values, attributes });
}

/** The same at `scale`·x, for kinks that are not at 0. */
function stretched(
  op: string,
  scale: number,
  { values = "apart", attributes = {} }: { values?: GradientCase["values"]; attributes?: Attributes } = {},
): readonly GradientCase[] {
  const shapes: readonly (readonly Dim[])[] = [["N", 3, 4], ["N"], []];
  return shapes.map((shape) =>
    one(
      `${op} ${JSON.stringify(attributes)} of [${shape}]`,
      { x: shape },
      (g, { x }) => call(g, op, [scale === 1 ? x : g.op("Mul", [x, g.scalar(scale)])], attributes),
      // One value "apart" would be 0.
      values === "apart" && shape.length === 0 ? [0.3, 0.9] : values,
    ),
  );
}

const pairs: readonly (readonly [string, readonly Dim[], readonly Dim[]])[] = [
  ["equal shapes", matrix, matrix],
  ["a row", matrix, [4]],
  ["rows and one row", matrix, [1, 4]],
  ["one row and rows", [1, 4], matrix],
  ["a column", ["N", 3, 4], ["N", 1, 4]],
  ["a scalar and a matrix", [], matrix],
  ["scalars", [], []],
  ["vectors", ["N"], ["N"]],
  ["both ways", ["N", 1, 4], [3, 1]],
  ["the batch both ways", ["N", 1], [1, "N"]],
  ["per channel", ["N", 3, 2, 2], [1, 3, 1, 1]],
];

type Pair = (g: GraphBuilder, a: Value, b: Value) => Value;

function paired(name: string, build: Pair, values?: GradientCase["values"]): readonly GradientCase[] {
  return pairs.map(([shapes, a, b]) => one(`${name} of ${shapes}`, { a, b }, (g, x) => build(g, x.a, x.b), values));
}

function pair(op: string, values?: GradientCase["values"]): readonly GradientCase[] {
  return paired(op, (g, a, b) => call(g, op, [a, b]), values);
}

/** a/b stays between 2 and 3, so no whole number is passed. */
const remainder =
  (sign: number): Pair =>
  (g, a, b) => {
    const dividend = g.op("Mul", [g.op("Add", [a, g.scalar(2.5)]), g.scalar(sign)]);
    return g.op("Mod", [dividend, g.op("Add", [b, g.scalar(1)])], { fmod: 1 });
  };

function extremum(op: "Max" | "Min"): readonly GradientCase[] {
  return [
    ...pair(op, "apart"),
    one(`${op} of one`, { a: matrix }, (g, { a }) => g.op(op, [a]), "apart"),
    one(
      `${op} of three, one twice`,
      { a: matrix, b: [4], c: ["N", 1] },
      (g, { a, b, c }) => g.op(op, [a, b, c, a]),
      "apart",
    ),
  ];
}

const powers: readonly GradientCase[] = [
  ...pair("Pow", [0.5, 1.8]),
  ...[0, 1, 2, 3, -1, 2.5].map((power) =>
    one(`Pow with a constant ${power}`, { x: matrix }, (g, { x }) => g.op("Pow", [x, g.scalar(power)]), [0.5, 1.8]),
  ),
  one("Pow of numbers below 0", { x: matrix }, (g, { x }) => g.op("Pow", [x, floats(g, [2, 3, 0, 1])]), "apart"),
  one("Pow with a constant int64 3", { x: matrix }, (g, { x }) => g.op("Pow", [x, g.scalar(3, "int64")]), "apart"),
  one("Pow with int64 exponents", { x: matrix }, (g, { x }) => g.op("Pow", [x, g.ints([0, 1, 2, 3])]), "apart"),
  one(
    "Pow with computed int32 exponents",
    { x: matrix },
    (g, { x }) => g.op("Pow", [x, g.op("Cast", [g.op("ReduceSum", [g.op("Shape", [x])])], { to: "int32" })]),
    "apart",
  ),
];

const bounded = (g: GraphBuilder, { x, low, high }: Readonly<Record<"x" | "low" | "high", Value>>): Value =>
  g.op("Clip", [x, at(g, low, -0.45), at(g, high, 0.3)]);

/** Little around a place that no value "apart" is near: 0.02·x + place. Values are even in number, so 0 is not one. */
function at(g: GraphBuilder, x: Value, place: number): Value {
  return g.op("Add", [g.op("Mul", [x, g.scalar(0.02)]), g.scalar(place)]);
}

const clips: readonly GradientCase[] = [
  one("Clip on both sides", { x: matrix }, (g, { x }) => g.op("Clip", [x, g.scalar(-0.45), g.scalar(0.3)]), "apart"),
  one("Clip from above", { x: matrix }, (g, { x }) => g.op("Clip", [x, undefined, g.scalar(0.3)]), "apart"),
  one("Clip from below", { x: matrix }, (g, { x }) => g.op("Clip", [x, g.scalar(-0.3)]), "apart"),
  one("Clip without bounds", { x: matrix }, (g, { x }) => g.op("Clip", [x])),
  one("Clip of a scalar", { x: [] }, (g, { x }) => g.op("Clip", [x, g.scalar(-2)])),
  one("Clip with bounds that learn", { x: ["N", 3, 4], low: [], high: [] }, bounded, "apart"),
  one(
    "Clip with a lower bound that learns",
    { x: [3, 5], low: [] },
    (g, { x, low }) => g.op("Clip", [x, at(g, low, -0.45)]),
    "apart",
  ),
  one(
    "Clip with an upper bound that learns",
    { x: [3, 5], high: [] },
    (g, { x, high }) => g.op("Clip", [x, undefined, at(g, high, 0.3)]),
    "apart",
  ),
  one(
    "Clip with bounds in wrong order",
    { x: ["N", 3, 4], low: [], high: [] },
    (g, { x, low, high }) => g.op("Clip", [x, at(g, low, 0.3), at(g, high, -0.45)]),
    "apart",
  ),
];

export const elementwiseCases: Cases = {
  Abs: unary("Abs", "apart"),
  Add: pair("Add"),
  Cast: [one("Cast to float32", { x: matrix }, (g, { x }) => g.op("Cast", [x], { to: "float32" }))],
  Celu: [
    ...unary("Celu", "apart"),
    ...unary("Celu", "apart", { alpha: 0.6 }),
    ...unary("Celu", "apart", { alpha: -1.4 }),
  ],
  Clip: clips,
  Cos: unary("Cos"),
  Div: pair("Div", [0.6, 1.6]),
  Elu: [...unary("Elu", "apart"), ...unary("Elu", "apart", { alpha: 0.4 }), ...unary("Elu", "apart", { alpha: -0.7 })],
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Gelu: [...stretched("Gelu", 2), ...stretched("Gelu", 2, { attributes: { approximate: "tanh" } })],
  HardSigmoid: [
    ...stretched("HardSigmoid", 2),
    ...unary("HardSigmoid", "apart", { alpha: 0.8, beta: 0.5 }).slice(0, 2),
    ...unary("HardSigmoid", "apart", { alpha: -0.8, beta: 0.5 }).slice(0, 2),
  ],
  HardSwish: stretched("HardSwish", 2.2),
  Identity: unary("Identity"),
  LeakyRelu: [...unary("LeakyRelu", "apart"), ...unary("LeakyRelu", "apart", { alpha: 0.2 })],
  Log: unary("Log", [0.6, 2]),
  Max: extremum("Max"),
  Min: extremum("Min"),
  Mish: stretched("Mish", 2),
  Mod: [...paired("Mod", remainder(1), [-0.1, 0.1]), ...paired("Mod below 0", remainder(-1), [-0.1, 0.1])],
  Mul: pair("Mul"),
  Neg: unary("Neg"),
  Pow: powers,
  Reciprocal: unary("Reciprocal", [0.6, 1.6]),
  Relu: unary("Relu", "apart"),
  Selu: [...unary("Selu", "apart"), ...unary("Selu", "apart", { alpha: -0.5, gamma: 1.3 })],
  Sigmoid: unary("Sigmoid"),
  Sin: unary("Sin"),
  Softplus: unary("Softplus"),
  Softsign: unary("Softsign", "apart"),
  Sqrt: unary("Sqrt", [0.6, 2]),
  Sub: pair("Sub"),
  Sum: [
    ...pair("Sum"),
    one("Sum of one", { a: matrix }, (g, { a }) => g.op("Sum", [a])),
    one("Sum of three, one twice", { a: matrix, b: [4], c: ["N", 1] }, (g, { a, b, c }) => g.op("Sum", [a, b, c, b])),
  ],
  Tanh: unary("Tanh"),
  ThresholdedRelu: [
    ...stretched("ThresholdedRelu", 1.3).slice(0, 1),
    ...unary("ThresholdedRelu", "apart", { alpha: 0.3 }).slice(0, 1),
    ...unary("ThresholdedRelu", "apart", { alpha: -0.3 }),
  ],
  Where: [
    one(
      "Where",
      { a: matrix, b: [4] },
      (g, { a, b }) => g.op("Where", [g.op("Greater", [a, g.scalar(0)]), a, b]),
      "apart",
    ),
    one(
      "Where with a broadcast condition",
      { a: matrix, b: matrix, c: [4] },
      (g, { a, b, c }) => g.op("Where", [g.op("Less", [c, g.scalar(0)]), a, b]),
      "apart",
    ),
    one(
      "Where with a condition of higher rank",
      { a: [], b: [1, 4], c: ["N", 3, 1] },
      (g, { a, b, c }) => g.op("Where", [g.op("Less", [c, g.scalar(0)]), a, b]),
      "apart",
    ),
  ],
};
