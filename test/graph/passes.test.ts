import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extendGraph, graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { beforeGradients, simplifications, simplify } from "../../runtime/graph/passes/index.js";
import { rewrite } from "../../runtime/graph/passes/rewrite.js";
import type { Graph, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { verify } from "../../runtime/graph/verify.js";
import { generator, named, runOnce, uniform } from "./support.js";

const opsOf = (graph: Graph) => graph.nodes.map(({ op }) => op);

/** All outputs, before and after; zeros of either sign are equal. */
async function expectSameNumbers(before: Graph, after: Graph, feeds: Parameters<typeof runOnce>[1]): Promise<void> {
  const [wanted, found] = await Promise.all([runOnce(before, feeds), runOnce(after, feeds)]);
  expect(after.outputs.map(({ name }) => name)).toEqual(before.outputs.map(({ name }) => name));
  for (const { name } of before.outputs) {
    const [reference, result] = [named(wanted, name), named(found, name)];
    expect(result.shape, name).toEqual(reference.shape);
    expect(
      result.data.map((value) => value + 0),
      name,
    ).toEqual(reference.data.map((value) => value + 0));
  }
}

describe("each pass", () => {
  test("constant folding leaves no shapes without the batch and no arithmetic on constants", () => {
    const g = graphBuilder("fold");
    const x = g.input("x", "float32", [3, 4]);
    const scale = g.op("Mul", [g.op("Add", [g.scalar(2), g.scalar(0.5)]), g.scalar(4)]);
    const flat = g.op("Reshape", [
      x,
      g.op("Concat", [g.op("Slice", [g.op("Shape", [x]), g.ints([1]), g.ints([2])]), g.ints([3])], { axis: 0 }),
    ]);
    g.output("y", g.op("Mul", [flat, scale]));
    const graph = simplify(g.build());
    expect(opsOf(graph)).toEqual(["Reshape", "Mul"]);
    expect([...graph.constants.values()].map(({ data }) => Array.from(data.data))).toEqual(
      expect.arrayContaining([[4, 3], [10]]),
    );
  });

  test("a shape with the batch is not folded", () => {
    const g = graphBuilder("batch");
    g.output("y", g.op("Shape", [g.input("x", "float32", ["N", 4])]));
    expect(opsOf(simplify(g.build()))).toEqual(["Shape"]);
  });

  test("identities go, also where they are outputs, and broadcasts by neutral elements stay", () => {
    const g = graphBuilder("identities");
    const x = g.input("x", "float32", ["N", 4]);
    const ones = g.constant({ dtype: "float32", shape: [2, 1, 4], data: new Float32Array(8).fill(1) });
    g.output("same", g.op("Identity", [g.op("Mul", [g.op("Add", [x, g.scalar(0)]), g.scalar(1)])]));
    g.output("wider", g.op("Mul", [x, ones]));
    g.output("difference", g.op("Sub", [g.scalar(0), x]));
    expect(opsOf(simplify(g.build()))).toEqual(["Mul", "Sub"]);
  });

  test("common subexpressions are computed once, attributes and input order told apart", () => {
    const g = graphBuilder("common");
    const x = g.input("x", "float32", ["N", 4]);
    const twice = g.op("Add", [g.op("Exp", [x]), g.op("Exp", [x])]);
    const softmaxes = [0, -1, -1].map((axis) => g.op("Softmax", [x], { axis }));
    g.output("y", g.op("Sum", [twice, ...softmaxes, g.op("Softmax", [x])]));
    expect(opsOf(simplify(g.build()))).toEqual(["Exp", "Add", "Softmax", "Softmax", "Sum"]);
  });

  test("a MaxPool with indices takes in one without, and indices that nothing uses are dropped", () => {
    const g = graphBuilder("indices");
    const x = g.input("x", "float32", ["N", 1, 4, 4]);
    const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
    const y = g.op("MaxPool", [x], attributes);
    const [same, places] = g.ops("MaxPool", [x], attributes, 2);
    g.output("y", same ? g.op("Add", [y, same]) : y);
    const unused = simplify(g.build());
    expect(unused.nodes[0]?.outputs.length).toBe(1);
    if (places) g.output("places", places);
    const used = simplify(g.build());
    expect(opsOf(used)).toEqual(["MaxPool", "Add"]);
    expect(used.nodes[0]?.outputs.length).toBe(2);
  });

  test("dead code goes, inputs stay", () => {
    const g = graphBuilder("dead");
    const [x, unused] = [g.input("x", "float32", ["N"]), g.input("unused", "float32", ["N"])];
    g.op("Exp", [g.op("Log", [unused])]);
    g.output("y", g.op("Neg", [x]));
    const graph = simplify(g.build());
    expect(opsOf(graph)).toEqual(["Neg"]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x", "unused"]);
  });
});

describe("rectifiers under pools", () => {
  const windows = [
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  ];

  function forward(
    attributes: (typeof windows)[number],
    extra: (g: GraphBuilder, rectified: Value) => void = () => undefined,
  ) {
    const g = graphBuilder("pool");
    const x = g.input("x", "float32", ["N", 2, 6, 6]);
    const w = g.input("w", "float32", [3, 2, 3, 3]);
    const rectified = g.within("relu1", undefined, () => g.op("Relu", [g.op("Conv", [x, w], { pads: [1, 1, 1, 1] })]));
    const pooled = g.within("pool1", undefined, () => g.op("MaxPool", [rectified], attributes));
    extra(g, rectified);
    g.output("loss", g.op("ReduceSum", [g.op("Mul", [pooled, pooled])], { keepdims: 0 }));
    return g.build();
  }

  function withGradients(graph: Graph) {
    const g = extendGraph(graph);
    const loss = graph.outputs.find(({ name }) => name === "loss")?.value;
    const gradients = loss ? differentiate(g, loss, graph.inputs) : [];
    for (const [index, gradient] of gradients.entries()) g.output(`grad:${index}`, gradient);
    return g.build();
  }

  // Rounded to halves, so that many windows tie, and half of them are below 0.
  const coarse = (shape: readonly number[], seed: number) => ({
    dtype: "float32" as const,
    shape,
    data: uniform(shape, generator(seed), [-2, 2]).map((value) => Math.round(value) / 2),
  });

  test.each(windows)("exchange places with %j and give the same numbers, ties included", async (attributes) => {
    const graph = forward(attributes);
    const better = beforeGradients(graph, ["x", "w"]);
    verify(better);
    expect(opsOf(better)).toEqual(["Conv", "MaxPool", "Relu", "Mul", "ReduceSum"]);
    const inputs = { x: coarse([3, 2, 6, 6], 1), w: coarse([3, 2, 3, 3], 2) };
    await expectSameNumbers(withGradients(graph), simplify(withGradients(better)), inputs);
  });

  test("stay where the rectified values are used elsewhere", async () => {
    const graph = forward({ kernel_shape: [2, 2], strides: [2, 2] }, (g, rectified) => {
      g.output("rectified", g.op("Neg", [rectified]));
    });
    const better = beforeGradients(graph, ["x", "w"]);
    expect(opsOf(better).slice(0, 3)).toEqual(["Conv", "Relu", "MaxPool"]);
    await expectSameNumbers(graph, better, { x: coarse([2, 2, 6, 6], 3), w: coarse([3, 2, 3, 3], 4) });
  });
});

describe("all passes", () => {
  type Step = readonly [op: number, a: number, b: number];

  /** Ways to make one more value [N, 4] from two earlier ones. */
  const steps: readonly ((g: GraphBuilder, a: Value, b: Value) => Value)[] = [
    (g, a, b) => g.op("Add", [a, b]),
    (g, a, b) => g.op("Mul", [a, b]),
    (g, a, b) => g.op("Sub", [a, g.op("Identity", [b])]),
    (g, a) => g.op("Mul", [a, g.scalar(1)]),
    (g, a) => g.op("Add", [g.op("Mul", [g.scalar(0.5), g.scalar(3)]), a]),
    (g, a) => g.op("Tanh", [a]),
    (g, a) => g.op("Softmax", [a]),
    (g, a) => g.op("Relu", [a]),
    (g, a) => g.op("Reshape", [g.op("Transpose", [g.op("Transpose", [a])]), g.op("Shape", [a])]),
    (g, a, b) => g.op("Where", [g.op("Greater", [a, b]), a, g.op("Expand", [g.scalar(0), g.op("Shape", [b])])]),
    (g, a, b) => g.op("Slice", [g.op("Concat", [a, b], { axis: 1 }), g.ints([2]), g.ints([6]), g.ints([1])]),
    (g, a) => g.op("Expand", [g.op("ReduceMax", [a, g.ints([1])]), g.ints([1, 4])]),
    (g, a) => {
      const square = g.op("Relu", [g.op("Reshape", [a, g.ints([-1, 1, 2, 2])])]);
      const pooled = g.op("MaxPool", [square], { kernel_shape: [2, 2], strides: [2, 2] });
      return g.op("Add", [a, g.op("Flatten", [pooled])]);
    },
    (g, a) => {
      const row = g.op("Reshape", [a, g.ints([0, 1, 4])]);
      return g.op("Flatten", [
        g.op("MaxPool", [g.op("Relu", [row])], { kernel_shape: [2], strides: [1], pads: [0, 1] }),
      ]);
    },
  ];

  function randomGraph(program: readonly Step[], backward: boolean): Graph {
    const g = graphBuilder("random");
    const values: Value[] = [g.input("x", "float32", ["N", 4]), g.input("w", "float32", ["N", 4])];
    const pick = (index: number) => values[index % values.length] ?? values[0];
    for (const [op, a, b] of program) {
      const [left, right] = [pick(a), pick(b)];
      const made = left && right && steps[op % steps.length]?.(g, left, right);
      if (made) values.push(made);
    }
    const last = values.at(-1);
    if (!last) throw new Error("there are inputs at least");
    g.output("last", last);
    const loss = g.op("ReduceMean", [last, g.ints([0, 1])], { keepdims: 0 });
    g.output("loss", loss);
    const gradients = backward ? differentiate(g, loss, values.slice(0, 2)) : [];
    for (const [index, gradient] of gradients.entries()) g.output(`grad:${index}`, gradient);
    return g.build();
  }

  test("keep the numbers of random graphs and their gradients, and every pass alone leaves a sound graph", async () => {
    const natural = fc.nat({ max: 1000 });
    const program = fc.array(fc.tuple(natural, natural, natural), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(program, fc.boolean(), fc.nat(), async (instructions, backward, seed) => {
        const graph = randomGraph(instructions, backward);
        verify(graph);
        for (const rule of Object.values(simplifications)) verify(rewrite(graph, rule));
        verify(simplify(graph));
        const better = simplify(graph);
        expect(better.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
        expect(simplify(better)).toBe(better);
        const random = generator(seed);
        const feed = () => ({
          dtype: "float32" as const,
          shape: [3, 4],
          data: uniform([3, 4], random).map((value) => Math.round(value * 4) / 4),
        });
        await expectSameNumbers(graph, better, { x: feed(), w: feed() });
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
