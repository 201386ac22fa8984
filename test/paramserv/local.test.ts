import { exp, type ParamservOptions, paramserv, sgd, type TrainingEvent } from "paramserv";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ArrayRun,
  columnSums,
  countingRun,
  leastSquaresRun,
  liveWorkers,
  noise,
  trained,
  userFunction,
} from "./fixtures.js";

const schemes = ["DISJOINT_CONTIGUOUS", "DISJOINT_ROUND_ROBIN", "DISJOINT_RANDOM", "OVERLAP_RESHUFFLE"] as const;

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries())
    expect(Math.abs((actual[index] ?? 0) - value)).toBeLessThan(tolerance);
}

afterEach(() => {
  expect(liveWorkers()).toBe(0);
});

describe("paramserv on worker threads", () => {
  for (const utype of ["BSP", "ASP"] as const) {
    for (const freq of ["BATCH", "EPOCH"] as const) {
      for (const scheme of schemes) {
        it(`${utype}, ${freq}, ${scheme}: every row counts exactly once an epoch`, async () => {
          const rows = 11;
          const { model, statistics } = await paramserv(countingRun(rows, { utype, freq, scheme }));
          const passes = 2 * (scheme === "OVERLAP_RESHUFFLE" ? 3 : 1);
          expect([...(model.sum?.data ?? [])]).toEqual(columnSums(rows, 3).map((sum) => sum * passes));
          expect([...(model.rows?.data ?? [])]).toEqual([rows * passes]);
          expect(statistics).toMatchObject({ workers: 3, samples: rows * passes });
        });
      }
    }
  }

  const sizes: readonly (readonly [string, number, Partial<ArrayRun>])[] = [
    ["one row", 1, {}],
    ["fewer rows than workers", 2, { k: 5 }],
    ["rows that k does not divide", 13, { k: 4, batchsize: 1 }],
    ["a batch larger than the data", 7, { batchsize: 1000, k: 2 }],
    ["more workers than cores", 40, { k: 9, batchsize: 3 }],
    ["workers with different numbers of batches", 9, { k: 2, batchsize: 4 }],
    ["one worker", 10, { k: 1, batchsize: 3 }],
  ];
  for (const [name, rows, changes] of sizes) {
    for (const [utype, freq] of [
      ["BSP", "BATCH"],
      ["ASP", "BATCH"],
      ["BSP", "EPOCH"],
    ] as const) {
      it(`${utype}, ${freq}: nothing is lost and nothing hangs with ${name}`, async () => {
        const { model } = await paramserv(countingRun(rows, { ...changes, utype, freq }));
        expect([...(model.sum?.data ?? [])]).toEqual(columnSums(rows, 3).map((sum) => 2 * sum));
        expect([...(model.rows?.data ?? [])]).toEqual([2 * rows]);
      });
    }
  }

  it("leaves the arrays it was given alone", async () => {
    const options = countingRun(5);
    await paramserv(options);
    expect(options.model).toEqual(countingRun(5).model);
    expect(options.features).toEqual(countingRun(5).features);
  });

  it("takes data that lie in shared memory", async () => {
    const options = countingRun(6);
    const data = new Float32Array(new SharedArrayBuffer(4 * options.features.data.length));
    data.set(options.features.data);
    const { model } = await paramserv({ ...options, features: { ...options.features, data } });
    expect([...(model.sum?.data ?? [])]).toEqual(columnSums(6, 3).map((sum) => 2 * sum));
  });
});

describe("BSP", () => {
  it("with k workers of batch b equals one worker of batch k · b, ragged ends included", async () => {
    for (const rows of [48, 50, 41]) {
      const one = await trained(leastSquaresRun(rows, { k: 1, batchsize: 12 }), "w");
      const two = await trained(leastSquaresRun(rows, { k: 2, batchsize: 6 }), "w");
      const three = await trained(leastSquaresRun(rows, { k: 3, batchsize: 4 }), "w");
      expectClose(two, one, 1e-5);
      expectClose(three, one, 1e-5);
    }
  });

  it("gives the same bits for the same seed and k, and others for another seed", async () => {
    for (const freq of ["BATCH", "EPOCH"] as const) {
      const run = (seed: number) =>
        trained(
          leastSquaresRun(50, { k: 3, batchsize: 4, freq, seed, scheme: "DISJOINT_RANDOM", reshuffle: true }),
          "w",
        );
      const [first, second, other] = [await run(5), await run(5), await run(6)];
      expect(second).toEqual(first);
      expect(other).not.toEqual(first);
    }
  });

  it("visits the rows in a new order every epoch with reshuffle only", async () => {
    const run = (reshuffle: boolean) => trained(leastSquaresRun(40, { k: 2, batchsize: 4, reshuffle }), "w");
    expect(await run(true)).not.toEqual(await run(false));
  });

  it("adds the workers' gradients with aggregation sum: twice the mean of equal shares", async () => {
    const agg = (learningRate: number) => sgd({ learningRate });
    const mean = await trained(leastSquaresRun(40, { k: 2, batchsize: 4, agg: agg(0.02) }), "w");
    const sum = await trained(leastSquaresRun(40, { k: 2, batchsize: 4, agg: agg(0.01), aggregation: "sum" }), "w");
    expectClose(sum, mean, 1e-6);
  });

  it("with freq EPOCH equals a reference of one thread: local steps, then one update of the sums", async () => {
    const [k, batchsize, epochs, rows] = [2, 6, 3, 29];
    const options = leastSquaresRun(rows, { k, batchsize, epochs, freq: "EPOCH" });
    const expected = epochReference(options, { k, batchsize, epochs, rate: 0.05, momentum: 0.9 });
    expectClose(await trained(options, "w"), expected, 1e-5);
  });

  it("counts the batches of the longest path for schedules, whatever the frequency", async () => {
    const learningRate = {
      kind: "schedule",
      policy: "multistep",
      options: { base: 0.05, gamma: 0, steps: [4] },
    } as const;
    const run = (epochs: number, freq: "BATCH" | "EPOCH") =>
      trained(leastSquaresRun(32, { k: 2, batchsize: 4, epochs, freq, agg: sgd({ learningRate }) }), "w");
    // Each worker has 4 batches an epoch: from the second epoch on the rate is 0, whatever the frequency.
    for (const freq of ["BATCH", "EPOCH"] as const) expect(await run(3, freq)).toEqual(await run(1, freq));
  });
});

describe("the events and figures of a run", () => {
  it("tell the start, every epoch and at least one progress, and agree with the result", async () => {
    const events: TrainingEvent[] = [];
    const options = leastSquaresRun(30, { k: 2, batchsize: 4, epochs: 3, onEvent: (event) => events.push(event) });
    const { epochs, statistics } = await paramserv(options);
    expect(events[0]).toEqual({
      event: "start",
      parameters: 5,
      rows: 30,
      validation_rows: 0,
      k: 2,
      epochs: 3,
      batchsize: 4,
      pushes: 24,
      learning_rate: 0.05,
    });
    expect(events.filter(({ event }) => event === "epoch")).toEqual(
      epochs.map((epoch) => ({ event: "epoch", ...epoch })),
    );
    const progress = events.filter((event) => event.event === "progress");
    expect(progress.length).toBeGreaterThan(0);
    expect(progress[0]).toMatchObject({ epoch: 1, total_samples: 90 });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect((epochs[2]?.train.loss ?? 1) < (epochs[0]?.train.loss ?? 0)).toBe(true);
    expect(statistics).toMatchObject({
      workers: 2,
      updates: 12,
      pushes: 24,
      samples: 90,
      mean_staleness: 0,
      max_staleness: 0,
    });
    expect(statistics.setup_seconds).toBeLessThan(statistics.seconds);
  });

  for (const [utype, freq] of [
    ["BSP", "BATCH"],
    ["BSP", "EPOCH"],
    ["ASP", "BATCH"],
  ] as const) {
    it(`tell the learning rate of an epoch's last update: ${utype}, ${freq}`, async () => {
      // Workers have 15 rows each, so 4 batches of 4 rows: under ASP each is an update.
      const learningRate = exp({ base: 0.01, gamma: 0.9 });
      const events: TrainingEvent[] = [];
      const onEvent = (event: TrainingEvent) => events.push(event);
      const options = { k: 2, batchsize: 4, epochs: 3, agg: sgd({ learningRate }), utype, freq, onEvent };
      const { epochs } = await paramserv(leastSquaresRun(30, options));
      const [pathLength, updates] = [utype === "ASP" ? 8 : 4, freq === "EPOCH" ? 1 : utype === "ASP" ? 8 : 4];
      for (const [index, record] of epochs.entries()) {
        // Under ASP the faster worker may have pushes of later epochs applied before the slower has done with this one.
        const early = utype === "ASP" ? record.updates - updates * (index + 1) : 0;
        expect(record.updates).toBe(updates * (index + 1) + early);
        expect(early).toBeGreaterThanOrEqual(0);
        expect(early).toBeLessThanOrEqual((updates / 2) * (epochs.length - 1 - index));
        expect(record.learning_rate).toBeCloseTo(0.01 * 0.9 ** (pathLength * (index + 1) - 1 + early), 12);
      }
      expect(epochs).toHaveLength(3);
      expect(events[0]).toMatchObject({ event: "start", learning_rate: 0.01 });
      expect(events[1]).toMatchObject({ event: "progress", learning_rate: 0.01, updates: 0 });
    });
  }

  it("tell no learning rate of a user's own agg, and take scalars of any name", async () => {
    const events: TrainingEvent[] = [];
    const upd = userFunction("boldlyNamed");
    const { epochs } = await paramserv({
      ...countingRun(6, { k: 1, batchsize: 2 }),
      upd,
      onEvent: (e) => events.push(e),
    });
    const named = { event: 1, epoch: 2, seconds: 3, train: 4, learning_rate: 5, val_loss: 6 };
    expect(epochs.map(({ epoch, train }) => ({ epoch, train }))).toEqual([
      { epoch: 1, train: { loss: 2, ...named } },
      { epoch: 2, train: { loss: 2, ...named } },
    ]);
    expect(events.map(({ event }) => event).filter((event) => event !== "progress")).toEqual([
      "start",
      "epoch",
      "epoch",
    ]);
    for (const event of events) expect(event).not.toHaveProperty("learning_rate");
  });

  it("give the loss of an epoch as the mean over its rows", async () => {
    // With rate 0 the model stays: every epoch has the same loss, that of the whole data.
    const options = leastSquaresRun(37, { k: 3, batchsize: 5, agg: sgd({ learningRate: 0 }), epochs: 2 });
    const { epochs } = await paramserv(options);
    const w = noise(5, 3);
    const errors = [...noise(37, 2)].map((label, row) => {
      const features = noise(37 * 5, 1).subarray(row * 5, row * 5 + 5);
      return features.reduce((sum, value, index) => sum + value * (w[index] ?? 0), 0) - label;
    });
    const loss = errors.reduce((sum, error) => sum + error * error, 0) / 37;
    for (const epoch of epochs) expect(epoch.train.loss).toBeCloseTo(loss, 5);
  });

  it("count the staleness of ASP", async () => {
    const { statistics } = await paramserv(countingRun(60, { utype: "ASP", freq: "BATCH", k: 3, batchsize: 1 }));
    expect(statistics.updates).toBe(120);
    expect(statistics.max_staleness).toBeGreaterThan(0);
    expect(statistics.mean_staleness).toBeLessThanOrEqual(statistics.max_staleness);
  });

  it("pass hyperparams to user functions unchanged", async () => {
    const options = countingRun(4, { upd: userFunction("throwsAtTrigger"), hyperparams: { trigger: 5 } });
    await expect(paramserv(options)).rejects.toThrow(/these rows are bad/);
  });
});

/** freq EPOCH in plain arithmetic: each worker steps its copy after all batches but the last; one update of the sums. */
function epochReference(
  options: ArrayRun,
  run: { k: number; batchsize: number; epochs: number; rate: number; momentum: number },
): readonly number[] {
  const columns = 5;
  const rows = options.features.shape[0] ?? 0;
  let w = [...noise(columns, 3)];
  let h = w.map(() => 0);
  const stepped = (at: number[], history: number[], gradient: readonly number[]) => {
    const next = history.map((value, i) => run.momentum * value + run.rate * (gradient[i] ?? 0));
    return { w: at.map((value, i) => value - (next[i] ?? 0)), h: next };
  };
  for (let epoch = 0; epoch < run.epochs; epoch++) {
    const pushes = Array.from({ length: run.k }, (_, worker) => {
      const own = Array.from({ length: rows }, (_row, row) => row).filter((row) => row % run.k === worker);
      const sum = w.map(() => 0);
      let local = { w, h };
      for (let start = 0; start < own.length; start += run.batchsize) {
        const gradient = meanGradient(options, own.slice(start, start + run.batchsize), local.w);
        for (const i of sum.keys()) sum[i] = (sum[i] ?? 0) + (gradient[i] ?? 0);
        if (start + run.batchsize < own.length) local = stepped(local.w, local.h, gradient);
      }
      return { sum, rows: own.length };
    });
    const mean = w.map((_, i) => pushes.reduce((total, one) => total + ((one.sum[i] ?? 0) * one.rows) / rows, 0));
    ({ w, h } = stepped(w, h, mean));
  }
  return w;
}

function meanGradient({ features, labels }: ArrayRun, rows: readonly number[], w: readonly number[]): number[] {
  const gradient = w.map(() => 0);
  for (const row of rows) {
    const x = [...features.data.subarray(row * w.length, (row + 1) * w.length)];
    const error = x.reduce((sum, value, i) => sum + value * (w[i] ?? 0), 0) - (labels.data[row] ?? 0);
    for (const [i, value] of x.entries()) gradient[i] = (gradient[i] ?? 0) + (2 * error * value) / rows.length;
  }
  return gradient;
}

describe("the data that user functions are given", () => {
  const how = async (changes: Partial<ParamservOptions>) => {
    const { model } = await paramserv({ ...countingRun(4, { epochs: 1, k: 1, batchsize: 4 }), ...changes });
    return [...(model.sum?.data ?? [])].slice(0, 2);
  };
  const upd = userFunction("howGiven");
  const array = { shape: [4, 1], data: new Float32Array(4) };

  it("are arrays where the options have arrays, and columns by name where they have columns", async () => {
    expect(await how({ upd })).toEqual([1, 1]);
    expect(await how({ upd, features: { a: array } })).toEqual([2, 1]);
    expect(await how({ upd, features: { a: array, b: array }, labels: { c: array } })).toEqual([2, 2]);
    expect(await how({ upd, labels: {} })).toEqual([1, 2]);
  });

  for (const utype of ["BSP", "ASP"] as const) {
    it(`hold the same rows in each column under ${utype}`, async () => {
      const rows = 11;
      const column = (factor: number) => Float32Array.from({ length: rows }, (_, row) => factor * row);
      const { model } = await paramserv({
        ...countingRun(rows, { utype, freq: "BATCH", scheme: "DISJOINT_RANDOM" }),
        upd: userFunction("namedColumns"),
        features: {
          a: { shape: [rows], data: column(1) },
          b: { shape: [rows, 1], data: Int32Array.from(column(10)) },
        },
        labels: { c: { shape: [rows], data: column(100) } },
      });
      expect([...(model.sum?.data ?? [])]).toEqual([2 * 55, 2 * 550, 2 * 5500]);
      expect([...(model.rows?.data ?? [])]).toEqual([2 * rows]);
    });
  }
});
