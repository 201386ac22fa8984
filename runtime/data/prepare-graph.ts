import type { Dim, GraphBuilder, Value } from "../graph/types.js";
import { middleOf } from "./augment/augmentation.js";
import { type InputPreparation, imageShape } from "./preparation.js";
import { type Image, resizeInGraph } from "./resize.js";

/**
 * Rows as a data file has them, `[N, …rows]`, to what a network takes: in a graph what `prepareDataset` does to a column,
 * to the same bits.
 */
export function prepareInGraph(g: GraphBuilder, rows: Value, preparation: InputPreparation): Value {
  const { sample, shape, dtype, channelsLast, resizeFrom, cropFrom } = preparation;
  const image = imageShape(shape);
  let value = rows;
  if (channelsLast) {
    const [channels, height, width] = resizeFrom ?? cropFrom ?? image;
    const images = reshaped(g, value, channels === 1 ? [1, height, width] : [height, width, channels]);
    value = channels === 1 ? images : g.op("Transpose", [images], { perm: [0, 3, 1, 2] });
  } else if (resizeFrom === undefined && cropFrom === undefined) value = reshaped(g, reshaped(g, value, sample), shape);
  if (resizeFrom) value = resized(g, reshaped(g, value, resizeFrom), { from: resizeFrom, to: image, channelsLast });
  if (cropFrom) value = cropped(g, reshaped(g, value, cropFrom), [cropFrom, image]);
  return dtype === "float32" ? scaled(g, value, preparation) : value;
}

interface Resizing {
  readonly from: Image;
  readonly to: Image;
  readonly channelsLast: boolean;
}

/**
 * Behind a Transpose each channel is an image of its own: onnxruntime, which moves a Transpose behind a Resize where that
 * looks cheaper, takes the two `sizes` for four then and cannot load the model. It moves none behind these reshapes.
 */
function resized(g: GraphBuilder, images: Value, { from, to, channelsLast }: Resizing): Value {
  if (!channelsLast || from[0] === 1) return resizeInGraph(g, images, from, to);
  const plane = ([, height, width]: Image): Image => [1, height, width];
  const planes = g.op("Reshape", [images, g.ints([-1, ...plane(from)])]);
  return g.op("Reshape", [resizeInGraph(g, planes, plane(from), plane(to)), g.ints([-1, ...to])]);
}

/** The middle part of images. */
function cropped(g: GraphBuilder, images: Value, [from, to]: readonly [from: Image, to: Image]): Value {
  const { top, left } = middleOf([from, to]);
  const [, height, width] = to;
  return g.op("Slice", [images, g.ints([top, left]), g.ints([top + height, left + width]), g.ints([2, 3])]);
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
