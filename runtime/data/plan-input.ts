import { bindLengths, isStatic } from "../graph/lengths.js";
import { sizeOf } from "../shape.js";
import type { Augmentation } from "./augment/augmentation.js";
import { checkIntegers } from "./features.js";
import { type ChannelOrder, cutLayout, type Layout, planLayout } from "./layout.js";
import { storedArray } from "./memory-column.js";
import type { ProblemList } from "./problem-list.js";
import type { Scaling } from "./scaling.js";
import type { InputShape } from "./shapes.js";
import { dtypeOf, isStored, withRowShape } from "./stored-column.js";
import type { Column } from "./types.js";

interface Planning {
  readonly name: string;
  readonly input: InputShape;
  readonly column: Column;
  /** The shape of one row, where the file could not say it. */
  readonly sampleShape: readonly number[] | undefined;
  readonly order: ChannelOrder | undefined;
  /** Images that are larger than the input are cut, not resized. */
  readonly crop: boolean;
  /** How images are changed each time; absent where they are not. */
  readonly augmentation: Augmentation | undefined;
  /** Default: none. */
  readonly scaling: Scaling | undefined;
  /** Named lengths, learned column by column. */
  readonly lengths: Record<string, number>;
  /** What messages call the rows: `features have`, or `the input "tokens" has`. */
  readonly subject: string;
  readonly signal: AbortSignal | undefined;
}

/** How one column becomes one input. */
export interface InputPlan {
  readonly name: string;
  /** int32 for an input of whole numbers; else what it is. Rows in the shape that they are read in. */
  readonly column: Column;
  /** The shape of one row in the file. */
  readonly rows: readonly number[];
  /** The shape of one row that the network takes, with its named lengths. */
  readonly input: InputShape["shape"];
  readonly dtype: InputShape["dtype"];
  /** Of one row, all lengths known. */
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly scaling: Scaling;
  readonly augmentation?: Augmentation;
}

/** Plans one column; what does not fit is noted. */
export async function planInput(planning: Planning, problems: ProblemList): Promise<InputPlan> {
  const { name, input, scaling, subject } = planning;
  const isFloat = input.dtype === "float32";
  const column = isFloat
    ? asSampled(planning.column, planning.sampleShape, problems)
    : await asIntegers(planning, problems);
  const sample = column.shape.slice(1);
  const shape = knownShape(planning, sample, problems);
  const resized = planLayout(sample, shape, planning.order);
  const layout = planning.crop && resized !== undefined ? cutLayout(resized, sample, shape) : resized;
  if (resized !== undefined && layout === undefined) {
    const found = `${subject} images of shape [${resized.resizeFrom?.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${found}, expected at least [${shape.join(",")}] to cut that out of them`, {
      hint: "--no-crop resizes them instead",
    });
  }
  // Whole numbers are no pixels: they are neither turned nor resized.
  const moved = resized?.channelsLast === true || resized?.resizeFrom !== undefined;
  if (resized === undefined || (moved && !isFloat)) {
    const expected = `[${input.shape.join(",")}]${isFloat ? reachable(shape) : ""}`;
    problems.add("DATA_SHAPE_MISMATCH", `${subject} rows of shape [${sample.join(",")}], expected ${expected}`);
  }
  return {
    name,
    column,
    rows: planning.column.shape.slice(1),
    input: input.shape,
    dtype: input.dtype,
    shape,
    layout: layout ?? { channelsLast: false },
    scaling: scaling ?? { scale: 1, mean: [0] },
    ...(planning.augmentation && isImage(input) ? { augmentation: planning.augmentation } : {}),
  };
}

/** Whether an input takes images: `[channels, height, width]` of pixels. */
export function isImage({ shape, dtype }: InputShape): boolean {
  return dtype === "float32" && shape.length === 3;
}

/** The input's shape with its named lengths as the data have them; the same name means the same length in all columns. */
function knownShape(
  { input, subject, lengths }: Planning,
  sample: readonly number[],
  problems: ProblemList,
): readonly number[] {
  if (isStatic(input.shape)) return input.shape;
  const misfit = bindLengths(input.shape, sample, lengths);
  if (misfit !== undefined) {
    const found = `${subject} rows of shape [${sample.join(",")}], expected [${input.shape.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${found}: ${misfit}`);
  }
  return sample;
}

function reachable(inputShape: readonly number[]): string {
  const [channels = 0] = inputShape;
  if (inputShape.length !== 3) return "";
  const images = channels === 1 ? "[height,width], [1,height,width]" : `[${channels},height,width]`;
  return `, or images ${images} or [height,width,${channels}], or flat rows of ${sizeOf(inputShape)}`;
}

function asSampled(features: Column, sampleShape: readonly number[] | undefined, problems: ProblemList): Column {
  const sample = features.shape.slice(1);
  if (sampleShape === undefined) return features;
  if (sizeOf(sampleShape) !== sizeOf(sample)) {
    const found = `rows of shape [${sample.join(",")}] have ${sizeOf(sample)} values`;
    const expected = `expected ${sizeOf(sampleShape)} for the sample shape [${sampleShape.join(",")}]`;
    problems.add("DATA_SHAPE_MISMATCH", `${found}, ${expected}`);
  }
  return withRowShape(features, sampleShape);
}

async function asIntegers({ name, column, signal }: Planning, problems: ProblemList): Promise<Column> {
  if (dtypeOf(column) === "int32") return column;
  const title = `the input "${name}"`;
  const stored = isStored(column) ? { ...column, title } : storedArray(column, title);
  await checkIntegers(stored, problems, signal);
  return { ...stored, dtype: "int32" };
}
