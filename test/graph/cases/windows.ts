import type { Attributes, Dim } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";
import { type Cases, call, images, one } from "./case.js";

function pool(op: string, attributes: Attributes, shape: readonly Dim[] = ["N", 2, 6, 7]): GradientCase {
  return one(
    `${op} ${JSON.stringify(attributes)} of ${shape}`,
    { x: shape },
    (g, { x }) => call(g, op, [x], attributes),
    op === "MaxPool" ? "apart" : undefined,
  );
}

function conv(op: string, x: readonly Dim[], w: readonly number[], attributes: Attributes = {}): GradientCase {
  return one(`${op} ${JSON.stringify(attributes)} of ${x} by ${w}`, { x, w }, (g, inputs) =>
    call(g, op, [inputs.x, inputs.w], attributes),
  );
}

/** A length of 7 that is not known beforehand. */
const unknown = "2T + 1";

/** Convolutions and pools; window-grid.test.ts goes through their attributes. */
export const windowCases: Cases = {
  AveragePool: [
    pool("AveragePool", { kernel_shape: [2, 2], strides: [2, 2] }),
    pool("AveragePool", { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }),
    pool("AveragePool", { kernel_shape: [3], strides: [2], ceil_mode: 1 }, ["N", 2, 8]),
    pool("AveragePool", { kernel_shape: [3, 2], strides: [2, 2], auto_pad: "SAME_LOWER" }),
    pool("AveragePool", { kernel_shape: [3, 2], dilations: [2, 1], auto_pad: "SAME_UPPER" }),
    pool("AveragePool", { kernel_shape: [2] }, ["N", 2, unknown]),
    pool("AveragePool", { kernel_shape: [3], pads: [1, 1], count_include_pad: 1 }, ["N", 2, unknown]),
    pool("AveragePool", { kernel_shape: [2], strides: [2] }, ["N", 2, "2T"]),
  ],
  Conv: [
    one("Conv with a bias", { x: images, w: [2, 3, 3, 2], b: [2] }, (g, { x, w, b }) =>
      g.op("Conv", [x, w, b], { strides: [2, 1], pads: [1, 0, 0, 1] }),
    ),
    conv("Conv", ["N", 2, 9], [3, 2, 3], { dilations: [2] }),
    conv("Conv", ["N", 2, 4, 5, 3], [2, 2, 2, 3, 2], { pads: [1, 1, 0, 0, 1, 1] }),
    conv("Conv", images, [2, 3, 3, 2], { auto_pad: "SAME_UPPER", strides: [2, 3] }),
    conv("Conv", images, [2, 3, 2, 4], { auto_pad: "SAME_LOWER" }),
    conv("Conv", images, [2, 3, 2, 3], { auto_pad: "SAME_UPPER", dilations: [2, 1] }),
    conv("Conv", images, [2, 3, 2, 3], { auto_pad: "VALID", kernel_shape: [2, 3] }),
    conv("Conv", ["N", 16, 7, 8], [2, 16, 5, 4], { strides: [2, 1], pads: [1, 2, 0, 1], dilations: [1, 2] }),
    conv("Conv", ["N", 17, 4, 4, 5], [2, 17, 3, 2, 3], { strides: [1, 2, 1], pads: [0, 1, 2, 1, 0, 0] }),
    conv("Conv", ["N", 2, unknown], [3, 2, 3], { dilations: [2], pads: [3, 1] }),
    conv("Conv", ["N", 16, unknown], [3, 16, 3], { auto_pad: "SAME_LOWER" }),
    conv("Conv", ["N", 17, unknown, 4], [2, 17, 1, 1]),
    conv("Conv", ["N", 16, unknown, 3], [2, 16, 7, 3], { pads: [3, 1, 3, 1] }),
    conv("Conv", ["N", 4, unknown], [8, 1, 3], { group: 4, pads: [1, 1] }),
  ],
  ConvTranspose: [
    one("ConvTranspose with a bias", { x: ["N", 2, 3, 4], w: [2, 3, 3, 2], b: [3] }, (g, { x, w, b }) =>
      g.op("ConvTranspose", [x, w, b]),
    ),
    conv("ConvTranspose", ["N", 2, 3, 4], [2, 3, 3, 2], {
      strides: [2, 3],
      pads: [1, 0, 1, 1],
      output_padding: [1, 2],
    }),
    conv("ConvTranspose", ["N", 4, 3, 3], [4, 2, 2, 2], { group: 2, strides: [2, 2] }),
    conv("ConvTranspose", ["N", 4, 4, 3], [4, 1, 2, 2], { group: 4, dilations: [2, 1] }),
    conv("ConvTranspose", ["N", 2, 3, 4], [2, 3, 3, 4], { strides: [2, 3], auto_pad: "SAME_LOWER" }),
    conv("ConvTranspose", ["N", 2, 3, 4], [2, 3, 3, 1], { strides: [2, 3], auto_pad: "SAME_UPPER", dilations: [2, 1] }),
    conv("ConvTranspose", ["N", 2, 3, 2, 3], [2, 3, 2, 3, 1], { strides: [2, 1, 3] }),
    conv("ConvTranspose", ["N", 2, unknown], [2, 3, 3], { pads: [1, 1] }),
  ],
  GlobalAveragePool: [
    one("GlobalAveragePool", { x: images }, (g, { x }) => g.op("GlobalAveragePool", [x])),
    one("GlobalAveragePool of a length", { x: ["N", 2, "T"] }, (g, { x }) => g.op("GlobalAveragePool", [x])),
  ],
  GlobalMaxPool: [one("GlobalMaxPool", { x: images }, (g, { x }) => g.op("GlobalMaxPool", [x]), "apart")],
  MaxPool: [
    pool("MaxPool", { kernel_shape: [2, 2], strides: [2, 2] }),
    pool("MaxPool", { kernel_shape: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }),
    pool("MaxPool", { kernel_shape: [3], strides: [2], ceil_mode: 1 }, ["N", 2, 8]),
    pool("MaxPool", { kernel_shape: [3, 3], strides: [3, 3], pads: [1, 1, 1, 1] }, ["N", 2, 9, 9]),
    pool("MaxPool", { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] }, ["N", 2, 6, 6]),
    pool("MaxPool", { kernel_shape: [3, 2], strides: [2, 2], auto_pad: "SAME_UPPER" }),
    pool("MaxPool", { kernel_shape: [3, 2], dilations: [2, 2], auto_pad: "SAME_LOWER" }),
    pool("MaxPool", { kernel_shape: [2, 3], strides: [2, 3], auto_pad: "SAME_LOWER" }, ["N", 2, 6, 8]),
    pool("MaxPool", { kernel_shape: [2], strides: [2] }, ["N", 2, unknown]),
    pool("MaxPool", { kernel_shape: [3], strides: [2], auto_pad: "SAME_LOWER" }, ["N", 2, unknown]),
    one(
      "MaxPool whose indices are used too",
      { x: ["N", 2, 6] },
      (g, { x }) => {
        const [y = x, places = x] = g.ops("MaxPool", [x], { kernel_shape: [3], strides: [2] }, 2);
        return g.op("Mul", [y, g.op("Cast", [places], { to: "float32" })]);
      },
      "apart",
    ),
  ],
  MaxUnpool: [
    one(
      "MaxUnpool",
      { x: ["N", 2, 4, 4], y: ["N", 2, 2, 2] },
      (g, { x, y }) => {
        const [, places = x] = g.ops("MaxPool", [x], { kernel_shape: [2, 2], strides: [2, 2] }, 2);
        return g.op("MaxUnpool", [y, places, g.op("Shape", [x])], { kernel_shape: [2, 2], strides: [2, 2] });
      },
      "apart",
    ),
  ],
};
