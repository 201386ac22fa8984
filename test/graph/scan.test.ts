import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { extendGraph, graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { beforeGradients, simplify } from "../../runtime/graph/passes/index.js";
import type { Attributes, Graph, GraphBuilder, GraphNode, Value } from "../../runtime/graph/types.js";
import { verify } from "../../runtime/graph/verify.js";
import { hashedUniform } from "../layers/hashed.js";
import { at, body, controlCases } from "./cases/control.js";
import { atBatch, type Feeds, type GradientCase, generator, named, open, runOnce, sizeOf, uniform } from "./support.js";

interface RecordedCase {
  readonly kind: "rnn" | "lstm";
  readonly reverse: boolean;
  readonly losses: readonly string[];
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const file = new URL("../../fixtures/torch/rnn.json", import.meta.url);
const recorded = (JSON.parse(readFileSync(file, "utf8")) as { cases: readonly RecordedCase[] }).cases;

const salts: Readonly<Record<string, number>> = {
  x: 1,
  weight_ih: 2,
  weight_hh: 8,
  bias_ih: 3,
  bias_hh: 9,
  h: 12,
  c: 13,
};
const cotangents: Readonly<Record<string, number>> = { all: 5, h: 51, c: 52 };

function expectClose(found: readonly number[], expected: readonly number[], what: string): void {
  expect(found.length, what).toBe(expected.length);
  const errors = expected.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN)) / (1 + Math.abs(value)));
  expect(Math.max(...errors), what).toBeLessThan(1e-5);
}

type Named = Readonly<Record<string, Value>>;

function pick(values: Named, name: string): Value {
  const value = values[name];
  if (!value) throw new Error(`no value ${name}`);
  return value;
}

/** x·Wᵀ + h·Uᵀ + both biases */
function preactivation(b: GraphBuilder, values: Named, x: Value, h: Value): Value {
  const from = b.op("Gemm", [x, pick(values, "weight_ih"), pick(values, "bias_ih")], { transB: 1 });
  return b.op("Add", [from, b.op("Gemm", [h, pick(values, "weight_hh"), pick(values, "bias_hh")], { transB: 1 })]);
}

/** PyTorch's cell: the gates in, forget, cell, out are blocks of the rows of the weights. */
function lstmStep(b: GraphBuilder, gates: Value, c: Value): { readonly h: Value; readonly c: Value } {
  const units = Number(c.shape[1]);
  const [i, f, z, o] = [0, 1, 2, 3].map((gate) =>
    b.op("Slice", [gates, b.ints([gate * units]), b.ints([(gate + 1) * units]), b.ints([1])]),
  );
  if (!i || !f || !z || !o) throw new Error("a gate is missing");
  const kept = b.op("Mul", [b.op("Sigmoid", [f]), c]);
  const cell = b.op("Add", [kept, b.op("Mul", [b.op("Sigmoid", [i]), b.op("Tanh", [z])])]);
  return { h: b.op("Mul", [b.op("Sigmoid", [o]), b.op("Tanh", [cell])]), c: cell };
}

/** The recurrent layer by a scan: all states and the last ones. Steps and rows are not known beforehand. */
function recurrent(g: GraphBuilder, { kind, reverse }: RecordedCase, values: Named): Named {
  const [x, h] = [pick(values, "x"), pick(values, "h")];
  const direction = reverse ? 1 : 0;
  const attributes = { num_scan_inputs: 1, scan_input_directions: [direction], scan_output_directions: [direction] };
  const slice = x.shape.slice(1);
  if (kind === "rnn") {
    const inner = body(g, { h: h.shape, x: slice }, (b, step) => {
      const next = b.op("Tanh", [preactivation(b, values, step.x, step.h)]);
      return { next, all: next };
    });
    const made = g.ops("Scan", [h, x], { ...attributes, body: inner }, 2);
    return { all: at(made, 1), h: at(made, 0) };
  }
  const c = pick(values, "c");
  const inner = body(g, { h: h.shape, c: c.shape, x: slice }, (b, step) => {
    const next = lstmStep(b, preactivation(b, values, step.x, step.h), step.c);
    return { ...next, all: next.h };
  });
  const made = g.ops("Scan", [h, c, x], { ...attributes, body: inner }, 3);
  return { all: at(made, 2), h: at(made, 0), c: at(made, 1) };
}

/** The forward graph of a case, with its loss: Σ over some outputs of Σ cotangent·output. */
function forwardOf(entry: RecordedCase): { readonly g: GraphBuilder; readonly loss: Value; readonly inputs: Named } {
  const g = graphBuilder(entry.kind);
  const unknown: Readonly<Record<string, readonly (number | string)[]>> = { x: ["T", "N"], h: ["N"], c: ["N"] };
  const inputs = Object.fromEntries(
    Object.entries(entry.inputs).map(([name, shape]) => {
      const lead = unknown[name] ?? [];
      return [name, g.input(name, "float32", [...lead, ...shape.slice(lead.length)])];
    }),
  );
  const outputs = recurrent(g, entry, inputs);
  const terms = entry.losses.map((name) => {
    const value = pick(outputs, name);
    const weighted = g.op("Mul", [value, g.input(`cotangent ${name}`, "float32", value.shape)]);
    return g.op("ReduceSum", [weighted], { keepdims: 0 });
  });
  for (const [name, value] of Object.entries(outputs)) g.output(`out ${name}`, value);
  return { g, loss: g.op("Sum", terms), inputs };
}

function feedsOf({ inputs, outputs, losses }: RecordedCase): Feeds {
  const feed = (shape: readonly number[], salt = 0) => ({
    dtype: "float32" as const,
    shape,
    data: hashedUniform(sizeOf(shape), salt),
  });
  const [steps = 1, rows = 1] = inputs.x ?? [];
  const weights = losses.map((name) => {
    const count = outputs[name]?.length ?? 0;
    const shape = name === "all" ? [steps, rows, count / (steps * rows)] : [rows, count / rows];
    return [`cotangent ${name}`, feed(shape, cotangents[name])];
  });
  return Object.fromEntries([
    ...Object.entries(inputs).map(([name, shape]) => [name, feed(shape, salts[name])]),
    ...weights,
  ]);
}

const cases = recorded.map((entry) => ({
  ...entry,
  name: `${entry.kind} of [${entry.inputs.x}], loss of ${entry.losses}${entry.reverse ? ", backwards" : ""}`,
}));

/** What training does with a graph: phases before and after differentiation. */
function compiled({ g, loss, inputs }: ReturnType<typeof forwardOf>, names: readonly string[]): Graph {
  g.output("loss", loss);
  const prepared = beforeGradients(g.build(), names);
  verify(prepared);
  const extended = extendGraph(prepared);
  const total = prepared.outputs.find(({ name }) => name === "loss")?.value;
  if (!total) throw new Error("no loss");
  putOut(extended, total, inputs, names);
  const graph = simplify(extended.build());
  verify(graph);
  return graph;
}

function putOut(g: GraphBuilder, loss: Value, inputs: Named, names: readonly string[]): void {
  const wrt = names.map((name) => pick(inputs, name));
  for (const [index, value] of differentiate(g, loss, wrt).entries()) g.output(`grad:${names[index]}`, value);
}

function scansOf(graph: Graph): readonly GraphNode[] {
  return graph.nodes.filter(({ op }) => op === "Scan");
}

describe("PyTorch's recurrent layers compute the same as scans", () => {
  const run = async (entry: RecordedCase, graph: Graph) => {
    verify(graph);
    const found = await runOnce(graph, feedsOf(entry));
    for (const [name, data] of Object.entries(entry.outputs)) expectClose(named(found, `out ${name}`).data, data, name);
    for (const [name, data] of Object.entries(entry.gradients)) {
      expectClose(named(found, `grad:${name}`).data, data, `gradient of ${name}`);
    }
  };

  test.each(cases)("$name", async (entry) => {
    const { g, loss, inputs } = forwardOf(entry);
    putOut(g, loss, inputs, Object.keys(entry.gradients));
    const graph = g.build();
    // Forward, forward again for the incoming states, and backward.
    expect(scansOf(graph)).toHaveLength(3);
    await run(entry, graph);
  });

  test.each(cases)("$name, compiled", async (entry) => {
    const graph = compiled(forwardOf(entry), Object.keys(entry.gradients));
    expect(scansOf(graph)).toHaveLength(2);
    await run(entry, graph);
  });
});

describe("the reversed scan", () => {
  const entry = recorded.find(({ kind }) => kind === "lstm");
  if (!entry) throw new Error("no LSTM");
  const outputsOf = (names: readonly string[]) => scansOf(compiled(forwardOf(entry), names))[1]?.outputs.length;

  test("computes the gradients that are wanted, and those of the states", () => {
    expect(outputsOf(["h"])).toBe(2);
    expect(outputsOf(["x"])).toBe(3);
    expect(outputsOf(["weight_hh", "bias_ih"])).toBe(4);
    expect(outputsOf(["x", "h", "c", "weight_ih", "weight_hh", "bias_ih", "bias_hh"])).toBe(7);
  });

  test("does not need the scan run again where it puts its incoming states out itself", () => {
    const g = graphBuilder("saved");
    const [x, h] = [g.input("x", "float32", ["T", "N"]), g.input("h", "float32", ["N"])];
    const inner = body(g, { h: ["N"], x: ["N"] }, (b, s) => ({ next: b.op("Mul", [s.h, s.x]), came: s.h }));
    const attributes = { body: inner, num_scan_inputs: 1, scan_output_axes: [-1], scan_output_directions: [1] };
    const made = g.ops("Scan", [h, x], attributes, 2);
    expect(at(made, 1).shape).toEqual(["N", "T"]);
    const loss = g.op("ReduceSum", [at(made, 0)], { keepdims: 0 });
    putOut(g, loss, { x, h }, ["x", "h"]);
    expect(scansOf(g.build())).toHaveLength(2);
  });

  test("takes the incoming states along any axis, in any direction", async () => {
    const g = graphBuilder("saved");
    const [x, h] = [g.input("x", "float32", [3, 1]), g.input("h", "float32", [1])];
    const inner = body(g, { h: [1], x: [1] }, (b, s) => ({ next: b.op("Mul", [s.h, s.x]), came: s.h }));
    const attributes = { body: inner, num_scan_inputs: 1, scan_output_axes: [-1], scan_output_directions: [1] };
    const made = g.ops("Scan", [h, x], attributes, 2);
    putOut(g, g.op("ReduceSum", [at(made, 0)], { keepdims: 0 }), { x, h }, ["x", "h"]);
    const feeds: Feeds = {
      x: { dtype: "float32", shape: [3, 1], data: [2, 3, 5] },
      h: { dtype: "float32", shape: [1], data: [7] },
    };
    const found = await runOnce(g.build(), feeds);
    // y = h·x₀·x₁·x₂
    expect(named(found, "grad:x").data).toEqual([105, 70, 42]);
    expect(named(found, "grad:h").data).toEqual([30]);
  });
});

/** Σ result² of a case, to be differentiated by all its inputs. */
function squared(gradientCase: GradientCase): ReturnType<typeof forwardOf> {
  const g = graphBuilder("squared");
  const inputs = Object.fromEntries(
    Object.entries(gradientCase.inputs).map(([name, shape]) => [name, g.input(name, "float32", shape)]),
  );
  const result = gradientCase.build(g, inputs);
  return { g, inputs, loss: g.op("ReduceSum", [g.op("Mul", [result, result])], { keepdims: 0 }) };
}

describe("scans and branches keep their gradients when everything is compiled", () => {
  test.each(Object.values(controlCases).flat())("$name", async (gradientCase) => {
    const names = Object.keys(gradientCase.inputs);
    const { g, inputs, loss } = squared(gradientCase);
    putOut(g, loss, inputs, names);
    const plain = g.build();
    verify(plain);
    const random = generator(3);
    const feeds: Feeds = Object.fromEntries(
      Object.entries(gradientCase.inputs).map(([name, shape]) => {
        const dims = atBatch(shape, 2);
        return [name, { dtype: "float32", shape: dims, data: uniform(dims, random, [0.2, 1]) }];
      }),
    );
    const expected = await runOnce(plain, feeds);
    const found = await runOnce(compiled(squared(gradientCase), names), feeds);
    for (const name of names) {
      const gradient = named(expected, `grad:${name}`).data;
      expect(gradient.some((item) => item !== 0)).toBe(true);
      expectClose(named(found, `grad:${name}`).data, gradient, name);
    }
  });
});

describe("refused", () => {
  const dims = { h: ["N", 2], x: ["N", 3] } as const;
  interface Misuse {
    readonly inputs?: Readonly<Record<string, readonly (number | string)[]>>;
    readonly attributes?: Attributes;
    readonly outputs?: number;
    readonly next?: (b: GraphBuilder, h: Value, x: Value) => Value;
  }
  test.each<readonly [string, Misuse, RegExp]>([
    ["too few outputs", { outputs: 1 }, /has 1 outputs; expected 2, as its body/],
    ["no scan input", { attributes: { num_scan_inputs: 0 } }, /"num_scan_inputs" is 0; expected 1 to 2/],
    ["too many scan inputs", { attributes: { num_scan_inputs: 3 } }, /"num_scan_inputs" is 3/],
    ["another number of inputs", { inputs: { h: dims.h } }, /its body has 2 inputs; expected 1/],
    ["more states than outputs", { inputs: { h: dims.h, x: dims.x, y: [1] } }, /its body has 2 inputs; expected 3/],
    [
      "a state of another shape",
      { inputs: { h: ["N", 3], x: ["T", ...dims.x] } },
      /state 0 of its body is float32 \[N,2\]; expected float32 \[N,3\]/,
    ],
    ["a state that changes its shape", { next: (_, __, x) => x }, /state 0 that its body gives is float32 \[N,3\]/],
    ["a state that changes its type", { next: (b, h) => b.op("Cast", [h], { to: "int32" }) }, /gives is int32/],
    [
      "slices of another shape",
      { inputs: { h: dims.h, x: ["T", "N", 2] } },
      /scan input 0 of its body is float32 \[N,3\]; expected float32 \[N,2\]/,
    ],
    ["slices along another axis", { attributes: { scan_input_axes: [1] } }, /scan input 0 of its body/],
    ["an axis that is not there", { attributes: { scan_input_axes: [3] } }, /axis 3 is outside a tensor of rank 3/],
    [
      "an output axis that is not there",
      { attributes: { scan_output_axes: [3] } },
      /axis 3 is outside a tensor of rank 3/,
    ],
    ["axes for too many", { attributes: { scan_input_axes: [0, 0] } }, /"scan_input_axes" has 2 items; expected 1/],
    ["directions for too few", { attributes: { scan_output_directions: [] } }, /"scan_output_directions" has 0 items/],
    ["a direction", { attributes: { scan_input_directions: [2] } }, /"scan_input_directions" holds 2; expected 0 or 1/],
    ["no body", { attributes: { body: undefined } }, /attribute "body" is missing/],
  ])(
    "%s",
    (_, {
      inputs = { h: dims.h, x: ["T", ...dims.x] },
      attributes = {},
      outputs = 2,
      next = (__, h) => h,
    }, message) => {
      const g = graphBuilder("refused");
      const values = Object.entries(inputs).map(([name, shape]) => g.input(name, "float32", shape));
      const inner = body(g, dims, (b, { h, x }) => ({ next: next(b, h, x), y: b.op("Tanh", [x]) }));
      const all = { body: inner, num_scan_inputs: 1, ...attributes };
      expect(() => g.node({ op: "Scan", inputs: values, attributes: all, outputs })).toThrow(message);
    },
  );

  test("scan inputs of different lengths", () => {
    const g = graphBuilder("lengths");
    const [a, b] = [g.input("a", "float32", ["T", 2]), g.input("b", "float32", ["2T", 2])];
    const inner = body(g, { a: [2], b: [2] }, (s, { a: x, b: y }) => ({ y: s.op("Add", [x, y]) }));
    const build = () => g.op("Scan", [a, b], { body: inner, num_scan_inputs: 2 });
    expect(build).toThrow(/its scan inputs have T, 2T slices; expected one number/);
  });
});

test("lengths of scan outputs follow those of the inputs", async () => {
  const g = graphBuilder("lengths");
  const x = g.input("x", "float32", ["N", "T + 1", 3]);
  const inner = body(g, { x: ["N", 3] }, (b, { x: slice }) => ({
    y: b.op("ReduceSum", [slice, b.ints([0])], { keepdims: 0 }),
  }));
  const y = g.op("Scan", [x], { body: inner, num_scan_inputs: 1, scan_input_axes: [-2], scan_output_axes: [1] });
  expect(y.shape).toEqual([3, "T + 1"]);
  g.output("y", y);
  const runner = await open(g.build());
  try {
    const data = Array.from({ length: 12 }, (_, index) => index);
    const { y: found } = await runner.run({ x: { dtype: "float32", shape: [2, 2, 3], data } });
    expect(found).toEqual({ shape: [3, 2], data: [6, 12, 8, 14, 10, 16] });
  } finally {
    await runner.close();
  }
});
