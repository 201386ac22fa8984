import { bindLengths, isStatic } from "../graph/lengths.js";
import { sizeOf } from "../shape.js";
import { storedArray } from "./memory-column.js";
import type { ProblemList } from "./problem-list.js";
import { scanColumn } from "./scan.js";
import type { LabelShape } from "./shapes.js";
import { inSharedMemory, isShared, sharedFloat32 } from "./shared.js";
import { dtypeOf, isStored, withRowShape } from "./stored-column.js";
import type { Column, NDArray } from "./types.js";

interface PreparedLabels {
  readonly labels: Column;
  readonly note?: string;
}

interface Preparing {
  /** What messages call the column. */
  readonly title: string;
  readonly label: LabelShape;
  /** Named lengths as the other columns have them. */
  readonly lengths: Record<string, number>;
  readonly signal: AbortSignal | undefined;
}

/** Checks labels against what the network takes and says what is done to them; problems are added, not thrown. */
export async function prepareLabels(
  labels: Column,
  preparing: Preparing,
  problems: ProblemList,
): Promise<PreparedLabels> {
  if (preparing.label.dtype === "float32") return prepareTargets(labels, preparing, problems);
  await checkClasses(labels, preparing, problems);
  if (!isStored(labels)) return { labels: inSharedMemory(labels) };
  const { classes, ignored } = preparing.label;
  return { labels: { ...labels, checked: { classes, ignored } } };
}

/** `class numbers from 0 to 9, or 255 for none, [5,5] a row`. */
function expectation({ classes, ignored, shape }: LabelShape): string {
  const numbers = classes === undefined ? "class numbers of at least 0" : `class numbers from 0 to ${classes - 1}`;
  const none = ignored === undefined ? "" : `, or ${ignored} for none`;
  return `${numbers}${none}${shape.length === 0 ? "" : `, [${shape.join(",")}] a row`}`;
}

/** Looks at all values, in order and some at a time. */
async function eachChunk(
  column: Column,
  visit: (values: Float64Array | NDArray["data"], first: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!isStored(column)) {
    visit(column.data, 0);
    return;
  }
  const length = sizeOf(column.shape.slice(1));
  await scanColumn(column, ({ values, first }) => visit(values, first * length), signal);
}

/** Class numbers: one a row, or one a place where the label has a shape. */
async function checkClasses(column: Column, preparing: Preparing, problems: ProblemList): Promise<void> {
  const { title, label, lengths, signal } = preparing;
  const { shape } = column;
  const misfit = bindLengths(label.shape, shape.slice(1), lengths);
  if (misfit !== undefined || dtypeOf(column) !== "int32") {
    const numbers = misfit === undefined ? await fractionIn(column, signal) : "";
    const found = misfit === undefined ? `are not whole numbers: ${numbers}` : `have shape [${shape.join(",")}]`;
    const why = misfit === undefined || isStatic(label.shape) ? "" : `: ${misfit}`;
    problems.add("DATA_LABELS_INVALID", `${title} ${found}, expected ${expectation(label)}${why}`);
    return;
  }
  const { bad, first, low, high } = await rangeOf(column, label, signal);
  if (first === undefined) return;
  const row = Math.floor(first.index / sizeOf(shape.slice(1)));
  const range = `${bad} of ${sizeOf(shape)} ${title} are out of range, the first is ${first.value} in row ${row}`;
  const hint = low === 1 && high === label.classes ? { hint: "the labels seem to count from 1; subtract 1" } : {};
  problems.add("DATA_LABELS_INVALID", `${range}, expected ${expectation(label)}`, hint);
}

/** `row 1 has 0.5`: the first number that is no whole one. */
async function fractionIn(column: Column, signal: AbortSignal | undefined): Promise<string> {
  let found: string | undefined;
  await eachChunk(
    column,
    (values, first) => {
      const index = found === undefined ? values.findIndex((value) => !Number.isInteger(value)) : -1;
      if (index >= 0) found = `row ${first + index} has ${values[index]}`;
    },
    signal,
  );
  return found ?? "they are floats";
}

interface Range {
  /** How many are not within the limits. */
  readonly bad: number;
  readonly first: { readonly index: number; readonly value: number } | undefined;
  readonly low: number;
  readonly high: number;
}

async function rangeOf(
  column: Column,
  { classes = Number.POSITIVE_INFINITY, ignored }: Pick<LabelShape, "classes" | "ignored">,
  signal: AbortSignal | undefined,
): Promise<Range> {
  let [bad, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let first: Range["first"];
  const visit = (values: Float64Array | NDArray["data"], start: number): void => {
    for (const [index, value] of values.entries()) {
      if (value < low) low = value;
      if (value > high) high = value;
      if ((value >= 0 && value < classes) || value === ignored) continue;
      first ??= { index: start + index, value };
      bad += 1;
    }
  };
  await eachChunk(column, visit, signal);
  return { bad, first, low, high };
}

function prepareTargets(labels: Column, { title, label, lengths }: Preparing, problems: ProblemList): PreparedLabels {
  const { shape: labelShape } = labels;
  const [rows = 0, ...sample] = labelShape;
  const misfit = isStatic(label.shape) ? undefined : bindLengths(label.shape, sample, lengths);
  const targetShape = isStatic(label.shape) ? label.shape.map(Number) : sample;
  const width = sizeOf(targetShape);
  if (misfit === undefined && sizeOf(labelShape) === rows * width) {
    return { labels: withRowShape(asFloats(labels), targetShape) };
  }
  const classes = !isStored(labels) && dtypeOf(labels) === "int32" && sample.length === 0 && targetShape.length === 1;
  if (classes && labels.data.every((value) => value >= 0 && value < width)) {
    const stored = storedArray(labels, title);
    const oneHot = { ...withRowShape(stored, targetShape), dtype: "float32", steps: { oneHot: true } } as const;
    return { labels: oneHot, note: `class numbers are turned to one-hot targets of ${width}` };
  }
  const found = `${title} have shape [${labelShape.join(",")}]`;
  const expected = `expected targets of shape [${[rows, ...label.shape].join(",")}]`;
  problems.add("DATA_LABELS_INVALID", `${found}, ${expected}${misfit === undefined ? "" : `: ${misfit}`}`);
  return { labels };
}

/** The same numbers for float32 batches; an array in shared memory. */
function asFloats(labels: Column): Column {
  if (isStored(labels)) return { ...labels, dtype: "float32" };
  const { shape, data } = labels;
  if (data instanceof Float32Array && isShared(data)) return labels;
  const converted = sharedFloat32(data.length);
  converted.set(data);
  return { shape, data: converted };
}
