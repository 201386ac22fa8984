import { describe, expect, test } from "vitest";
import { graphBuilder } from "../../runtime/graph/builder.js";
import { differentiate } from "../../runtime/graph/differentiate.js";
import { length } from "../../runtime/graph/lengths.js";
import type { Attributes, Dim, GraphBuilder, Value } from "../../runtime/graph/types.js";
import { call, floats, indices } from "./cases/case.js";
import { named, runOnce } from "./support.js";

const end = 2 ** 31 - 1;

describe("Slice of an axis whose length is not known", () => {
  const cuts: readonly (readonly [number, number, number, string | number])[] = [
    [0, end, 1, "T"],
    [1, end, 1, "T - 1"],
    [0, -1, 1, "T - 1"],
    [0, 1, 1, 1],
    [-1, end, 1, 1],
    [2, end, 1, "max(T - 2, 0)"],
    [0, 3, 1, "min(T, 3)"],
    [1, -1, 1, "max(T - 2, 0)"],
    [0, end, 2, "floor((T + 1)/2)"],
    [-1, -end, -1, "T"],
    [-1, -end, -2, "floor((T + 1)/2)"],
    [-2, -end, -1, "max(T - 2, 0) + 1"],
    [5, 5, 1, 0],
    [end, end, 1, 0],
    [-end, -end, 1, 0],
    [end, 0, -1, "T - 1"],
  ];
  test.each(cuts)("from %i to %i by %i has length %s", (start, to, step, expected) => {
    const g = graphBuilder("cut");
    const x = g.input("x", "float32", ["N", "T"]);
    const cut = g.op("Slice", [x, g.ints([start]), g.ints([to]), g.ints([1]), g.ints([step])]);
    expect(cut.shape).toEqual(["N", typeof expected === "string" ? length(expected) : expected]);
  });

  test("at a length that was computed", () => {
    const g = graphBuilder("cut");
    const x = g.input("x", "float32", ["N", "2T", 3]);
    const half = g.op("Div", [g.op("Shape", [x], { start: 1, end: 2 }), g.ints([2])]);
    expect(g.op("Slice", [x, g.ints([0]), half, g.ints([1])]).shape).toEqual(["N", "T", 3]);
    expect(g.op("Slice", [x, g.op("Neg", [half]), g.ints([end]), g.ints([-2])]).shape).toEqual(["N", "T", 3]);
    const either = g.op("Sub", [half, g.ints([4])]);
    expect(() => g.op("Slice", [x, either, g.ints([end]), g.ints([1])])).toThrow(
      /T - 4 may be negative or not, so what is cut from axis 1 of \[N,2T,3\] varies/,
    );
  });

  test("whose gradient needs one side of the cut says so", () => {
    const g = graphBuilder("cut");
    const x = g.input("x", "float32", ["N", "T"]);
    const y = g.op("Slice", [x, g.ints([-4]), g.ints([-1]), g.ints([1])]);
    const loss = g.op("ReduceSum", [y, g.ints([0, 1])], { keepdims: 0 });
    expect(() => differentiate(g, loss, [x])).not.toThrow();
    const between = g.op("Slice", [x, g.ints([-4]), g.ints([3]), g.ints([1])]);
    const other = g.op("ReduceSum", [between, g.ints([0, 1])], { keepdims: 0 });
    expect(() => differentiate(g, other, [x])).toThrow(/no gradient: it begins at .* before the end of axis 1/);
  });
});

describe("contents", () => {
  test("go through Slice, Concat, Gather and Split, what is not known staying so", () => {
    const g = graphBuilder("contents");
    const x = g.input("x", "float32", ["N", "T", 3, 4]);
    const shape = g.op("Shape", [x]);
    const all = (value: Value) => g.contentsOf(value);
    expect(all(g.op("Slice", [shape, g.ints([-1]), g.ints([-end]), g.ints([0]), g.ints([-2])]))).toEqual([4, "T"]);
    expect(all(g.op("Gather", [shape, g.ints([1, -1])]))).toEqual(["T", 4]);
    const [front = shape] = g.ops("Split", [shape, g.ints([1, 3])], {}, 2);
    expect(all(front)).toEqual(["N"]);
    const given = g.input("given", "int64", [1]);
    expect(all(g.op("Concat", [g.ints([7]), given, shape], { axis: 0 }))).toEqual([7, undefined, "N", "T", 3, 4]);
  });
});

/** The gradient of Σ yᵢ·(i + 1) with respect to a vector. */
async function slopes(size: number, build: (g: GraphBuilder, x: Value) => Value): Promise<readonly number[]> {
  const g = graphBuilder("slopes");
  const x = g.input("x", "float32", [size]);
  const y = build(g, x);
  const weights = g.op("Cast", [g.op("Range", [g.scalar(1, "int64"), g.scalar(100, "int64"), g.scalar(1, "int64")])], {
    to: "float32",
  });
  const some = g.op("Slice", [weights, g.ints([0]), g.ints([Number(y.shape[0])])]);
  const [dx] = differentiate(g, g.op("ReduceSum", [g.op("Mul", [y, some]), g.ints([0])], { keepdims: 0 }), [x]);
  if (dx) g.output("dx", dx);
  const data = Array.from({ length: size }, (_, index) => index);
  return named(await runOnce(g.build(), { x: { dtype: "float32", shape: [size], data } }), "dx").data;
}

describe("gradients, cell by cell", () => {
  test("of a Pad that repeats", async () => {
    const by = (mode: "edge" | "reflect" | "wrap", pads: readonly number[]) =>
      slopes(3, (g, x) => g.op("Pad", [x, g.ints(pads)], { mode }));
    expect(await by("edge", [2, 1])).toEqual([1 + 2 + 3, 4, 5 + 6]);
    expect(await by("reflect", [2, 1])).toEqual([3, 2 + 4 + 6, 1 + 5]);
    expect(await by("wrap", [2, 1])).toEqual([3 + 6, 1 + 4, 2 + 5]);
  });

  test("of Slice with steps, Tile and Gather", async () => {
    expect(await slopes(5, (g, x) => g.op("Slice", [x, g.ints([-1]), g.ints([0]), g.ints([0]), g.ints([-3])]))).toEqual(
      [0, 2, 0, 0, 1],
    );
    expect(await slopes(2, (g, x) => g.op("Tile", [x, g.ints([3])]))).toEqual([1 + 3 + 5, 2 + 4 + 6]);
    expect(await slopes(3, (g, x) => g.op("Gather", [x, indices(g, [3], [2, 0, -1])]))).toEqual([2, 0, 1 + 3]);
    expect(await slopes(3, (g, x) => g.op("GatherND", [x, indices(g, [3, 1], [2, 0, -1])]))).toEqual([2, 0, 1 + 3]);
  });

  test("of Resize that repeats and that interpolates", async () => {
    const cubes = (g: GraphBuilder, x: Value) => g.op("Reshape", [x, g.ints([1, 1, -1])]);
    const flat = (g: GraphBuilder, y: Value) => g.op("Reshape", [y, g.ints([-1])]);
    expect(await slopes(2, (g, x) => flat(g, g.op("Resize", [cubes(g, x), undefined, floats(g, [1, 1, 3])])))).toEqual([
      1 + 2 + 3,
      4 + 5 + 6,
    ]);
    const linear = await slopes(2, (g, x) =>
      flat(g, g.op("Resize", [cubes(g, x), undefined, floats(g, [1, 1, 2])], { mode: "linear" })),
    );
    expect(linear.map((value) => Math.round(value * 1e4) / 1e4)).toEqual([1 + 1.5 + 0.75, 0.5 + 2.25 + 4]);
  });
});

describe("refused", () => {
  const x: readonly Dim[] = ["N", 3, 4];
  type Refused = readonly [string, (g: GraphBuilder, x: Value) => readonly (Value | undefined)[], Attributes, RegExp];
  const rows: readonly Refused[] = [
    ["Concat", (g, v) => [v, g.input("y", "float32", ["N", 3])], { axis: 0 }, /is float32 \[N,3\]; expected float32/],
    ["Concat", (g, v) => [v, g.input("y", "int64", x)], { axis: 1 }, /is int64 \[N,3,4\]; expected float32/],
    ["Gather", (g, v) => [v, g.ints([0])], { axis: 3 }, /axis 3 is outside a tensor of rank 3/],
    ["GatherElements", (g, v) => [v, g.ints([0])], {}, /has rank 1/],
    ["GatherND", (g, v) => [v, indices(g, [2, 4], new Array(8).fill(0))], {}, /an index has 4 places; expected 1 to 3/],
    ["GatherND", (g, v) => [v, indices(g, [2, 1], [0, 0])], { batch_dims: 1 }, /do not have 1 axes in common/],
    ["Pad", (g, v) => [v, g.ints([0, 1])], {}, /it has 2 pads; expected 6 for 3 axes/],
    ["Pad", (g, v) => [v, g.ints([-2, -3]), undefined, g.ints([1])], {}, /axis 1 would have length -2/],
    [
      "Pad",
      (g, v) => [v, g.ints([3, 0]), undefined, g.ints([1])],
      { mode: "reflect" },
      /the pad 3 is wider than mode "reflect" allows for length 3: 2/,
    ],
    [
      "Pad",
      (g, v) => [v, g.ints([0, 5]), undefined, g.ints([2])],
      { mode: "wrap" },
      /the pad 5 is wider than mode "wrap" allows for length 4: 4/,
    ],
    ["Pad", (g, v) => [v, g.ints([0, 1]), undefined, g.ints([3])], {}, /axis 3 is outside a tensor of rank 3/],
    [
      "Pad",
      (g, v) => [v, g.ints([0, 0, 0, 0, 0, 1]), g.ints([1])],
      {},
      /the fill .* is int64 \[1\]; expected float32 \[\]/,
    ],
    ["Resize", (_, v) => [v], {}, /its sizes and scales are computed or missing/],
    ["Resize", (g, v) => [v, undefined, floats(g, [1, 2])], {}, /it has 2 sizes or scales; expected 3/],
    ["Resize", (g, v) => [v, undefined, floats(g, [1, 1, 0])], {}, /the scale 0 of axis 2 is not above 0/],
    [
      "Resize",
      (g, v) => [v, undefined, floats(g, [1.5, 1, 1])],
      {},
      /axis 0 of \[N,3,4\], which is scaled by 1.5, is N/,
    ],
    ["Slice", (g, v) => [v, g.ints([0, 0]), g.ints([1])], {}, /it has 2 starts, 1 ends, 2 axes and 2 steps/],
    ["Slice", (g, v) => [v, g.ints([0]), g.ints([1]), g.ints([1]), g.ints([0])], {}, /the step of axis 1 is 0/],
    ["Slice", (g, v) => [v, g.ints([0, 0]), g.ints([1, 1]), g.ints([1, -2])], {}, /its axes \[1,-2\] repeat/],
    ["Slice", (g, v) => [v, g.input("s", "int64", [1]), g.ints([1])], {}, /its starts are computed/],
    [
      "SpaceToDepth",
      (g) => [g.input("y", "float32", ["N", 3, 4, 5])],
      { blocksize: 2 },
      /expected multiples of 2 for height/,
    ],
    [
      "DepthToSpace",
      (g) => [g.input("y", "float32", ["N", 6, 4, 5])],
      { blocksize: 2 },
      /has 6 channels; expected a multiple of 2² = 4/,
    ],
    ["Split", (_, v) => [v], {}, /it has neither sizes nor num_outputs/],
    ["Split", (g, v) => [v, g.ints([2])], { axis: 1 }, /the sizes \[2\] make 2; axis 1 of \[N,3,4\] has 3/],
    ["Split", (g, v) => [v, g.ints([2, 1])], { axis: 1 }, /it has 1 outputs; expected 2/],
    ["Tile", (g, v) => [v, g.ints([2])], {}, /it has 1 repeats; expected 3/],
  ];
  test.each(rows)("%s (row %#)", (op, inputs, attributes, message) => {
    const g = graphBuilder("refused");
    expect(() => call(g, op, inputs(g, g.input("x", "float32", x)), attributes)).toThrow(message);
  });
});
