import type { Attributes, Dim, GraphBuilder, Value } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";
import { type Cases, floats, images, indices, matrix, one } from "./case.js";

const end = 2 ** 31 - 1;

interface Cut {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes?: readonly number[];
  readonly steps?: readonly number[];
}

function slice(name: string, x: readonly Dim[], { starts, ends, axes, steps }: Cut): GradientCase {
  return one(name, { x }, (g, inputs) =>
    g.op("Slice", [inputs.x, g.ints(starts), g.ints(ends), axes && g.ints(axes), steps && g.ints(steps)]),
  );
}

function pad(mode: "reflect" | "edge" | "wrap", pads: readonly number[]): GradientCase {
  return one(`Pad in mode ${mode} by ${pads}`, { x: images }, (g, { x }) => g.op("Pad", [x, g.ints(pads)], { mode }));
}

function resize(x: readonly Dim[], attributes: Attributes, to: { sizes?: number[]; scales?: number[] }): GradientCase {
  return one(`Resize of ${x} ${JSON.stringify({ ...attributes, ...to })}`, { x }, (g, inputs) => {
    const [scales, sizes] = [to.scales && floats(g, to.scales), to.sizes && g.ints(to.sizes)];
    const [y] = g.node({ op: "Resize", inputs: [inputs.x, undefined, scales, sizes], attributes });
    return y ?? inputs.x;
  });
}

/** The places of x that hold its largest of an axis: indices that depend on data. */
function later(g: GraphBuilder, x: Value): Value {
  return g.op("ArgMax", [x], { axis: -1, keepdims: 0 });
}

/** Operators that take parts of tensors, put them together, repeat or resize them. */
export const indexingCases: Cases = {
  Concat: [
    one("Concat of three", { a: matrix, b: ["N", 2], c: ["N", 1] }, (g, { a, b, c }) =>
      g.op("Concat", [a, b, c, a], { axis: -1 }),
    ),
    one("Concat of channels", { a: images, b: ["N", 1, 6, 5] }, (g, { a, b }) => g.op("Concat", [a, b], { axis: 1 })),
    one("Concat of batches", { a: matrix, b: [3, 4], c: ["2N", 4] }, (g, { a, b, c }) =>
      g.op("Concat", [a, b, c, a], { axis: 0 }),
    ),
    one("Concat of times", { a: ["N", "T", 2], b: ["N", 1, 2], c: ["N", "2T + 1", 2] }, (g, { a, b, c }) =>
      g.op("Concat", [b, a, c], { axis: -2 }),
    ),
    one("Concat of one", { a: matrix }, (g, { a }) => g.op("Concat", [a], { axis: 0 })),
  ],
  DepthToSpace: [
    one("DepthToSpace", { x: ["N", 8, 2, 3] }, (g, { x }) => g.op("DepthToSpace", [x], { blocksize: 2 })),
    one("DepthToSpace CRD", { x: ["N", 18, 1, 2] }, (g, { x }) =>
      g.op("DepthToSpace", [x], { blocksize: 3, mode: "CRD" }),
    ),
  ],
  Gather: [
    one("Gather rows, one twice", { x: [5, 3] }, (g, { x }) => g.op("Gather", [x, indices(g, [4], [4, 0, 4, -2])])),
    one("Gather by a matrix of indices", { x: ["N", 5, 3] }, (g, { x }) =>
      g.op("Gather", [x, indices(g, [2, 2], [1, 0, 1, 3])], { axis: 1 }),
    ),
    one("Gather one column", { x: matrix }, (g, { x }) => g.op("Gather", [x, indices(g, [], [2])], { axis: 1 })),
    one("Gather one time", { x: ["N", "T", 2] }, (g, { x }) => g.op("Gather", [x, indices(g, [], [-1])], { axis: 1 })),
    one("Gather by indices of any length", { x: [5, 3], t: ["N", "T", 4] }, (g, { x, t }) =>
      g.op("Gather", [x, later(g, t)]),
    ),
  ],
  GatherElements: [
    one("GatherElements, one twice", { x: [3, 4] }, (g, { x }) =>
      g.op("GatherElements", [x, indices(g, [3, 2], [0, 0, 3, 1, 2, -1])], { axis: 1 }),
    ),
  ],
  GatherND: [
    one("GatherND of elements", { x: [3, 4] }, (g, { x }) =>
      g.op("GatherND", [x, indices(g, [3, 2], [0, 1, 2, -1, 0, 1])]),
    ),
    one("GatherND of rows, one twice", { x: [3, 4, 2] }, (g, { x }) =>
      g.op("GatherND", [x, indices(g, [2, 2, 1], [1, 0, 1, -1])]),
    ),
    one("GatherND of the batch", { x: ["N", 4, 2] }, (g, { x }) =>
      g.op("GatherND", [x, indices(g, [3, 2], [0, 1, -1, -2, 0, 1])]),
    ),
    one("GatherND with a common axis", { x: [2, 3, 4] }, (g, { x }) =>
      g.op("GatherND", [x, indices(g, [2, 2, 1], [1, -1, 0, 0])], { batch_dims: 1 }),
    ),
    one("GatherND of each row's best", { x: ["N", 3, 2], t: ["N", 3] }, (g, { x, t }) =>
      g.op("GatherND", [x, g.op("Unsqueeze", [later(g, t), g.ints([-1])])], { batch_dims: 1 }),
    ),
  ],
  Pad: [
    one("Pad", { x: images }, (g, { x }) => g.op("Pad", [x, g.ints([0, 1, 2, 0, 0, 0, 1, 3]), g.scalar(0.5)])),
    one("Pad that crops", { x: images }, (g, { x }) => g.op("Pad", [x, g.ints([0, 0, -2, 1, 0, 0, -1, -1])])),
    one("Pad of some axes with a fill that is learnt", { x: ["N", "T", 4], v: [] }, (g, { x, v }) =>
      g.op("Pad", [x, g.ints([1, -1, 2, 0]), v, g.ints([-1, 0])]),
    ),
    one("Pad to the length of another", { x: ["N", 3], y: ["N", "T + 3"] }, (g, { x, y }) => {
      const missing = g.op("Sub", [g.op("Shape", [y]), g.op("Shape", [x])]);
      return g.op("Mul", [g.op("Pad", [x, g.op("Concat", [g.ints([0, 0]), missing], { axis: 0 })]), y]);
    }),
    pad("edge", [0, 1, 2, 0, 0, 0, 3, 1]),
    pad("reflect", [0, 2, 1, 4, 0, 1, 5, 0]),
    pad("wrap", [0, 0, 2, 5, 0, 3, 6, 1]),
  ],
  Resize: [
    resize(images, { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }, { scales: [1, 1, 2, 3] }),
    resize(images, { axes: [2, 3] }, { sizes: [12, 15] }),
    resize(["N", 2, 3, 2, 2], {}, { scales: [1, 1, 2, 1, 3] }),
    resize(images, { nearest_mode: "round_prefer_ceil" }, { scales: [1, 1, 2, 3] }),
    resize(images, { nearest_mode: "floor" }, { scales: [1, 1, 2, 2] }),
    resize(images, { coordinate_transformation_mode: "asymmetric", nearest_mode: "ceil" }, { scales: [1, 1, 2, 2] }),
    resize(images, { coordinate_transformation_mode: "align_corners" }, { scales: [1, 1, 2, 2] }),
    resize(images, { coordinate_transformation_mode: "asymmetric", nearest_mode: "ceil" }, { scales: [1, 1, 2, 1.5] }),
    resize(["N", 2, 5], {}, { scales: [1, 1, 0.6] }),
    resize(images, { axes: [-1, -2] }, { sizes: [7, 3] }),
    resize(images, { mode: "linear" }, { scales: [1, 1, 2, 1.7] }),
    resize(images, { mode: "linear", axes: [2, 3] }, { sizes: [9, 4] }),
    resize(
      ["N", 2, 3, 4, 5],
      { mode: "linear", coordinate_transformation_mode: "align_corners" },
      { scales: [1, 1, 2, 1.5, 1] },
    ),
    resize(
      ["N", 2, 5],
      { mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel" },
      { scales: [1, 1, 2] },
    ),
    resize(images, { mode: "cubic", cubic_coeff_a: -0.5, exclude_outside: 1 }, { scales: [1, 1, 1.5, 0.5] }),
    resize(images, { mode: "linear", antialias: 1 }, { scales: [1, 1, 0.5, 0.6] }),
  ],
  ScatterElements: [
    one("ScatterElements", { x: [3, 4], u: [3, 2] }, (g, { x, u }) =>
      g.op("ScatterElements", [x, indices(g, [3, 2], [0, 1, 3, 1, 2, 0]), u], { axis: 1 }),
    ),
    one("ScatterElements that adds", { x: [3, 4], u: [3, 2] }, (g, { x, u }) =>
      g.op("ScatterElements", [x, indices(g, [3, 2], [0, 0, 3, 1, 2, 2]), u], { axis: 1, reduction: "add" }),
    ),
  ],
  Slice: [
    slice("Slice", images, { starts: [1, -4], ends: [3, 4], axes: [1, 2] }),
    slice("Slice with steps", ["N", 7, 8], { starts: [1, 0], ends: [7, 8], axes: [1, 2], steps: [2, 3] }),
    slice("Slice backwards", ["N", 7, 8], { starts: [-1, 6], ends: [-99, 1], axes: [1, 2], steps: [-1, -2] }),
    slice("Slice of the whole batch", matrix, { starts: [0, 1], ends: [end, 3] }),
    slice("Slice from behind the axis", ["N", 4, 5], { starts: [-9, 2], ends: [1, 99], axes: [1, 2] }),
    slice("Slice of all times but the first", ["N", "T", 2], { starts: [1], ends: [end], axes: [1] }),
    slice("Slice of all times but the last", ["N", "T", 2], { starts: [0], ends: [-1], axes: [1] }),
    slice("Slice of the last times", ["N", "T", 2], { starts: [-2], ends: [end], axes: [1] }),
    slice("Slice of the first rows", ["N", "T", 2], { starts: [0, 1], ends: [1, -1] }),
    slice("Slice of every other time", ["N", "T", 2], { starts: [0], ends: [end], axes: [1], steps: [2] }),
    slice("Slice of times backwards", ["N", "T", 2], { starts: [-1], ends: [-end], axes: [1], steps: [-1] }),
    slice("Slice of every third time from the last but one", ["N", "2T + 1"], {
      starts: [-2],
      ends: [0],
      axes: [1],
      steps: [-3],
    }),
    one("Slice of the first half", { x: ["N", "2T", 2] }, (g, { x }) => {
      const half = g.op("Div", [g.op("Shape", [x], { start: 1, end: 2 }), g.ints([2])]);
      const first = g.op("Slice", [x, g.ints([0]), half, g.ints([1])]);
      return g.op("Mul", [first, g.op("Slice", [x, half, g.ints([end]), g.ints([1])])]);
    }),
  ],
  SpaceToDepth: [one("SpaceToDepth", { x: ["N", 3, 4, 6] }, (g, { x }) => g.op("SpaceToDepth", [x], { blocksize: 2 }))],
  Split: [
    one("Split of which one part is not used", { x: ["N", 7] }, (g, { x }) => {
      const [a = x, , c = x] = g.ops("Split", [x, g.ints([2, 3, 2])], { axis: 1 }, 3);
      return g.op("Mul", [a, c]);
    }),
    one("Split in equal parts, the last shorter", { x: [7, 2] }, (g, { x }) => {
      const [a = x, , c = x] = g.ops("Split", [x], { num_outputs: 3 }, 3);
      return g.op("Mul", [a, c]);
    }),
    one("Split of the batch", { x: ["2N", 2] }, (g, { x }) => {
      const [a = x, b = x] = g.ops("Split", [x], { num_outputs: 2 }, 2);
      return g.op("Mul", [a, b]);
    }),
  ],
  Tile: [
    one("Tile", { x: ["N", 2, 3] }, (g, { x }) => g.op("Tile", [x, g.ints([1, 3, 2])])),
    one("Tile of the batch and times", { x: ["N", 2, "T"] }, (g, { x }) => g.op("Tile", [x, g.ints([2, 1, 1])])),
    one("Tile of once", { x: matrix }, (g, { x }) => g.op("Tile", [x, g.ints([1, 1])])),
  ],
};
