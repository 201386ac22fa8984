import type { Dim, Graph, GraphBuilder, Value } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";
import { type Cases, one } from "./case.js";

/** A body whose inputs and outputs are given by name. */
export function body<Name extends string>(
  g: GraphBuilder,
  inputs: Readonly<Record<Name, readonly Dim[]>>,
  build: (b: GraphBuilder, x: Readonly<Record<Name, Value>>) => Readonly<Record<string, Value>>,
): Graph {
  return g.subgraph("body", (b) => {
    const shapes = Object.entries<readonly Dim[]>(inputs);
    const values = Object.fromEntries(shapes.map(([name, shape]) => [name, b.input(name, "float32", shape)]));
    const results = build(b, values as Record<Name, Value>);
    for (const [name, value] of Object.entries(results)) b.output(name, value);
  });
}

export function at(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (!value) throw new Error(`no value ${index}`);
  return value;
}

/** All elements of some values in one vector, so that a case differentiates them all. */
export function together(g: GraphBuilder, values: readonly Value[]): Value {
  const flat = values.map((value) => g.op("Reshape", [value, g.ints([-1])]));
  return g.op("Concat", flat, { axis: 0 });
}

type RnnInput = "x" | "h" | "w" | "u" | "bias";

/** h' = tanh(x·w + h·u + b) */
export function rnnStep(b: GraphBuilder, { x, h, w, u, bias }: Readonly<Record<RnnInput, Value>>): Value {
  const sum = b.op("Add", [b.op("MatMul", [x, w]), b.op("MatMul", [h, u])]);
  return b.op("Tanh", [b.op("Add", [sum, bias])]);
}

const weights = { w: [3, 2], u: [2, 2], bias: [2] } as const;
const states: readonly Dim[] = ["N", 2];

interface RnnOptions {
  readonly steps?: Dim;
  readonly reverse?: boolean;
  readonly outputs: "last" | "all" | "both";
  readonly rows?: number;
}

function rnn({ steps = "T", reverse = false, outputs, rows = 2 }: RnnOptions): GradientCase<RnnInput> {
  const inputs = { x: [steps, "N", 3], h: states, ...weights };
  return {
    name: `Scan of an RNN, ${outputs}, ${steps} steps, ${rows} rows${reverse ? ", backwards" : ""}`,
    inputs,
    rows,
    build: (g, { x, h, w, u, bias }) => {
      const inner = body(g, { h: states, x: ["N", 3] }, (b, step) => {
        const next = rnnStep(b, { ...step, w, u, bias });
        return outputs === "last" ? { next } : { next, y: next };
      });
      const direction = reverse ? 1 : 0;
      const attributes = { body: inner, num_scan_inputs: 1, scan_input_directions: [direction] };
      const made =
        outputs === "last"
          ? g.ops("Scan", [h, x], attributes, 1)
          : g.ops("Scan", [h, x], { ...attributes, scan_output_directions: [direction] }, 2);
      return outputs === "both" ? together(g, made) : at(made, outputs === "last" ? 0 : 1);
    },
  };
}

export const controlCases: Cases = {
  Scan: [
    ...(["last", "all", "both"] as const).flatMap((outputs) => [
      rnn({ outputs }),
      rnn({ outputs, reverse: true, rows: 3 }),
      rnn({ outputs, steps: 1, rows: 1 }),
      rnn({ outputs, steps: 4, reverse: true }),
    ]),
    one(
      "Scan of two inputs along different axes and directions, two states, two outputs",
      { x: ["N", "T", 2], z: ["T", "N", 2], h: states, c: states, w: [2, 2] },
      (g, { x, z, h, c, w }) => {
        const inner = body(g, { h: states, c: states, x: states, z: states }, (b, s) => {
          const cell = b.op("Add", [b.op("Mul", [s.c, b.scalar(0.5)]), b.op("MatMul", [s.x, w])]);
          const next = b.op("Mul", [b.op("Tanh", [cell]), b.op("Add", [s.h, s.z])]);
          return { next, cell, first: b.op("Mul", [next, s.x]), second: b.op("Sub", [cell, s.h]) };
        });
        const attributes = {
          body: inner,
          num_scan_inputs: 2,
          scan_input_axes: [1, -3],
          scan_input_directions: [0, 1],
          scan_output_axes: [-1, 1],
          scan_output_directions: [1, 0],
        };
        return together(g, g.ops("Scan", [h, c, x, z], attributes, 4));
      },
    ),
    one("Scan without states", { x: ["T", "N", 2], w: [2, 2] }, (g, { x, w }) => {
      const inner = body(g, { x: states }, (b, s) => ({ y: b.op("Sigmoid", [b.op("MatMul", [s.x, w])]) }));
      return g.op("Scan", [x], { body: inner, num_scan_inputs: 1 });
    }),
    one(
      "Scan that hands a state and a captured value through, and puts a state out twice",
      { x: ["T", "N", 2], h: states, k: states, w: ["N", 2] },
      (g, { x, h, k, w }) => {
        const inner = body(g, { h: states, k: states, x: states }, (b, s) => {
          const next = b.op("Mul", [b.op("Add", [s.h, s.x]), s.k]);
          return { next, kept: s.k, one: next, two: next, captured: w, came: s.h };
        });
        return together(g, g.ops("Scan", [h, k, x], { body: inner, num_scan_inputs: 1 }, 6));
      },
    ),
    one("Scan of one value in three places", { x: [3, 3] }, (g, { x }) => {
      const inner = body(g, { h: [3, 3], x: [3] }, (b, s) => ({
        next: b.op("Tanh", [b.op("Add", [b.op("MatMul", [s.h, x]), s.x])]),
      }));
      return g.op("Scan", [x, x], { body: inner, num_scan_inputs: 1 });
    }),
    one("Scan that counts its steps", { x: ["T", "N", 2], h: states }, (g, { x, h }) => {
      const inner = g.subgraph("body", (b) => {
        const [count, state, slice] = [
          b.input("n", "int64", []),
          b.input("h", "float32", states),
          b.input("x", "float32", states),
        ];
        const step = b.op("Add", [count, b.scalar(1, "int64")]);
        b.output("count", step);
        b.output(
          "next",
          b.op("Add", [b.op("Mul", [slice, b.op("Cast", [step], { to: "float32" })]), b.op("Sin", [state])]),
        );
      });
      return at(g.ops("Scan", [g.scalar(0, "int64"), h, x], { body: inner, num_scan_inputs: 1 }, 2), 1);
    }),
    one("Scan in a Scan", { x: ["T", 2, "N", 2], h: states, w: [2, 2] }, (g, { x, h, w }) => {
      const inner = body(g, { h: states, x: [2, "N", 2] }, (b, s) => {
        const innermost = body(b, { h: states, x: states }, (c, t) => ({
          next: c.op("Tanh", [c.op("Add", [c.op("MatMul", [t.h, w]), c.op("Mul", [t.x, s.h])])]),
        }));
        return { next: b.op("Scan", [s.h, s.x], { body: innermost, num_scan_inputs: 1 }) };
      });
      return g.op("Scan", [h, x], { body: inner, num_scan_inputs: 1 });
    }),
    one(
      "Scan of a decomposed operator",
      { x: ["T", "N", 3], h: ["N", 3], w: [3] },
      (g, { x, h, w }) => {
        const inner = body(g, { h: ["N", 3], x: ["N", 3] }, (b, s) => ({
          next: b.op("LayerNormalization", [b.op("LpNormalization", [b.op("Add", [s.h, s.x])]), w]),
        }));
        return g.op("Scan", [h, x], { body: inner, num_scan_inputs: 1 });
      },
      [0.2, 1],
    ),
  ],
  If: [100, -100].flatMap((threshold) => [
    one(`If with threshold ${threshold}`, { x: ["N", 2], w: [2, 2], v: [2] }, (g, { x, w, v }) => {
      const yes = g.subgraph("yes", (b) => b.output("y", b.op("MatMul", [x, w])));
      const no = g.subgraph("no", (b) => b.output("y", b.op("Mul", [b.op("Tanh", [x]), v])));
      // The branch that is not taken gives zeros; both inputs have a share in any case.
      const chosen = g.op("If", [over(g, x, threshold)], { then_branch: yes, else_branch: no });
      return g.op("Add", [chosen, g.op("Mul", [g.op("MatMul", [x, w]), v])]);
    }),
    one(
      `If with two outputs, one handed through, threshold ${threshold}`,
      { x: ["N", 2], w: ["N", 2] },
      (g, { x, w }) => {
        const branch = (name: string, factor: number) =>
          g.subgraph(name, (b) => {
            b.output("a", b.op("Mul", [b.op("Mul", [x, w]), b.scalar(factor)]));
            b.output("b", factor > 0 ? w : x);
          });
        const made = g.ops(
          "If",
          [over(g, x, threshold)],
          { then_branch: branch("yes", 2), else_branch: branch("no", -3) },
          2,
        );
        return together(g, [...made, g.op("Mul", [x, w])]);
      },
    ),
    one(
      `If in an If and in a Scan, threshold ${threshold}`,
      { x: ["T", "N", 2], h: states, w: [2] },
      (g, { x, h, w }) => {
        const inner = body(g, { h: states, x: states }, (b, s) => {
          const sum = b.op("Add", [s.h, s.x]);
          const condition = over(b, sum, threshold);
          const deep = b.subgraph("deep", (c) => {
            const here = c.subgraph("here", (d) => d.output("y", d.op("Mul", [sum, w])));
            const there = c.subgraph("there", (d) => d.output("y", d.op("Sin", [sum])));
            c.output("y", c.op("If", [condition], { then_branch: here, else_branch: there }));
          });
          const flat = b.subgraph("flat", (c) => c.output("y", c.op("Tanh", [c.op("Mul", [sum, w])])));
          return { next: b.op("If", [condition], { then_branch: deep, else_branch: flat }) };
        });
        return g.op("Scan", [h, x], { body: inner, num_scan_inputs: 1 });
      },
    ),
  ]),
};

/** Σx > threshold */
function over(g: GraphBuilder, x: Value, threshold: number): Value {
  return g.op("Greater", [g.op("ReduceSum", [x], { keepdims: 0 }), g.scalar(threshold)]);
}
