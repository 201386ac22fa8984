import type { Dim } from "../../../runtime/graph/types.js";
import { type Cases, images, matrix, one } from "./case.js";

const block: readonly Dim[] = ["N", 3, 4];

/** Softmax and LogSoftmax. */
function along(op: "Softmax" | "LogSoftmax") {
  const shapes: readonly (readonly [readonly Dim[], number | undefined])[] = [
    [block, undefined],
    [block, 1],
    [block, -3],
    [["N"], 0],
    [[4], -1],
  ];
  return shapes.map(([shape, axis]) =>
    one(`${op} of [${shape}] along ${axis}`, { x: shape }, (g, { x }) => g.op(op, [x], { axis })),
  );
}

export const shapeCases: Cases = {
  Expand: [
    one("Expand of a column", { x: ["N", 1, 4] }, (g, { x }) => g.op("Expand", [x, g.ints([3, 1])])),
    one("Expand to a shape with the batch", { x: [4], y: matrix }, (g, { x, y }) =>
      g.op("Mul", [g.op("Expand", [x, g.op("Shape", [y])]), y]),
    ),
    one("Expand of a scalar", { x: [] }, (g, { x }) => g.op("Expand", [x, g.ints([2, 3])])),
    one("Expand of the batch and to it", { x: ["N", 1, 1], y: ["N"] }, (g, { x, y }) =>
      g.op("Mul", [g.op("Expand", [x, g.op("Shape", [y])]), y]),
    ),
    one("Expand to its own shape", { x: matrix }, (g, { x }) => g.op("Expand", [x, g.ints([1, 4])])),
  ],
  Flatten: [
    one("Flatten", { x: images }, (g, { x }) => g.op("Flatten", [x])),
    ...[0, 2, 4, -1].map((axis) =>
      one(`Flatten at ${axis}`, { x: images }, (g, { x }) => g.op("Flatten", [x], { axis })),
    ),
    one("Flatten of a vector", { x: ["N"] }, (g, { x }) => g.op("Flatten", [x], { axis: 0 })),
    one("Flatten of a scalar", { x: [] }, (g, { x }) => g.op("Flatten", [x], { axis: 0 })),
  ],
  LogSoftmax: along("LogSoftmax"),
  Reshape: [
    one("Reshape with 0 and -1", { x: images }, (g, { x }) => g.op("Reshape", [x, g.ints([0, -1, 5])])),
    one("Reshape that merges the batch", { x: images }, (g, { x }) => g.op("Reshape", [x, g.ints([-1, 5])])),
    one("Reshape of two named lengths to one", { x: ["N", "T", 3] }, (g, { x }) =>
      g.op("Reshape", [x, g.ints([-1, 3])]),
    ),
    one("Reshape of a scalar", { x: [] }, (g, { x }) => g.op("Reshape", [x, g.ints([1, 1])])),
    one("Reshape to a scalar", { x: [1, 1] }, (g, { x }) => g.op("Reshape", [x, g.ints([])])),
  ],
  Softmax: along("Softmax"),
  Squeeze: [
    one("Squeeze", { x: ["N", 1, 4, 1] }, (g, { x }) => g.op("Squeeze", [x, g.ints([1, -1])])),
    one("Squeeze of all", { x: [2, 1, 4, 1] }, (g, { x }) => g.op("Squeeze", [x])),
    one("Squeeze of all by empty axes", { x: [2, 1, 4, 1] }, (g, { x }) => g.op("Squeeze", [x, g.ints([])])),
    one("Squeeze to a scalar", { x: [1] }, (g, { x }) => g.op("Squeeze", [x, g.ints([0])])),
  ],
  Transpose: [
    one("Transpose", { x: images }, (g, { x }) => g.op("Transpose", [x], { perm: [2, 0, 3, 1] })),
    one("Transpose reversed", { x: images }, (g, { x }) => g.op("Transpose", [x])),
    one("Transpose of a vector", { x: ["N"] }, (g, { x }) => g.op("Transpose", [x], { perm: [0] })),
    one("Transpose of a scalar", { x: [] }, (g, { x }) => g.op("Transpose", [x])),
  ],
  Unsqueeze: [
    one("Unsqueeze", { x: matrix }, (g, { x }) => g.op("Unsqueeze", [x, g.ints([0, -1])])),
    one("Unsqueeze in the middle", { x: matrix }, (g, { x }) => g.op("Unsqueeze", [x, g.ints([1])])),
    one("Unsqueeze of a scalar", { x: [] }, (g, { x }) => g.op("Unsqueeze", [x, g.ints([1, 0])])),
    one("Unsqueeze of nothing", { x: matrix }, (g, { x }) => g.op("Unsqueeze", [x, g.ints([])])),
  ],
};
