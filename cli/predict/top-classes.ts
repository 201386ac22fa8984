import type { NDArray } from "../../runtime/array.js";
import type { TrainedResult } from "../../runtime/results/index.js";

/** The best classes of each row, best first; of equal scores the lower class. */
export interface TopClasses {
  /** int32 and float32 `[rows, n]`. */
  readonly classes: NDArray<Int32Array>;
  readonly scores: NDArray<Float32Array>;
}

/** A score that is no number is worse than any other. Infinities have equal ranks at the ends. */
function rankOf(score: number | undefined): number {
  if (score === undefined || Number.isNaN(score)) return -Number.MAX_VALUE;
  return Math.max(-Number.MAX_VALUE / 2, Math.min(Number.MAX_VALUE / 2, score));
}

/** The `count` best of the scores `[rows, classes]`, or all where there are fewer. */
export function topClasses({ shape, data }: NDArray, count: number): TopClasses {
  const [rows = 0, width = 0] = shape;
  const n = Math.min(count, width);
  const classes = new Int32Array(rows * n);
  const scores = new Float32Array(rows * n);
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * width, (row + 1) * width);
    const order = Array.from(own.keys()).sort((a, b) => rankOf(own[b]) - rankOf(own[a]) || a - b);
    for (let place = 0; place < n; place++) {
      classes[row * n + place] = order[place] ?? 0;
      scores[row * n + place] = own[order[place] ?? 0] ?? 0;
    }
  }
  return { classes: { shape: [rows, n], data: classes }, scores: { shape: [rows, n], data: scores } };
}

/** Whether an output holds a score for each of several classes. */
export function holdsScores({ shape, data }: NDArray): boolean {
  return shape.length === 2 && (shape[1] ?? 0) > 1 && data instanceof Float32Array;
}

/** The words of the classes that an output scores: those of the one label with as many classes. */
export function namesFor({ record }: TrainedResult, { shape }: NDArray): readonly string[] | undefined {
  const fitting = Object.values(record.classNames).filter(({ length }) => shape.length === 2 && length === shape[1]);
  return fitting.length === 1 ? fitting[0] : undefined;
}
