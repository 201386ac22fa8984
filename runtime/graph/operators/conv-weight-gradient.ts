import { sizeOf } from "../../shape.js";
import { add, mul, sub } from "../lengths.js";
import type { Value } from "../types.js";
import { gatheredProducts, isGatherable, pointwise, products } from "./conv-products.js";
import { channelsToFront, crop, joined, kernelCells, padSpatially, strided } from "./conv-slices.js";
import { type ConvSpec, groupAttribute } from "./conv-spec.js";
import { fixed } from "./operator.js";
import { reshapeTo } from "./reshape-to.js";
import { at, extent, moveAttributes } from "./window.js";

/**
 * Input channels from which one matrix product a kernel cell is faster than one convolution. Measured on one thread, 5×5,
 * batch 64 (32 in the third): 3 channels 29 ms against 12, 20 channels 4.4 against 4.7, 32 channels 6.7 against 12.6.
 */
const fewestChannelsForProducts = 16;

/**
 * Up to how many kernel cells there is a product, or a sum, for each: the number of nodes is bounded, by 60 for any kernel.
 * Measured on one thread of an AVX2 core, milliseconds:
 *
 * |                                    | a node a cell | gathered  | one Conv |
 * |------------------------------------|--------------:|----------:|---------:|
 * | 20→50, 5×5, 12², batch 64          |           4.5 |       4.4 |      5.4 |
 * | 32→64, 5×5, 14² padded, batch 64   |          19.2 |      19.7 |     29.3 |
 * | 64→64, 7×7, 28² padded, batch 16   |            82 |       101 |      101 |
 * | 96→96, 11×11, 20² padded, batch 16 |           189 |       253 |      211 |
 * | 96→64, 11×11 by 4, 55², batch 16   |            81 |        78 |       67 |
 * | 3→96, 11×11 by 4, 227², batch 8    |           138 |       104 |       28 |
 */
const mostProducts = 16;

/**
 * The same for one channel a group. 96 channels, 3×3, 28², batch 32: sums 39 ms, one Conv 40; 32 channels, 3×3, 56²: 37
 * and 51; 240 channels, 5×5, 28², batch 16: 138 and 78; 96 channels, 7×7, 56², batch 8: 174 and 81.
 */
const mostDepthwiseSums = 9;

/** dw of y = Conv(x, w), in the fastest of five forms. */
export function weightGradient(spec: ConvSpec, x: Value, dy: Value): Value {
  const { window, group, channels } = spec;
  const cells = sizeOf(window.kernel);
  if (group > 1) {
    return group === channels && cells <= mostDepthwiseSums ? depthwise(spec, x, dy) : swappedConv(spec, x, dy);
  }
  const padded = [...window.padsBefore, ...window.padsAfter].some((pad) => pad > 0);
  if (cells === 1 && !padded) return pointwise(spec, x, dy);
  if (channels < fewestChannelsForProducts) return swappedConv(spec, x, dy);
  if (cells <= mostProducts) return products(spec, x, dy);
  return isGatherable(spec) ? gatheredProducts(spec, x, dy) : swappedConv(spec, x, dy);
}

/** One channel a group: for each cell of the kernel, dw = Σ dy · (x shifted to that cell). */
function depthwise(spec: ConvSpec, x: Value, dy: Value): Value {
  const { d, window, group, filters, counts } = spec;
  const { g } = d;
  const multiplier = filters / group;
  const perFilter = multiplier > 1;
  const gradient = perFilter ? reshapeTo(d, dy, [dy.shape[0] ?? 1, group, multiplier, ...counts]) : dy;
  const axes = gradient.shape.flatMap((_, axis) => (axis === 1 || (perFilter && axis === 2) ? [] : [axis]));
  const padded = padSpatially(g, x, window);
  const cells = kernelCells(window).map((offset) => {
    const seen = strided(spec, padded, { offset });
    const met = perFilter ? g.op("Unsqueeze", [seen, g.ints([2])]) : seen;
    return g.op("ReduceSum", [g.op("Mul", [met, gradient]), g.ints(axes)], { keepdims: 1 });
  });
  const all = joined(g, cells, gradient.shape.length - 1);
  return g.op("Reshape", [all, g.ints([filters, 1, ...window.kernel])]);
}

/**
 * The channels of x become rows, its rows become channels, dy becomes the weights; strides and dilations exchange. What
 * the stride never reached would make the result too long: end pads are shortened where they can be, else it is cropped.
 */
function swappedConv(spec: ConvSpec, x: Value, dy: Value): Value {
  const { d, window, group, lengths, counts } = spec;
  const { g } = d;
  const padsAfter = lengths.map((length, axis) => {
    const needed = add(mul(sub(counts[axis] ?? 1, 1), at(window.strides, axis)), extent(window, axis));
    const missing = sub(sub(needed, length), at(window.padsBefore, axis));
    return Math.max(0, fixed(d, missing, `the end pad for spatial axis ${axis} of length ${length}`));
  });
  const exchanged = { ...window, strides: window.dilations, dilations: window.strides, padsAfter };
  const result = g.op("Conv", [rowsAsChannels(spec, x), channelsToFront(g, dy)], {
    ...moveAttributes(exchanged),
    group: groupAttribute(group),
  });
  return channelsToFront(g, crop(d, result, window.kernel));
}

/** [N, G·C, …] as [C, G·N, …] */
function rowsAsChannels({ d, group, channels: all, lengths }: ConvSpec, x: Value): Value {
  const { g } = d;
  if (group === 1) return channelsToFront(g, x);
  const [rows = 1] = x.shape;
  const channels = all / group;
  const grouped = reshapeTo(d, x, [rows, group, channels, ...lengths]);
  const turned = g.op("Transpose", [grouped], { perm: [2, 1, 0, ...lengths.map((_, axis) => axis + 3)] });
  return reshapeTo(d, turned, [channels, mul(rows, group), ...lengths]);
}
