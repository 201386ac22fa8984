import { sizeOf } from "../../shape.js";
import { isStatic } from "../lengths.js";
import type { ConstantData, Value } from "../types.js";
import { channelsToFront, joined, kernelCells, padSpatially, strided } from "./conv-slices.js";
import type { ConvSpec } from "./conv-spec.js";
import { at } from "./window.js";

/** dw[m,c] = Σ dy[n,m,i]·x[n,c,i·stride]: one matrix product over all rows and places. */
export function pointwise(spec: ConvSpec, x: Value, dy: Value): Value {
  const { g } = spec.d;
  const seen = strided(spec, x, { offset: spec.window.kernel.map(() => 0) });
  const rows = (value: Value, channels: number) => g.op("Reshape", [channelsToFront(g, value), g.ints([channels, -1])]);
  const matrix = g.op("Gemm", [rows(dy, spec.filters), rows(seen, spec.channels)], { transB: 1 });
  return g.op("Reshape", [matrix, g.ints([spec.filters, spec.channels, ...spec.window.kernel])]);
}

/**
 * dw[m,c,k] = Σ dy[n,m,i]·x[n,c,i·stride + k·dilation − pad]: for each cell k of the kernel one matrix product over all
 * rows and places, channels innermost in x so that each of its factors is a plain copy.
 */
export function products(spec: ConvSpec, x: Value, dy: Value): Value {
  const { d, window, filters, channels } = spec;
  const { g } = d;
  const axes = window.kernel.map((_, axis) => axis);
  const gradient = g.op("Reshape", [channelsToFront(g, dy), g.ints([filters, -1])]);
  const padded = padSpatially(g, x, window);
  const channelsLast = g.op("Transpose", [padded], { perm: [0, ...axes.map((axis) => axis + 2), 1] });
  const cells = kernelCells(window).map((offset) => {
    const seen = strided(spec, channelsLast, { offset, firstAxis: 1 });
    return g.op("MatMul", [gradient, g.op("Reshape", [seen, g.ints([-1, channels])])]);
  });
  const all = g.op("Reshape", [joined(g, cells, 1), g.ints([filters, ...window.kernel, channels])]);
  return g.op("Transpose", [all], { perm: [0, axes.length + 1, ...axes.map((axis) => axis + 1)] });
}

/** How many products there are for the cells of one kernel. */
const gathers = 16;
/** Cells in one product: more than three make it slower, as what is gathered leaves the cache. */
const mostCells = 3 * gathers;
/** Indices, four bytes each, that a program may hold for one convolution. */
const mostIndices = 2 ** 18;

interface KnownPlaces extends ConvSpec {
  readonly lengths: readonly number[];
  readonly counts: readonly number[];
}

/** Whether {@link gatheredProducts} pays: few cells a product, and their places are known. */
export function isGatherable(spec: ConvSpec): spec is KnownPlaces {
  const { window, lengths, counts } = spec;
  const cells = sizeOf(window.kernel);
  return cells <= mostCells && isStatic(lengths) && isStatic(counts) && cells * sizeOf(counts) <= mostIndices;
}

/**
 * The same sums for larger kernels: places in front, so that one Gather copies, in runs of all rows and channels, what
 * several cells meet, and one batched product takes it.
 */
export function gatheredProducts(spec: KnownPlaces, x: Value, dy: Value): Value {
  const { d, window, filters, channels, counts } = spec;
  const { g } = d;
  const flat = (value: Value, depth: number, places: number) => g.op("Reshape", [value, g.ints([-1, depth, places])]);
  const lengths = paddedLengths(spec);
  const data = g.op("Transpose", [flat(padSpatially(g, x, window), channels, sizeOf(lengths))], { perm: [2, 0, 1] });
  const turned = g.op("Transpose", [flat(dy, filters, sizeOf(counts))], { perm: [1, 2, 0] });
  const gradient = g.op("Reshape", [turned, g.ints([filters, -1])]);
  const cells = kernelCells(window);
  const size = Math.ceil(cells.length / gathers);
  const parts = Array.from({ length: Math.ceil(cells.length / size) }, (_, part) => {
    const some = cells.slice(part * size, (part + 1) * size);
    const met = g.op("Gather", [data, g.constant(placesMet(spec, lengths, some))], { axis: 0 });
    return g.op("MatMul", [gradient, g.op("Reshape", [met, g.ints([some.length, -1, channels])])]);
  });
  const all = g.op("Transpose", [joined(g, parts, 0)], { perm: [1, 2, 0] });
  return g.op("Reshape", [all, g.ints([filters, channels, ...window.kernel])]);
}

function paddedLengths({ lengths, window: { padsBefore, padsAfter } }: KnownPlaces): readonly number[] {
  return lengths.map((length, axis) => length + at(padsBefore, axis) + at(padsAfter, axis));
}

/** For each of these cells of the kernel the places of the padded data that it meets: [cells, places]. */
function placesMet(
  { counts, window: { strides } }: KnownPlaces,
  lengths: readonly number[],
  cells: readonly (readonly number[])[],
): ConstantData {
  const met = cells.flatMap((offset) =>
    counts.reduce<readonly number[]>(
      (outer, count, axis) =>
        outer.flatMap((place) =>
          Array.from(
            { length: count },
            (_, index) => place * at(lengths, axis) + index * at(strides, axis) + at(offset, axis),
          ),
        ),
      [0],
    ),
  );
  return { dtype: "int32", shape: [cells.length, sizeOf(counts)], data: Int32Array.from(met) };
}
