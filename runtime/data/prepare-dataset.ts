import { internalError } from "../errors.js";
import { sizeOf } from "../shape.js";
import { channelsFirst, type Layout, planLayout } from "./layout.js";
import { type LabelOptions, prepareLabels } from "./prepare-labels.js";
import { ProblemList } from "./problem-list.js";
import { openResizer, type Resizer } from "./resize.js";
import { isShared, sharedFloat32 } from "./shared.js";
import { checkMemory } from "./source.js";
import type { Dataset, NDArray } from "./types.js";

export interface PrepareOptions extends LabelOptions {
  /** The shape of one sample that the network takes, `[channels, height, width]` for images. */
  readonly inputShape: readonly number[];
  /** The shape of one row, for files that cannot say it (a CSV row of pixels). Default: as the features have it. */
  readonly sampleShape?: readonly number[] | undefined;
  /** y = (x − mean) · scale. Default 1. */
  readonly scale?: number | undefined;
  /** One number, or one a channel (axis 0 of the input shape). Default 0. */
  readonly mean?: number | readonly number[] | undefined;
  /** Called after each chunk of rows. */
  readonly onProgress?: ((progress: { readonly rows: number; readonly total: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedDataset extends Dataset {
  /** What was done to the shape of the rows, one sentence each. */
  readonly notes: readonly string[];
}

/** Floats of one chunk: small enough for caches and progress, large enough to make calls rare. */
const chunkFloats = 1 << 20;

/**
 * Brings a dataset to what a network takes: `[rows, …inputShape]` float32, scaled, and labels in range, all in shared
 * memory so that workers read it without copies. Images of another size are resized (bilinear, half-pixel centres,
 * antialiased where they shrink), channels-last images turned, flat rows reshaped; the notes say so.
 *
 * Throws one RunError with everything that does not fit (`DATA_*`), before any work is done.
 */
export async function prepareDataset(dataset: Dataset, options: PrepareOptions): Promise<PreparedDataset> {
  const problems = new ProblemList();
  const features = asSampled(dataset.features, options.sampleShape, problems);
  checkRows(dataset, problems);
  checkNumbers(options, problems);
  const [, ...sample] = features.shape;
  const layout = planLayout(sample, options.inputShape);
  if (layout === undefined) {
    const found = `features have rows of shape [${sample.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${found}, expected [${options.inputShape.join(",")}]${reachable(options)}`);
  }
  const { labels, note } = prepareLabels(dataset.labels, options, problems);
  problems.throwIfAny();
  if (layout === undefined) throw internalError("no layout");
  const notes = [layout.note, note].filter((each) => each !== undefined);
  return { features: await transform(features, layout, options), labels, notes };
}

function reachable({ inputShape }: PrepareOptions): string {
  const [channels = 0] = inputShape;
  if (inputShape.length !== 3) return "";
  const images = channels === 1 ? "[height,width], [1,height,width]" : `[${channels},height,width]`;
  return `, or images ${images} or [height,width,${channels}], or flat rows of ${sizeOf(inputShape)}`;
}

function asSampled(
  features: NDArray<Float32Array>,
  sampleShape: readonly number[] | undefined,
  problems: ProblemList,
): NDArray<Float32Array> {
  const [rows = 0, ...sample] = features.shape;
  if (sampleShape === undefined) return features;
  if (sizeOf(sampleShape) !== sizeOf(sample)) {
    const found = `rows of shape [${sample.join(",")}] have ${sizeOf(sample)} values`;
    const expected = `expected ${sizeOf(sampleShape)} for the sample shape [${sampleShape.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${found}, ${expected}`);
  }
  return { shape: [rows, ...sampleShape], data: features.data };
}

function checkRows({ features, labels }: Dataset, problems: ProblemList): void {
  const [rows = 0] = features.shape;
  const [labelRows = 0] = labels.shape;
  if (rows === 0) problems.add("DATA_EMPTY", "features have no rows, expected at least one");
  if (rows !== labelRows) {
    problems.add("DATA_ROWS_MISMATCH", `features have ${rows} rows and labels ${labelRows}, expected as many of each`);
  }
  for (const [name, { shape, data }] of Object.entries({ features, labels })) {
    if (data.length === sizeOf(shape)) continue;
    const found = `${name} have ${data.length} values`;
    problems.add("DATA_SHAPE_MISMATCH", `${found}, expected ${sizeOf(shape)} for shape [${shape.join(",")}]`);
  }
}

function checkNumbers({ scale = 1, mean = 0, inputShape }: PrepareOptions, problems: ProblemList): void {
  if (!Number.isFinite(scale)) problems.add("DATA_OPTION_INVALID", `scale is ${scale}, expected a finite number`);
  const means = typeof mean === "number" ? [mean] : mean;
  const bad = means.find((value) => !Number.isFinite(value));
  if (bad !== undefined) problems.add("DATA_OPTION_INVALID", `mean holds ${bad}, expected finite numbers`);
  const [channels = 1] = inputShape;
  if (means.length !== 1 && means.length !== channels) {
    const expected = channels === 1 ? "one" : `one or ${channels}, one a channel`;
    problems.add("DATA_OPTION_INVALID", `mean has ${means.length} numbers, expected ${expected}`);
  }
}

async function transform(
  { shape, data }: NDArray<Float32Array>,
  layout: Layout,
  options: PrepareOptions,
): Promise<NDArray<Float32Array>> {
  const { inputShape, scale = 1, mean = 0 } = options;
  const [rows = 0] = shape;
  const result = [rows, ...inputShape];
  const identity = scale === 1 && [mean].flat().every((value) => value === 0);
  const moved = layout.channelsLast || layout.resizeFrom !== undefined;
  if (identity && !moved && isShared(data)) return { shape: result, data };
  checkMemory(sizeOf(result) * 4, `${rows} rows of shape [${inputShape.join(",")}]`);
  const target = sharedFloat32(sizeOf(result));
  const resizer = layout.resizeFrom && (await openResizer(layout.resizeFrom, imageShape(inputShape)));
  try {
    await transformChunks({ data, rows, target, layout, resizer }, options);
  } finally {
    await resizer?.close();
  }
  return { shape: result, data: target };
}

interface Work {
  readonly data: Float32Array;
  readonly rows: number;
  readonly target: Float32Array;
  readonly layout: Layout;
  readonly resizer: Resizer | undefined;
}

async function transformChunks({ data, rows, target, layout, resizer }: Work, options: PrepareOptions): Promise<void> {
  const { inputShape, scale = 1, mean = 0, onProgress, signal } = options;
  const [from, to] = [data.length / rows, target.length / rows];
  const chunk = Math.max(1, Math.floor(chunkFloats / Math.max(from, to)));
  const turned = new Float32Array(Math.min(chunk, rows) * from);
  const plane = to / (inputShape[0] ?? 1);
  for (let start = 0; start < rows; start += chunk) {
    signal?.throwIfAborted();
    const count = Math.min(chunk, rows - start);
    const source = data.subarray(start * from, (start + count) * from);
    // A private copy: the resizer takes no shared memory.
    const images = turned.subarray(0, count * from);
    if (layout.channelsLast) channelsFirst(source, images, layout.resizeFrom ?? imageShape(inputShape));
    else images.set(source);
    const sized = resizer === undefined ? images : await resizer.resize(images, count);
    const part = target.subarray(start * to, (start + count) * to);
    part.set(sized);
    normalise(part, { mean: typeof mean === "number" ? [mean] : mean, scale, plane });
    onProgress?.({ rows: start + count, total: rows });
  }
}

interface Normalisation {
  readonly mean: readonly number[];
  readonly scale: number;
  /** Values of one channel. */
  readonly plane: number;
}

function normalise(values: Float32Array, { mean, scale, plane }: Normalisation): void {
  if (scale === 1 && mean.every((value) => value === 0)) return;
  for (let start = 0, channel = 0; start < values.length; start += plane, channel = (channel + 1) % mean.length) {
    const shift = mean[channel] ?? 0;
    for (let index = start; index < start + plane; index++) values[index] = ((values[index] ?? 0) - shift) * scale;
  }
}

function imageShape(shape: readonly number[]): readonly [number, number, number] {
  const [channels = 1, height = 1, width = 1] = shape;
  return [channels, height, width];
}
