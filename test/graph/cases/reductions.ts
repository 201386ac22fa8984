import type { Dim, GraphBuilder, Value } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";
import { type Cases, call, indices, matrix, one } from "./case.js";

interface Form {
  readonly name: string;
  readonly shape: readonly Dim[];
  /** `undefined`: no such input. */
  readonly axes?: readonly number[];
  readonly keepdims?: number;
  readonly noop?: number;
}

const block: readonly Dim[] = ["N", 3, 4];

const forms: readonly Form[] = [
  { name: "over the middle", shape: block, axes: [1], keepdims: 0 },
  { name: "over the batch and the last", shape: block, axes: [-1, 0], keepdims: 1 },
  { name: "over the last two, without them", shape: ["N", 2, 3, 2], axes: [3, 2], keepdims: 0 },
  { name: "of all", shape: block },
  { name: "of all, without axes", shape: block, keepdims: 0 },
  { name: "of all by empty axes", shape: block, axes: [], keepdims: 0 },
  { name: "of all by empty axes, kept", shape: block, axes: [], noop: 0 },
  { name: "of none by empty axes", shape: block, axes: [], noop: 1 },
  { name: "of none, without axes", shape: block, keepdims: 0, noop: 1 },
  { name: "of one axis that noop does not stop", shape: block, axes: [-2], noop: 1 },
  { name: "of a vector", shape: ["N"], axes: [0], keepdims: 0 },
  { name: "of a scalar", shape: [] },
  { name: "of a scalar by empty axes", shape: [], axes: [], keepdims: 0 },
  { name: "over two named lengths", shape: ["N", "T", 2], axes: [0, 1], keepdims: 0 },
  { name: "over lengths of 1", shape: ["N", 1, 4], axes: [1], keepdims: 0 },
];

function reduction(op: string, values?: GradientCase["values"]): readonly GradientCase[] {
  return forms.map(({ name, shape, axes, keepdims, noop }) =>
    one(
      `${op} ${name}`,
      { x: shape },
      (g, { x }) => call(g, op, [x, axes && indices(g, [axes.length], axes)], { keepdims, noop_with_empty_axes: noop }),
      // One value "apart" would be 0.
      values === "apart" && shape.length === 0 ? [0.3, 0.9] : values,
    ),
  );
}

function total(g: GraphBuilder, x: Value, axis: number, flags: { exclusive?: 0 | 1; reverse?: 0 | 1 } = {}): Value {
  return g.op("CumSum", [x, indices(g, [], [axis])], flags);
}

export const reductionCases: Cases = {
  CumSum: [
    ...([0, 1] as const).flatMap((exclusive) =>
      ([0, 1] as const).map((reverse) =>
        one(`CumSum ${exclusive ? "exclusive" : ""} ${reverse ? "reverse" : ""}`, { x: block }, (g, { x }) =>
          total(g, x, 1, { exclusive, reverse }),
        ),
      ),
    ),
    one("CumSum along the last axis", { x: block }, (g, { x }) => total(g, x, -1)),
    one("CumSum along the batch", { x: matrix }, (g, { x }) => total(g, x, 0)),
    one("CumSum of a vector", { x: [5] }, (g, { x }) => g.op("CumSum", [x, g.ints([0])], { exclusive: 1 })),
  ],
  ReduceL1: reduction("ReduceL1", "apart"),
  ReduceL2: reduction("ReduceL2", "apart"),
  ReduceLogSumExp: reduction("ReduceLogSumExp"),
  ReduceMax: reduction("ReduceMax", "apart"),
  ReduceMean: reduction("ReduceMean"),
  ReduceMin: reduction("ReduceMin", "apart"),
  ReduceProd: [
    ...reduction("ReduceProd", [0.6, 1.6]),
    ...reduction("ReduceProd", "apart").map((test) => ({ ...test, name: `${test.name}, signs mixed` })),
    // An odd number of values "apart" has a 0 among them.
    one("ReduceProd with a 0", { x: [3, 5] }, (g, { x }) => g.op("ReduceProd", [x, g.ints([1])]), "apart"),
    one(
      "ReduceProd with two of 0",
      { x: [3, 5] },
      (g, { x }) => g.op("ReduceProd", [g.op("Concat", [x, x], { axis: 1 }), g.ints([1])], { keepdims: 0 }),
      "apart",
    ),
  ],
  ReduceSum: reduction("ReduceSum"),
  ReduceSumSquare: reduction("ReduceSumSquare"),
};
