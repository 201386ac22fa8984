import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { capturesOf } from "../../runtime/graph/captures.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { inline } from "../../runtime/graph/inline-graph.js";
import type { DataType, Dim, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { verify } from "../../runtime/graph/verify.js";
import { at, body } from "./cases/control.js";
import { type Feeds, named, runOnce } from "./support.js";

const float = (data: readonly number[], shape: readonly number[] = [data.length]) => ({
  dtype: "float32" as const,
  shape,
  data,
});

describe("the gradient of If", () => {
  test("is that of the branch that is taken, and zeros for what it does not use", async () => {
    const g = graphBuilder("choice");
    const choice = g.input("choice", "bool", [1]);
    const [x, w, v] = ["x", "w", "v"].map((name) => g.input(name, "float32", ["N"]));
    if (!x || !w || !v) throw new Error("an input is missing");
    const yes = g.subgraph("yes", (b) => b.output("y", b.op("Mul", [b.op("Mul", [x, x]), w])));
    const no = g.subgraph("no", (b) => b.output("y", b.op("Mul", [x, v])));
    const y = g.op("If", [choice], { then_branch: yes, else_branch: no });
    expect(y.shape).toEqual(["N"]);
    const gradients = differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [x, w, v]);
    for (const [index, value] of gradients.entries()) g.output(`grad ${index}`, value);
    const graph = g.build();
    verify(graph);
    expect(graph.nodes.filter(({ op }) => op === "If")).toHaveLength(2);
    const feeds = (taken: number): Feeds => ({
      choice: { dtype: "bool", shape: [1], data: [taken] },
      x: float([2, 3]),
      w: float([5, 7]),
      v: float([11, 13]),
    });
    const taken = await runOnce(graph, feeds(1));
    expect([0, 1, 2].map((index) => named(taken, `grad ${index}`).data)).toEqual([
      [20, 42],
      [4, 9],
      [0, 0],
    ]);
    const other = await runOnce(graph, feeds(0));
    expect([0, 1, 2].map((index) => named(other, `grad ${index}`).data)).toEqual([
      [11, 13],
      [0, 0],
      [2, 3],
    ]);
  });

  test("is made for what is wanted only", () => {
    const g = graphBuilder("wanted");
    const [x, w] = [g.input("x", "float32", [2]), g.input("w", "float32", [2])];
    const choice = g.input("choice", "bool", []);
    const branch = (name: string) => g.subgraph(name, (b) => b.output("y", b.op("Mul", [x, w])));
    const y = g.op("If", [choice], { then_branch: branch("yes"), else_branch: branch("no") });
    differentiate(g, g.op("ReduceSum", [y], { keepdims: 0 }), [w]);
    expect(g.nodes.filter(({ op }) => op === "If").map(({ outputs }) => outputs.length)).toEqual([1, 1]);
  });
});

describe("refused", () => {
  type Type = readonly [DataType, readonly Dim[]];
  const built = (yes: readonly Type[], no: readonly Type[], outputs = 1, condition: readonly Dim[] = []) => {
    const g = graphBuilder("refused");
    const choice = g.input("choice", "bool", condition);
    const branch = (name: string, types: readonly Type[]) => {
      const values = types.map(([dtype, shape], index) => g.input(`${name}${index}`, dtype, shape));
      return g.subgraph(name, (b) => {
        for (const [index, value] of values.entries()) b.output(`y${index}`, value);
      });
    };
    return g.ops("If", [choice], { then_branch: branch("yes", yes), else_branch: branch("no", no) }, outputs);
  };
  const row: Type = ["float32", ["N", 2]];

  test("accepted, for comparison", () => {
    expect(built([row], [row]).map(({ shape }) => shape)).toEqual([["N", 2]]);
    expect(built([row], [row], 1, [1])).toHaveLength(1);
  });

  test.each([
    ["a condition of several", () => built([row], [row], 1, [2]), /has shape \[2\]; expected one element/],
    ["other numbers of outputs", () => built([row, row], [row]), /has 1 outputs and its branch "yes" 2/],
    ["other numbers of outputs", () => built([row], []), /has 1 outputs and its branch "no" 0/],
    ["other shapes", () => built([row], [["float32", ["N", 3]]]), /float32 \[N,2\] in one branch and float32 \[N,3\]/],
    ["other types", () => built([row], [["int32", ["N", 2]]]), /in the other; expected one type/],
  ] as const)("%s", (_, build, message) => {
    expect(build).toThrow(message);
  });

  test("a branch with inputs", () => {
    const g = graphBuilder("inputs");
    const [choice, x] = [g.input("choice", "bool", []), g.input("x", "float32", [2])];
    const yes = body(g, { own: [2] }, (_, { own }) => ({ y: own }));
    const no = g.subgraph("no", (b) => b.output("y", x));
    const build = () => g.op("If", [choice], { then_branch: yes, else_branch: no });
    expect(build).toThrow(/its branch "body" has inputs; expected none/);
  });
});

/** A graph in a graph, both using what is around them. */
function nested(g: GraphBuilder, x: Value, w: Value) {
  return body(g, { a: [2] }, (b, { a }) => {
    const sum = b.op("Add", [a, w]);
    const yes = b.subgraph("yes", (c) => c.output("y", c.op("Mul", [c.op("Add", [sum, x]), c.scalar(3)])));
    const no = b.subgraph("no", (c) => c.output("y", a));
    const choice = b.op("Greater", [b.op("ReduceSum", [sum], { keepdims: 0 }), b.scalar(0)]);
    return { y: b.op("If", [choice], { then_branch: yes, else_branch: no }), w };
  });
}

test("captures are what a graph uses and does not define, nested graphs and outputs included", () => {
  const g = graphBuilder("captures");
  const [x, w] = [g.input("x", "float32", [2]), g.input("w", "float32", [2])];
  expect(capturesOf(nested(g, x, w))).toEqual([w, x]);
});

test("an inlined graph computes the same, also twice", async () => {
  const g = graphBuilder("inline");
  const [x, w] = [g.input("x", "float32", [2]), g.input("w", "float32", [2])];
  const inner = nested(g, x, w);
  const once = inline(g, inner, [x]);
  const twice = inline(g, inner, [at(once, 0)]);
  g.output("once", at(once, 0));
  g.output("twice", at(twice, 0));
  expect(at(twice, 1)).toBe(w);
  const graph = g.build();
  verify(graph);
  // once = 3·(x + w + x) = [15, 21], twice = 3·(once + w + x)
  const up = await runOnce(graph, { x: float([1, 2]), w: float([3, 3]) });
  expect(named(up, "once").data).toEqual([15, 21]);
  expect(named(up, "twice").data).toEqual([57, 78]);
  // once = x
  const down = await runOnce(graph, { x: float([1, 2]), w: float([-3, -3]) });
  expect(named(down, "once").data).toEqual([1, 2]);
  expect(() => inline(g, inner, [])).toThrow(/has 1 inputs and is given 0/);
});
