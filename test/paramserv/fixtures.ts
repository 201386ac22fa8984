import { existsSync } from "node:fs";
import { type FunctionReference, type NDArray, type ParamservOptions, paramserv, sgd } from "paramserv";

export const functions = new URL("./functions.mjs", import.meta.url).href;

export function userFunction(name: string): FunctionReference {
  return { module: functions, name };
}

/** Rows of whole numbers: row r is r · columns … */
export function wholeNumbers(
  rows: number,
  columns: number,
): { features: NDArray<Float32Array>; labels: NDArray<Int32Array> } {
  return {
    features: { shape: [rows, columns], data: Float32Array.from({ length: rows * columns }, (_, index) => index) },
    labels: { shape: [rows], data: new Int32Array(rows) },
  };
}

/** The sum of each column of {@link wholeNumbers}. */
export function columnSums(rows: number, columns: number): readonly number[] {
  return Array.from({ length: columns }, (_, column) => (columns * rows * (rows - 1)) / 2 + column * rows);
}

/** A run on one array of features and one of labels. */
export type ArrayRun = ParamservOptions & {
  readonly features: NDArray<Float32Array>;
  readonly labels: NDArray;
};

/** A run whose model adds up columns and rows: the closed form says whether anything was lost or counted twice. */
export function countingRun(rows: number, changes: Partial<ArrayRun> = {}): ArrayRun {
  const columns = 3;
  return {
    model: {
      sum: { shape: [columns], data: new Float32Array(columns) },
      rows: { shape: [1], data: new Float32Array(1) },
    },
    ...wholeNumbers(rows, columns),
    upd: userFunction("columnSums"),
    agg: userFunction("add"),
    aggregation: "sum",
    epochs: 2,
    batchsize: 2,
    k: 3,
    ...changes,
  };
}

/** Pseudo-random numbers in [−1, 1) for test data. */
export function noise(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A least-squares problem of 5 columns, as a run with a user gradient and SGD. */
export function leastSquaresRun(rows: number, changes: Partial<ArrayRun> = {}): ArrayRun {
  const columns = 5;
  return {
    model: { w: { shape: [columns], data: noise(columns, 3) } },
    features: { shape: [rows, columns], data: noise(rows * columns, 1) },
    labels: { shape: [rows], data: noise(rows, 2) },
    upd: userFunction("leastSquares"),
    agg: sgd({ learningRate: 0.05, momentum: 0.9 }),
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_ROUND_ROBIN",
    epochs: 3,
    ...changes,
  };
}

export async function trained(options: ParamservOptions, parameter: string): Promise<readonly number[]> {
  const { model, status } = await paramserv(options);
  if (status !== "completed") throw new Error(`the run was ${status}`);
  return [...(model[parameter]?.data ?? [])];
}

/** Worker threads of this process that are alive. */
export function liveWorkers(): number {
  const { report } = process;
  // Looking up host names would take seconds.
  Object.assign(report, { excludeNetwork: true });
  const { workers } = report.getReport() as unknown as { workers: readonly unknown[] };
  return workers.length;
}

/** Aborts once a file is there; `took` says how many milliseconds ago. */
export function abortWhenMade(file: string): { readonly signal: AbortSignal; took(): number } {
  const controller = new AbortController();
  let at = 0;
  const timer = setInterval(() => {
    if (!existsSync(file)) return;
    clearInterval(timer);
    at = performance.now();
    controller.abort();
  }, 5);
  return { signal: controller.signal, took: () => performance.now() - at };
}
