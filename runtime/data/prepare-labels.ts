import { bindLengths, isStatic } from "../graph/lengths.js";
import { sizeOf } from "../shape.js";
import type { ProblemList } from "./problem-list.js";
import type { LabelShape } from "./shapes.js";
import { inSharedMemory, isShared, sharedFloat32 } from "./shared.js";
import type { NDArray } from "./types.js";

interface PreparedLabels {
  readonly labels: NDArray;
  readonly note?: string;
}

interface Preparing {
  /** What messages call the column. */
  readonly title: string;
  readonly label: LabelShape;
  /** Named lengths as the other columns have them. */
  readonly lengths: Record<string, number>;
}

/** Checks labels against what the network takes and converts them; problems are added, not thrown. */
export function prepareLabels(labels: NDArray, preparing: Preparing, problems: ProblemList): PreparedLabels {
  if (preparing.label.dtype === "float32") return prepareTargets(labels, preparing, problems);
  checkClasses(labels, preparing, problems);
  return { labels: inSharedMemory(labels) };
}

/** `class numbers from 0 to 9, or 255 for none, [5,5] a row`. */
function expectation({ classes, ignored, shape }: LabelShape): string {
  const numbers = classes === undefined ? "class numbers of at least 0" : `class numbers from 0 to ${classes - 1}`;
  const none = ignored === undefined ? "" : `, or ${ignored} for none`;
  return `${numbers}${none}${shape.length === 0 ? "" : `, [${shape.join(",")}] a row`}`;
}

/** Class numbers: one a row, or one a place where the label has a shape. */
function checkClasses({ data, shape }: NDArray, { title, label, lengths }: Preparing, problems: ProblemList): void {
  const { classes = Number.POSITIVE_INFINITY, ignored } = label;
  const misfit = bindLengths(label.shape, shape.slice(1), lengths);
  if (!(data instanceof Int32Array) || misfit !== undefined) {
    const row = data.findIndex((value) => !Number.isInteger(value));
    const numbers = `are not whole numbers: row ${row} has ${data[row]}`;
    const found = misfit === undefined ? numbers : `have shape [${shape.join(",")}]`;
    const why = misfit === undefined || isStatic(label.shape) ? "" : `: ${misfit}`;
    problems.add("DATA_LABELS_INVALID", `${title} ${found}, expected ${expectation(label)}${why}`);
    return;
  }
  const isBad = (value: number) => (value < 0 || value >= classes) && value !== ignored;
  const first = data.findIndex(isBad);
  if (first < 0) return;
  const count = data.reduce((bad, value) => bad + (isBad(value) ? 1 : 0), 0);
  const [low, high] = rangeOf(data);
  const row = Math.floor(first / (data.length / (shape[0] ?? 1)));
  const range = `${count} of ${data.length} ${title} are out of range, the first is ${data[first]} in row ${row}`;
  const hint = low === 1 && high === classes ? { hint: "the labels seem to count from 1; subtract 1" } : {};
  problems.add("DATA_LABELS_INVALID", `${range}, expected ${expectation(label)}`, hint);
}

function rangeOf(data: Int32Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function prepareTargets(labels: NDArray, { title, label, lengths }: Preparing, problems: ProblemList): PreparedLabels {
  const { data, shape: labelShape } = labels;
  const [rows = 0, ...sample] = labelShape;
  const misfit = isStatic(label.shape) ? undefined : bindLengths(label.shape, sample, lengths);
  const targetShape = isStatic(label.shape) ? label.shape : sample;
  const width = sizeOf(targetShape);
  const shape = [rows, ...targetShape];
  if (misfit === undefined && data.length === rows * width) {
    if (data instanceof Float32Array && isShared(data)) return { labels: { shape, data } };
    const converted = sharedFloat32(data.length);
    converted.set(data);
    return { labels: { shape, data: converted } };
  }
  const classes = data instanceof Int32Array && labelShape.length === 1 && targetShape.length === 1;
  if (classes && data.every((value) => value >= 0 && value < width)) {
    const converted = sharedFloat32(rows * width);
    for (let row = 0; row < rows; row++) converted[row * width + (data[row] ?? 0)] = 1;
    return { labels: { shape, data: converted }, note: `class numbers are turned to one-hot targets of ${width}` };
  }
  const found = `${title} have shape [${labelShape.join(",")}]`;
  const expected = `expected targets of shape [${[rows, ...label.shape].join(",")}]`;
  problems.add("DATA_LABELS_INVALID", `${found}, ${expected}${misfit === undefined ? "" : `: ${misfit}`}`);
  return { labels };
}
