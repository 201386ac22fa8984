import type { Dim, GraphBuilder, Value } from "../graph/types.js";
import { type InputPreparation, imageShape } from "./preparation.js";
import { resizeInGraph } from "./resize.js";

/**
 * Rows as a data file has them, `[N, …rows]`, to what a network takes: in a graph what `prepareDataset` does to a column,
 * to the same bits.
 */
export function prepareInGraph(g: GraphBuilder, rows: Value, preparation: InputPreparation): Value {
  const { sample, shape, dtype, channelsLast, resizeFrom } = preparation;
  const image = imageShape(shape);
  let value = rows;
  if (channelsLast) {
    const [channels, height, width] = resizeFrom ?? image;
    value = g.op("Transpose", [reshaped(g, value, [height, width, channels])], { perm: [0, 3, 1, 2] });
  } else if (resizeFrom === undefined) value = reshaped(g, reshaped(g, value, sample), shape);
  if (resizeFrom) value = resizeInGraph(g, reshaped(g, value, resizeFrom), resizeFrom, image);
  return dtype === "float32" ? scaled(g, value, preparation) : value;
}

function reshaped(g: GraphBuilder, value: Value, shape: readonly Dim[]): Value {
  if (value.shape.slice(1).join() === shape.join()) return value;
  // The 0 keeps the rows.
  return g.op("Reshape", [value, g.ints([0, ...shape.map(Number)])]);
}

function scaled(g: GraphBuilder, value: Value, { mean, scale, shape }: InputPreparation): Value {
  let result = value;
  if (mean.some((number) => number !== 0)) {
    const axes = mean.length === 1 ? [] : [mean.length, ...shape.slice(1).map(() => 1)];
    const data = Float32Array.from(mean);
    result = g.op("Sub", [result, g.constant({ dtype: "float32", shape: axes, data })]);
  }
  return scale === 1 ? result : g.op("Mul", [result, g.scalar(scale)]);
}
