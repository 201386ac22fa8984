import { sizeOf } from "../shape.js";
import type { ProblemList } from "./problem-list.js";
import { inSharedMemory, isShared, sharedFloat32 } from "./shared.js";
import type { NDArray } from "./types.js";

/** What the network's label takes. Neither: labels stay as they are. */
export interface LabelOptions {
  /** Class labels: whole numbers from 0 to `classes` − 1. */
  readonly classes?: number | undefined;
  /** Targets: the shape of one sample's target; whole numbers become float32, or one-hot where it is `[classes]`. */
  readonly targetShape?: readonly number[] | undefined;
}

export interface PreparedLabels {
  readonly labels: NDArray;
  readonly note?: string;
}

/** Checks labels against what the network takes and converts them; problems are added, not thrown. */
export function prepareLabels(labels: NDArray, options: LabelOptions, problems: ProblemList): PreparedLabels {
  const { classes, targetShape } = options;
  if (classes !== undefined) {
    checkClasses(labels, classes, problems);
    return { labels: inSharedMemory(labels) };
  }
  if (targetShape !== undefined) return prepareTargets(labels, targetShape, problems);
  return { labels: inSharedMemory(labels) };
}

function checkClasses({ data, shape }: NDArray, classes: number, problems: ProblemList): void {
  const expected = `class numbers from 0 to ${classes - 1}`;
  if (!(data instanceof Int32Array) || shape.length !== 1) {
    const row = data.findIndex((value) => !Number.isInteger(value));
    const found =
      shape.length !== 1 ? `have shape [${shape.join(",")}]` : `are not whole numbers: row ${row} has ${data[row]}`;
    problems.add("DATA_LABELS_INVALID", `labels ${found}, expected ${expected}`);
    return;
  }
  const isBad = (label: number) => label < 0 || label >= classes;
  const first = data.findIndex(isBad);
  if (first < 0) return;
  const count = data.reduce((bad, label) => bad + (isBad(label) ? 1 : 0), 0);
  const [low, high] = rangeOf(data);
  const found = `${count} of ${data.length} labels are out of range, the first is ${data[first]} in row ${first}`;
  const hint = low === 1 && high === classes ? { hint: "the labels seem to count from 1; subtract 1" } : {};
  problems.add("DATA_LABELS_INVALID", `${found}, expected ${expected}`, hint);
}

function rangeOf(data: Int32Array): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function prepareTargets(labels: NDArray, targetShape: readonly number[], problems: ProblemList): PreparedLabels {
  const { data, shape: labelShape } = labels;
  const [rows = 0] = labelShape;
  const width = sizeOf(targetShape);
  const shape = [rows, ...targetShape];
  if (data.length === rows * width) {
    if (data instanceof Float32Array && isShared(data)) return { labels: { shape, data } };
    const converted = sharedFloat32(data.length);
    converted.set(data);
    return { labels: { shape, data: converted } };
  }
  const classes = data instanceof Int32Array && labelShape.length === 1 && targetShape.length === 1;
  if (classes && data.every((label) => label >= 0 && label < width)) {
    const converted = sharedFloat32(rows * width);
    for (let row = 0; row < rows; row++) converted[row * width + (data[row] ?? 0)] = 1;
    return { labels: { shape, data: converted }, note: `class numbers are turned to one-hot targets of ${width}` };
  }
  const found = `labels have shape [${labelShape.join(",")}]`;
  problems.add("DATA_LABELS_INVALID", `${found}, expected targets of shape [${shape.join(",")}]`);
  return { labels };
}
