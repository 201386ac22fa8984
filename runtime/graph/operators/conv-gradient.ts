import type { GraphBuilder, Value } from "../types.js";
import { type Differentiation, fixed } from "./operator.js";
import { at, extent, outputLengths, spatial, transposedPads, type Window, windowAttributes } from "./window.js";

interface Spec {
  readonly d: Pick<Differentiation, "g" | "fail">;
  readonly window: Window;
  readonly group: number;
}

type DataSpec = Spec & { readonly dy: Value; readonly w: Value; readonly lengths: readonly number[] };
type WeightSpec = Spec & { readonly x: Value; readonly dy: Value };

/**
 * dx of y = Conv(x, w): ConvTranspose; in groups, where onnxruntime's ConvTranspose is slow, a Conv of dy with the flipped
 * weights, inputs and outputs exchanged, if stride and pads allow it.
 *
 * Measured on one thread, batch 64: 32→64 channels, 5×5, 14² to 14²: Conv 21–26 ms, ConvTranspose 15; 20→50, 5×5, 12² to
 * 8²: 10 and 2.7; batch 32, 64→64, 3×3, 28²: 22.7 and 22.8.
 */
export function dataGradient(spec: DataSpec): Value {
  const { d, dy, w, group, window } = spec;
  if (group === 1) return transposedConv(spec);
  const padsBefore = window.kernel.map((_, axis) => extent(window, axis) - 1 - at(window.padsBefore, axis));
  const padsAfter = window.kernel.map((_, axis) => extent(window, axis) - 1 - at(window.padsAfter, axis));
  const possible =
    window.strides.every((stride) => stride === 1) && [...padsBefore, ...padsAfter].every((pad) => pad >= 0);
  if (!possible) return transposedConv(spec);
  const turned = exchangeChannels(d, flip(d.g, w, window.kernel), group);
  return d.g.op("Conv", [dy, turned], {
    ...windowAttributes({ ...window, padsBefore, padsAfter }),
    ...groupAttribute(group),
  });
}

function transposedConv({ d, dy, w, group, window, lengths }: DataSpec): Value {
  const { padsAfter, outputPadding } = transposedPads(window, lengths, spatial(d, dy.shape, "dy"));
  return d.g.op("ConvTranspose", [dy, w], {
    ...windowAttributes({ ...window, padsAfter }),
    ...(outputPadding.some((cells) => cells > 0) && { output_padding: outputPadding }),
    ...groupAttribute(group),
  });
}

/** The spatial axes of the weights reversed. */
function flip(g: GraphBuilder, w: Value, kernel: readonly number[]): Value {
  const axes = kernel.flatMap((length, axis) => (length > 1 ? [axis + 2] : []));
  if (axes.length === 0) return w;
  const all = (value: number) => g.ints(axes.map(() => value));
  const ends = g.ints(axes.map((axis) => -1 - at(kernel, axis - 2)));
  return g.op("Slice", [w, all(-1), ends, g.ints(axes), all(-1)]);
}

/** Weights [M, C/G, …] as [C, M/G, …], group by group. */
function exchangeChannels({ g, fail }: Spec["d"], w: Value, group: number): Value {
  const rest = w.shape.slice(2).map((_, axis) => axis);
  if (group === 1) return g.op("Transpose", [w], { perm: [1, 0, ...rest.map((axis) => axis + 2)] });
  const filters = fixed({ fail }, w.shape[0], "the number of filters") / group;
  const channels = fixed({ fail }, w.shape[1], "the number of channels");
  const kernel = w.shape.slice(2).map((length) => fixed({ fail }, length, "a kernel length"));
  const grouped = g.op("Reshape", [w, g.ints([group, filters, channels, ...kernel])]);
  const swapped = g.op("Transpose", [grouped], { perm: [0, 2, 1, ...rest.map((axis) => axis + 3)] });
  return g.op("Reshape", [swapped, g.ints([group * channels, filters, ...kernel])]);
}

/**
 * Input channels from which one matrix product a kernel cell is faster than one convolution. Measured on one thread, 5×5,
 * batch 64 (32 in the third): 3 channels 29 ms against 12, 20 channels 4.4 against 4.7, 32 channels 6.7 against 12.6.
 */
const fewestChannelsForProducts = 16;

/** dw of y = Conv(x, w), in the fastest of four forms. */
export function weightGradient(spec: WeightSpec): Value {
  const { window, group, x, dy } = spec;
  const pads = [...window.padsBefore, ...window.padsAfter];
  if (group === 1 && window.kernel.every((length) => length === 1) && pads.every((pad) => pad === 0)) {
    return pointwise(spec);
  }
  if (group > 1 && group === x.shape[1] && typeof dy.shape[1] === "number") return depthwise(spec);
  const channels = x.shape[1];
  if (group === 1 && typeof channels === "number" && channels >= fewestChannelsForProducts) return products(spec);
  return swappedConv(spec);
}

/** dw[m,c] = Σ dy[n,m,i]·x[n,c,i·stride]: one matrix product over all rows and places. */
function pointwise({ d, window, x, dy }: WeightSpec): Value {
  const { g } = d;
  const rank = x.shape.length;
  const seen = strided(g, x, { window, offset: window.kernel.map(() => 0), counts: spatial(d, dy.shape, "dy") });
  const rows = (value: Value) => {
    const channelsFirst = channelsToFront(g, value);
    const channels = fixed(d, value.shape[1], "the number of channels");
    return g.op("Reshape", [channelsFirst, g.ints([channels, -1])]);
  };
  const matrix = g.op("Gemm", [rows(dy), rows(seen)], { transB: 1 });
  const shape = [matrix.shape[0], matrix.shape[1], ...new Array<number>(rank - 2).fill(1)];
  return g.op("Reshape", [matrix, g.ints(shape.map((dim) => fixed(d, dim, "a length of the weights")))]);
}

/**
 * dw[m,c,k] = Σ dy[n,m,i]·x[n,c,i·stride + k·dilation − pad]: for each cell k of the kernel one matrix product over all
 * rows and places, channels innermost in x so that each of its factors is a plain copy.
 */
function products({ d, window, x, dy }: WeightSpec): Value {
  const { g } = d;
  const spatialAxes = window.kernel.map((_, axis) => axis);
  const filters = fixed(d, dy.shape[1], "the number of filters");
  const channels = fixed(d, x.shape[1], "the number of channels");
  const counts = spatial(d, dy.shape, "dy");
  const gradient = g.op("Reshape", [channelsToFront(g, dy), g.ints([filters, -1])]);
  const padded = padSpatially(g, x, window);
  const channelsLast = g.op("Transpose", [padded], { perm: [0, ...spatialAxes.map((axis) => axis + 2), 1] });
  const cells = kernelCells(window).map((offset) => {
    const seen = strided(g, channelsLast, { window, offset, counts, firstAxis: 1 });
    return g.op("MatMul", [gradient, g.op("Reshape", [seen, g.ints([-1, channels])])]);
  });
  const all = g.op("Reshape", [g.op("Concat", cells, { axis: 1 }), g.ints([filters, ...window.kernel, channels])]);
  return g.op("Transpose", [all], { perm: [0, window.kernel.length + 1, ...spatialAxes.map((axis) => axis + 1)] });
}

/** The cells of x that the kernel's cell `offset` meets as the window moves; spatial axes start at `firstAxis`. */
function strided(
  g: GraphBuilder,
  x: Value,
  {
    window,
    offset,
    counts,
    firstAxis = 2,
  }: {
    readonly window: Window;
    readonly offset: readonly number[];
    readonly counts: readonly number[];
    readonly firstAxis?: number;
  },
): Value {
  const axes = counts.map((_, axis) => axis + firstAxis);
  const ends = counts.map((count, axis) => at(offset, axis) + (count - 1) * at(window.strides, axis) + 1);
  const whole = axes.every(
    (axis, i) => at(offset, i) === 0 && at(window.strides, i) === 1 && ends[i] === x.shape[axis],
  );
  if (whole) return x;
  return g.op("Slice", [x, g.ints(offset), g.ints(ends), g.ints(axes), g.ints(window.strides)]);
}

/** [N, C, …] as [C, N, …] */
function channelsToFront(g: GraphBuilder, value: Value): Value {
  return g.op("Transpose", [value], { perm: [1, 0, ...value.shape.slice(2).map((_, axis) => axis + 2)] });
}

/** One channel a group: for each cell of the kernel, dw = Σ dy · (x shifted to that cell). */
function depthwise({ d, window, group, x, dy }: WeightSpec): Value {
  const { g } = d;
  const counts = spatial(d, dy.shape, "dy");
  const multiplier = fixed(d, dy.shape[1], "the number of filters") / group;
  const padded = padSpatially(g, x, window);
  const perFilter = multiplier > 1;
  const gradient = perFilter ? g.op("Reshape", [dy, g.ints([-1, group, multiplier, ...counts])]) : dy;
  const channelAxes = perFilter ? [1, 2] : [1];
  const axes = gradient.shape.flatMap((_, axis) => (channelAxes.includes(axis) ? [] : [axis]));
  const cells = kernelCells(window).map((offset) => {
    const seen = strided(g, padded, { window, offset, counts });
    const met = perFilter ? g.op("Unsqueeze", [seen, g.ints([2])]) : seen;
    return g.op("ReduceSum", [g.op("Mul", [met, gradient]), g.ints(axes)], { keepdims: 1 });
  });
  const all = g.op("Concat", cells, { axis: gradient.shape.length - 1 });
  return g.op("Reshape", [all, g.ints([group * multiplier, 1, ...window.kernel])]);
}

function padSpatially(g: GraphBuilder, x: Value, { padsBefore, padsAfter }: Window): Value {
  if ([...padsBefore, ...padsAfter].every((pad) => pad === 0)) return x;
  return g.op("Pad", [x, g.ints([0, 0, ...padsBefore, 0, 0, ...padsAfter])]);
}

/** Offsets of the kernel's cells in the data, row-major. */
function kernelCells({ kernel, dilations }: Window): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (cells, length, axis) =>
      cells.flatMap((cell) => Array.from({ length }, (_, index) => [...cell, index * at(dilations, axis)])),
    [[]],
  );
}

/**
 * The channels of x become rows, its rows become channels, dy becomes the weights; strides and dilations exchange. What
 * the stride never reached would make the result too long: end pads are shortened where they can be, else it is cropped.
 */
function swappedConv({ d, window, group, x, dy }: WeightSpec): Value {
  const { g } = d;
  const lengths = spatial(d, x.shape, "x");
  const counts = spatial(d, dy.shape, "dy");
  const padsAfter = lengths.map((length, axis) => {
    const needed = (at(counts, axis) - 1) * at(window.strides, axis) + extent(window, axis);
    return Math.max(0, needed - length - at(window.padsBefore, axis));
  });
  const swapped = { ...window, kernel: counts, strides: window.dilations, dilations: window.strides, padsAfter };
  const attributes = { ...windowAttributes(swapped), ...groupAttribute(group) };
  const result = g.op("Conv", [rowsAsChannels(d, x, group), channelsToFront(g, dy)], attributes);
  const cropped = crop(g, result, { to: window.kernel, from: outputLengths(d, swapped, lengths) });
  return channelsToFront(g, cropped);
}

/** [N, G·C, …] as [C, G·N, …] */
function rowsAsChannels(d: Spec["d"], x: Value, group: number): Value {
  if (group === 1) return channelsToFront(d.g, x);
  const { g } = d;
  const channels = fixed(d, x.shape[1], "the number of channels") / group;
  const lengths = spatial(d, x.shape, "x");
  const grouped = g.op("Reshape", [x, g.ints([-1, group, channels, ...lengths])]);
  const turned = g.op("Transpose", [grouped], { perm: [2, 1, 0, ...lengths.map((_, axis) => axis + 3)] });
  return g.op("Reshape", [turned, g.ints([channels, -1, ...lengths])]);
}

/** The first cells of each spatial axis. */
export function crop(
  g: GraphBuilder,
  value: Value,
  { to, from }: { readonly to: readonly number[]; readonly from: readonly number[] },
): Value {
  const axes = to.flatMap((length, axis) => (length === from[axis] ? [] : [axis]));
  if (axes.length === 0) return value;
  const ends = g.ints(axes.map((axis) => at(to, axis)));
  return g.op("Slice", [value, g.ints(axes.map(() => 0)), ends, g.ints(axes.map((axis) => axis + 2))]);
}

export function groupAttribute(group: number): { group?: number } {
  return group === 1 ? {} : { group };
}
