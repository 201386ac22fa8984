import { sizeOf } from "../shape.js";
import { channelsFirst, type Layout } from "./layout.js";
import type { InputPlan } from "./plan-input.js";
import { imageShape } from "./preparation.js";
import { openResizer, type Resizer } from "./resize.js";
import type { Scaling } from "./scaling.js";
import { inSharedMemory, isShared, sharedFloat32 } from "./shared.js";
import { checkMemory } from "./source.js";
import type { NDArray } from "./types.js";

export interface TransformOptions {
  /** Called after each chunk of rows. */
  readonly onProgress?: ((progress: { readonly rows: number; readonly total: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Floats of one chunk: small enough for caches and progress, large enough to make calls rare. */
const chunkFloats = 1 << 20;

/** Does what was planned for a column. The result is in shared memory; what is as it should be is not copied. */
export async function transform(plan: InputPlan, options: TransformOptions): Promise<NDArray> {
  const { column, dtype, shape, layout, scaling } = plan;
  const { data } = column;
  const [rows = 0] = column.shape;
  const result = [rows, ...shape];
  if (dtype !== "float32") return inSharedMemory({ shape: result, data });
  const identity = scaling.scale === 1 && scaling.mean.every((value) => value === 0);
  const moved = layout.channelsLast || layout.resizeFrom !== undefined;
  if (identity && !moved && data instanceof Float32Array && isShared(data)) return { shape: result, data };
  checkMemory(sizeOf(result) * 4, `${rows} rows of shape [${shape.join(",")}]`);
  const target = sharedFloat32(sizeOf(result));
  const resizer = layout.resizeFrom && (await openResizer(layout.resizeFrom, imageShape(shape)));
  try {
    await transformChunks({ data, rows, shape, target, layout, resizer, scaling }, options);
  } finally {
    await resizer?.close();
  }
  return { shape: result, data: target };
}

interface Work {
  readonly data: NDArray["data"];
  readonly rows: number;
  readonly shape: readonly number[];
  readonly target: Float32Array;
  readonly layout: Layout;
  readonly resizer: Resizer | undefined;
  readonly scaling: Scaling;
}

async function transformChunks(work: Work, { onProgress, signal }: TransformOptions): Promise<void> {
  const { data, rows, shape, target, layout, resizer, scaling } = work;
  const [from, to] = [data.length / rows, target.length / rows];
  const chunk = Math.max(1, Math.floor(chunkFloats / Math.max(from, to)));
  const turned = new Float32Array(Math.min(chunk, rows) * from);
  const plane = to / (shape[0] ?? 1);
  for (let start = 0; start < rows; start += chunk) {
    signal?.throwIfAborted();
    const count = Math.min(chunk, rows - start);
    const source = data.subarray(start * from, (start + count) * from);
    // A private copy: the resizer takes no shared memory.
    const images = turned.subarray(0, count * from);
    if (layout.channelsLast) channelsFirst(source, images, layout.resizeFrom ?? imageShape(shape));
    else images.set(source);
    const sized = resizer === undefined ? images : await resizer.resize(images, count);
    const part = target.subarray(start * to, (start + count) * to);
    part.set(sized);
    normalise(part, { ...scaling, plane });
    onProgress?.({ rows: start + count, total: rows });
  }
}

interface Normalisation extends Scaling {
  /** Values of one channel. */
  readonly plane: number;
}

/** In float32 throughout, as a graph computes it (`prepareInGraph`): the results are the same bits. */
function normalise(values: Float32Array, { mean, scale, plane }: Normalisation): void {
  if (scale === 1 && mean.every((value) => value === 0)) return;
  const factor = Math.fround(scale);
  for (let start = 0, channel = 0; start < values.length; start += plane, channel = (channel + 1) % mean.length) {
    const shift = Math.fround(mean[channel] ?? 0);
    for (let index = start; index < start + plane; index++) {
      values[index] = Math.fround((values[index] ?? 0) - shift) * factor;
    }
  }
}
