import {
  batchNorm,
  dense,
  gradientsOf,
  input,
  label,
  layerNorm,
  meanSquaredError,
  model,
  type NDArray,
  type ParamservOptions,
  type ParamservResult,
  paramserv,
  relu,
  sgd,
  softmaxCrossEntropy,
  target,
} from "paramserv";
import { describe, expect, it } from "vitest";
import { onnxruntime } from "../../runtime/engines/onnxruntime.js";
import { compile } from "../../runtime/program/compile.js";
import { initialWeights } from "../../runtime/program/layout.js";
import { noise, userFunction } from "./fixtures.js";

const columns = 3;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
/** The rows of a worker that gets every k-th, cut in batches. */
const batchesOf = (rows: number, k: number, rank: number, batchsize: number) => {
  const own = range(0, rows).filter((row) => row % k === rank);
  return range(0, Math.ceil(own.length / batchsize)).map((at) => own.slice(at * batchsize, (at + 1) * batchsize));
};

function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(actual).toHaveLength(expected.length);
  const distance = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN))));
  expect(distance).toBeLessThan(tolerance);
}

const flat = ({ model: trained }: ParamservResult) => Object.values(trained).flatMap(({ data }) => [...data]);
const variable = ({ model: trained }: ParamservResult, name: string) => [...(trained[name]?.data ?? [])];

/** Batch normalization of the data themselves: running statistics follow from the batches alone. */
function plainNetwork() {
  const x = input("x", [columns]);
  const y = target("y", [1]);
  const fit = dense(batchNorm(x, { name: "bn" }), { name: "fit", units: 1 });
  return model({ name: "normalized", inputs: [x], labels: [y], loss: meanSquaredError(fit, y) });
}

const plainData = (rows: number) => ({
  features: { shape: [rows, columns], data: noise(rows * columns, 1) },
  labels: { shape: [rows, 1], data: noise(rows, 2) },
});

function plainRun(rows: number, changes: Partial<ParamservOptions>): Promise<ParamservResult> {
  const network = plainNetwork();
  return paramserv({
    model: network,
    ...plainData(rows),
    upd: gradientsOf(network),
    agg: sgd({ learningRate: 0.05 }),
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_ROUND_ROBIN",
    epochs: 1,
    ...changes,
  });
}

interface Running {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

const untouched: Running = { mean: [0, 0, 0], variance: [1, 1, 1] };

/** 0.9 · before + 0.1 · the mean and biased variance of some rows. */
function seen({ mean, variance }: Running, all: number, rows: readonly number[]): Running {
  const x = noise(all * columns, 1);
  const of = (column: number) => rows.map((row) => x[row * columns + column] ?? 0);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = range(0, columns).map((column) => meanOf(of(column)));
  const variances = means.map((center, column) => meanOf(of(column).map((value) => (value - center) ** 2)));
  const kept = (before: readonly number[], now: readonly number[]) =>
    before.map((value, i) => 0.9 * value + 0.1 * (now[i] ?? 0));
  return { mean: kept(mean, means), variance: kept(variance, variances) };
}

/** The mean by rows of what several workers have made of their rows. */
function joined(states: readonly { readonly rows: number; readonly state: Running }[]): Running {
  const total = states.reduce((sum, { rows }) => sum + rows, 0);
  const mean = (of: (state: Running) => readonly number[]) =>
    range(0, columns).map((i) =>
      states.reduce((sum, { rows, state }) => sum + (rows / total) * (of(state)[i] ?? 0), 0),
    );
  return { mean: mean((state) => state.mean), variance: mean((state) => state.variance) };
}

function expectRunning(result: ParamservResult, { mean, variance }: Running): void {
  expectClose(variable(result, "bn.running_mean"), mean, 1e-6);
  expectClose(variable(result, "bn.running_var"), variance, 1e-6);
}

describe("running statistics", () => {
  const rows = 22;

  for (const aggregation of ["mean", "sum"] as const) {
    it(`under BSP are the mean of the workers' by rows, with aggregation ${aggregation}`, async () => {
      // The last update has batches of different sizes.
      const batches = [0, 1, 2].map((rank) => batchesOf(rows, 3, rank, 5));
      let state = untouched;
      for (const round of [0, 1]) {
        const parts = batches.map((own) => own[round] ?? []);
        const before = state;
        state = joined(parts.map((part) => ({ rows: part.length, state: seen(before, rows, part) })));
      }
      expectRunning(await plainRun(rows, { k: 3, batchsize: 5, aggregation }), state);
    });
  }

  it("with freq EPOCH are each worker's after its last batch, joined", async () => {
    const states = [0, 1].map((rank) => {
      const own = batchesOf(rows, 2, rank, 4);
      return { rows: own.flat().length, state: own.reduce((state, part) => seen(state, rows, part), untouched) };
    });
    expectRunning(await plainRun(rows, { k: 2, batchsize: 4, freq: "EPOCH" }), joined(states));
  });

  for (const freq of ["BATCH", "EPOCH"] as const) {
    it(`of one worker under ASP follow its batches, with freq ${freq}`, async () => {
      const own = batchesOf(rows, 1, 0, 6);
      const state = own.reduce((before, part) => seen(before, rows, part), untouched);
      expectRunning(await plainRun(rows, { k: 1, batchsize: 6, utype: "ASP", freq }), state);
    });
  }

  it("under ASP are those of a push, not a mean over workers", async () => {
    // Each worker pushes once; whoever comes last has started from the network's statistics, or from the other's.
    const [first, second] = [0, 1].map((rank) => batchesOf(rows, 2, rank, 20)[0] ?? []) as [number[], number[]];
    const orders = [
      [first, second],
      [second, first],
    ].flatMap(([one, other]) => [
      seen(untouched, rows, other ?? []),
      seen(seen(untouched, rows, one ?? []), rows, other ?? []),
    ]);
    const result = await plainRun(rows, { k: 2, batchsize: 20, utype: "ASP" });
    const found = variable(result, "bn.running_mean");
    const distances = orders.map(({ mean }) => Math.max(...mean.map((value, i) => Math.abs(value - (found[i] ?? 0)))));
    expect(Math.min(...distances)).toBeLessThan(1e-6);
  });

  it("are gone on from with a model by name, and start as the network says where it leaves them out", async () => {
    const both = await plainRun(rows, { k: 2, batchsize: 5, epochs: 2, seed: 3 });
    const first = await plainRun(rows, { k: 2, batchsize: 5, epochs: 1, seed: 3 });
    const second = await plainRun(rows, { k: 2, batchsize: 5, epochs: 1, seed: 3, model: first.model });
    expect(flat(second)).toEqual(flat(both));
    const { "bn.running_mean": _mean, "bn.running_var": _variance, ...without } = first.model;
    const anew = await plainRun(rows, { k: 1, batchsize: rows, model: without });
    expectRunning(anew, seen(untouched, rows, range(0, rows)));
  });
});

/** A small classifier with batch normalization inside. */
function classifier(normalized: "batch" | "running" | "layer") {
  const x = input("x", [5]);
  const kind = label("kind", { classes: 3 });
  const hidden = dense(x, { name: "ip1", units: 8 });
  const between =
    normalized === "layer"
      ? layerNorm(hidden, { name: "norm" })
      : batchNorm(hidden, { name: "norm", statistics: normalized });
  const scores = dense(relu(between), { name: "ip2", units: 3 });
  return model({ name: "classifier", inputs: [x], labels: [kind], loss: softmaxCrossEntropy(scores, kind) });
}

const classifierData = (rows: number, seed: number) => ({
  features: { shape: [rows, 5], data: noise(rows * 5, seed) },
  labels: { shape: [rows], data: Int32Array.from({ length: rows }, (_, row) => (row * 5 + seed) % 3) },
});

function classifierRun(network: ReturnType<typeof classifier>, rows: number, changes: Partial<ParamservOptions>) {
  return paramserv({
    model: network,
    ...classifierData(rows, 1),
    upd: gradientsOf(network),
    agg: sgd({ learningRate: 0.1 }),
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_ROUND_ROBIN",
    epochs: 2,
    seed: 5,
    ...changes,
  });
}

function pick<Data extends Float32Array | Int32Array>({ shape, data }: NDArray<Data>, rows: readonly number[]) {
  const length = data.length / (shape[0] ?? 1);
  const picked = data.slice(0, rows.length * length);
  for (const [at, row] of rows.entries()) picked.set(data.subarray(row * length, (row + 1) * length), at * length);
  return { shape: [rows.length, ...shape.slice(1)], data: picked };
}

/** Steps of the engine in one thread: every update normalizes in k groups of rows, and joins them by rows. */
async function inGroups(
  network: ReturnType<typeof classifier>,
  start: Float32Array,
  run: { readonly rows: number; readonly k: number; readonly batchsize: number; readonly epochs: number },
): Promise<Float32Array> {
  const program = compile(network);
  const session = await onnxruntime.open(program);
  const { features, labels } = classifierData(run.rows, 1);
  const weights = start.slice();
  const groups = range(0, run.k).map((rank) => batchesOf(run.rows, run.k, rank, run.batchsize));
  for (let epoch = 0; epoch < run.epochs; epoch++) {
    for (const round of range(0, Math.max(...groups.map(({ length }) => length)))) {
      const parts = groups.map((own) => own[round] ?? []).filter(({ length }) => length > 0);
      const total = parts.flat().length;
      const pushed = new Float64Array(program.pushed);
      for (const part of parts) {
        session.weights.set(weights);
        await session.step({ rows: part.length, feeds: { x: pick(features, part), kind: pick(labels, part) } });
        for (const [i, value] of session.pushed.entries()) pushed[i] = (pushed[i] ?? 0) + (part.length / total) * value;
      }
      for (const [i, value] of pushed.entries()) {
        weights[i] = i < program.trained ? (weights[i] ?? 0) - 0.1 * value : value;
      }
    }
  }
  await session.close();
  return weights;
}

describe("batch normalization", () => {
  const flatIn = (result: ParamservResult, network: ReturnType<typeof classifier>) => {
    const program = compile(network);
    const all = new Float32Array(program.size);
    for (const { name, offset } of program.variables) all.set(result.model[name]?.data ?? [], offset);
    return all;
  };

  it("with the statistics of batches equals a reference that normalizes in k groups, running statistics included", async () => {
    const network = classifier("batch");
    const program = compile(network);
    const start = initialWeights(program, 5);
    expect(program.pushed).toBeGreaterThan(program.trained);
    for (const k of [1, 2, 3]) {
      const run = { k, batchsize: 4, epochs: 2 };
      const expected = await inGroups(network, start, { ...run, rows: 26 });
      const result = flatIn(await classifierRun(network, 26, run), network);
      expectClose([...result], [...expected]);
      expect(Math.max(...result.map((value, i) => Math.abs(value - (start[i] ?? 0))))).toBeGreaterThan(0.01);
    }
  });

  for (const kind of ["running", "layer"] as const) {
    it(`${kind === "running" ? "with frozen statistics" : "replaced by layer normalization"} trains by k workers as by one`, async () => {
      const network = classifier(kind);
      for (const rows of [24, 22]) {
        const one = await classifierRun(network, rows, { k: 1, batchsize: 12 });
        expectClose(flat(await classifierRun(network, rows, { k: 2, batchsize: 6 })), flat(one));
        expectClose(flat(await classifierRun(network, rows, { k: 3, batchsize: 4 })), flat(one));
      }
    });
  }

  it("is validated with the running statistics of the last update, or with those that are frozen", async () => {
    const { features: val_features, labels: val_labels } = classifierData(19, 2);
    for (const [utype, kind] of [
      ["BSP", "batch"],
      ["ASP", "batch"],
      ["BSP", "running"],
    ] as const) {
      const network = classifier(kind);
      const result = await classifierRun(network, 26, { k: 2, batchsize: 4, utype, val_features, val_labels });
      const session = await onnxruntime.open(compile(network));
      session.weights.set(flatIn(result, network));
      const { loss } = await session.evaluate({ rows: 19, feeds: { x: val_features, kind: val_labels } });
      await session.close();
      expect(result.epochs.at(-1)?.validation?.loss).toBeCloseTo((loss?.sum ?? 0) / (loss?.weight ?? 1), 5);
    }
  });

  it("gives the same bits twice", async () => {
    const changes = { k: 3, batchsize: 4, reshuffle: true, scheme: "DISJOINT_RANDOM" } as const;
    const network = classifier("batch");
    expect(flat(await classifierRun(network, 26, changes))).toEqual(flat(await classifierRun(network, 26, changes)));
  });
});

describe("state and user functions", () => {
  it("is what upd returns, joined by rows; what it leaves out stays", async () => {
    const result = await plainRun(7, { upd: userFunction("countsInState"), k: 2, batchsize: 4 });
    // Batches of 4 and 3 rows.
    expectClose(variable(result, "bn.running_mean"), [25 / 7, 25 / 7, 25 / 7]);
    expect(variable(result, "bn.running_var")).toEqual([1, 1, 1]);
  });

  it("is stepped between pushes of several batches", async () => {
    const result = await plainRun(7, { upd: userFunction("countsInState"), k: 1, batchsize: 3, freq: "EPOCH" });
    expect(variable(result, "bn.running_mean")).toEqual([7, 7, 7]);
  });

  it("is not agg's to change", async () => {
    const changes = { upd: userFunction("countsInState"), agg: userFunction("keepsState"), k: 1, batchsize: 7 };
    expect(variable(await plainRun(7, changes), "bn.running_mean")).toEqual([7, 7, 7]);
    const built = await plainRun(7, { agg: userFunction("keepsState"), k: 1, batchsize: 7 });
    expectRunning(built, seen(untouched, 7, range(0, 7)));
  });
});
