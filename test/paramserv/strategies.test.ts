import { adafactor, lamb, type NDArray, type OptimizerConfig, type ParamservResult, paramserv, sgd } from "paramserv";
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
const frequencies = ["BATCH", "NBATCHES", "EPOCH"] as const;

afterEach(() => {
  expect(liveWorkers()).toBe(0);
});

const valuesOf = ({ model }: ParamservResult, name: string): readonly number[] => [...(model[name]?.data ?? [])];

/** Every row `passes` times, and nothing else. */
function expectRows(result: ParamservResult, rows: number, passes: number): void {
  expect(result.status).toBe("completed");
  expect(valuesOf(result, "rows")).toEqual([rows * passes]);
  expect(valuesOf(result, "sum")).toEqual(columnSums(rows, 3).map((sum) => sum * passes));
  expect(result.statistics).toMatchObject({ samples: rows * passes, dropped_pushes: 0, dropped_samples: 0 });
}

describe("exact sums of whole numbers", () => {
  for (const utype of ["BSP", "ASP", "SSP"] as const) {
    for (const freq of frequencies) {
      for (const scheme of schemes) {
        it(`${utype}, ${freq}, ${scheme}: 13 rows, 3 workers, ragged ends, 2 epochs`, async () => {
          const options = { utype, freq, scheme, nbatches: 2, reshuffle: true, batchsize: 2 };
          const result = await paramserv(countingRun(13, options));
          expectRows(result, 13, scheme === "OVERLAP_RESHUFFLE" ? 6 : 2);
        });
      }
    }
  }

  const odd: readonly (readonly [number, number, number])[] = [
    [1, 2, 3],
    [17, 5, 1],
    [29, 7, 3],
  ];
  for (const [rows, k, batchsize] of odd) {
    for (const utype of ["BSP", "SSP"] as const) {
      it(`${utype} with ${rows} rows, ${k} workers and batches of ${batchsize}`, async () => {
        expectRows(await paramserv(countingRun(rows, { utype, freq: "BATCH", k, batchsize })), rows, 2);
      });
    }
  }

  for (const freq of frequencies) {
    for (const scheme of schemes) {
      it(`SBP, ${freq}, ${scheme}: what is not dropped counts once, and the epochs end`, async () => {
        const options = { utype: "SBP", numBackupWorkers: 1, freq, scheme, nbatches: 2, epochs: 3 } as const;
        const result = await paramserv(countingRun(13, options));
        const { statistics, status, epochs } = result;
        const planned = 13 * 3 * (scheme === "OVERLAP_RESHUFFLE" ? 3 : 1);
        expect(status).toBe("completed");
        expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
        expect(valuesOf(result, "rows")).toEqual([statistics.samples]);
        expect(statistics.samples + statistics.dropped_samples).toBe(planned);
        expect(statistics.by_worker.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(statistics.dropped_pushes);
        expect(statistics.dropped_pushes > 0).toBe(statistics.dropped_samples > 0);
      });
    }
  }

  it("SBP drops one push of three in an update", async () => {
    const options = { utype: "SBP", numBackupWorkers: 1, freq: "EPOCH", epochs: 4 } as const;
    const { statistics } = await paramserv(countingRun(12, options));
    expect(statistics).toMatchObject({ dropped_pushes: 4, dropped_samples: 16, samples: 32, updates: 4 });
  });

  it("SBP without backup workers is BSP", async () => {
    const options = { utype: "SBP", numBackupWorkers: 0, freq: "BATCH" } as const;
    expectRows(await paramserv(countingRun(13, options)), 13, 2);
  });
});

describe("SSP", () => {
  for (const staleness of [0, 1, 5]) {
    it(`with a bound of ${staleness} ends where workers have different numbers of batches`, async () => {
      // 10 rows for 3 workers: 4, 3 and 3 batches of one row.
      const options = { utype: "SSP", freq: "BATCH", batchsize: 1, staleness, epochs: 3 } as const;
      expectRows(await paramserv(countingRun(10, options)), 10, 3);
    });
  }
});

describe("HOGWILD", () => {
  for (const k of [1, 3]) {
    it(`with ${k} workers learns`, async () => {
      // Labels that weights give exactly: each step leads towards these, in whatever order the workers make them.
      const rows = 60;
      const features = noise(rows * 5, 1);
      const goal = noise(5, 7);
      const errorOf = (weights: ArrayLike<number>, row: number) =>
        goal.reduce((sum, value, i) => sum + (value - (weights[i] ?? 0)) * (features[row * 5 + i] ?? 0), 0);
      const labels = Float32Array.from({ length: rows }, (_, row) => errorOf([], row));
      const lossOf = (weights: ArrayLike<number>) =>
        Array.from(labels, (_, row) => errorOf(weights, row) ** 2).reduce((sum, square) => sum + square, 0) / rows;
      const options = { utype: "HOGWILD", k, batchsize: 2, epochs: 8, agg: sgd({ learningRate: 0.05 }) } as const;
      const run = leastSquaresRun(rows, { ...options, labels: { shape: [rows], data: labels } });
      const { status, epochs, statistics, model } = await paramserv(run);
      expect(status).toBe("completed");
      expect(statistics.samples).toBe(480);
      expect(epochs).toHaveLength(8);
      // Of 200 runs with 3 workers on a busy machine the worst came to 1e-5 of where it began.
      expect(lossOf(model.w?.data ?? [])).toBeLessThan(0.01 * lossOf(noise(5, 3)));
    });
  }
  it("with one worker is SGD", async () => {
    const run = (utype: "HOGWILD" | "BSP") => trained(leastSquaresRun(31, { utype, k: 1, batchsize: 4 }), "w");
    expect(await run("HOGWILD")).toEqual(await run("BSP"));
  });
});

describe("modelAvg", () => {
  const agg = sgd({ learningRate: 0.05 });
  for (const freq of frequencies) {
    it(`with one worker is plain SGD, whatever the frequency: ${freq}`, async () => {
      const plain = await trained(leastSquaresRun(31, { k: 1, batchsize: 4, agg, freq: "BATCH" }), "w");
      const options = { k: 1, batchsize: 4, agg, freq, nbatches: 3, modelAvg: true } as const;
      expect(await trained(leastSquaresRun(31, options), "w")).toEqual(plain);
    });
  }

  for (const freq of ["BATCH", "EPOCH"] as const) {
    it(`with two workers equals a reference loop: ${freq}`, async () => {
      const options = leastSquaresRun(29, { k: 2, batchsize: 4, agg, freq, modelAvg: true });
      const actual = await trained(options, "w");
      const expected = averaged(options, { k: 2, batchsize: 4, rate: 0.05, freq });
      for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 5);
    });
  }

  it("with a user's agg averages models by rows", async () => {
    // Each worker adds its rows to a copy; the mean by rows of 5, 4 and 4 is (25 + 16 + 16) / 13 an epoch.
    const options = { modelAvg: true, aggregation: "mean", utype: "BSP", freq: "EPOCH", epochs: 1 } as const;
    const result = await paramserv(countingRun(13, options));
    expect(valuesOf(result, "rows")[0]).toBeCloseTo(57 / 13, 5);
  });
});

/** Model averaging in plain arithmetic: every worker steps its own copy, the server takes their mean by rows. */
function averaged(
  { features, labels, epochs }: ArrayRun,
  run: { readonly k: number; readonly batchsize: number; readonly rate: number; readonly freq: "BATCH" | "EPOCH" },
): readonly number[] {
  const rows = features.shape[0] ?? 0;
  const shards = Array.from({ length: run.k }, (_, worker) =>
    Array.from({ length: rows }, (_row, row) => row).filter((row) => row % run.k === worker),
  );
  const batchesOf = (own: readonly number[]) =>
    Array.from({ length: Math.ceil(own.length / run.batchsize) }, (_, index) =>
      own.slice(index * run.batchsize, (index + 1) * run.batchsize),
    );
  let w = [...noise(5, 3)];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const work = shards
      .map(batchesOf)
      .map((batches) => (run.freq === "EPOCH" ? [batches] : batches.map((one) => [one])));
    for (let turn = 0; turn < Math.max(...work.map(({ length }) => length)); turn++) {
      const pushes = work.map((own) => own[turn] ?? []).filter(({ length }) => length > 0);
      const total = pushes.flat(2).length;
      const models = pushes.map((batches) => batches.reduce((at, batch) => stepped(at, batch), w));
      w = w.map((_, i) =>
        models.reduce((sum, model, index) => sum + ((model[i] ?? 0) * (pushes[index]?.flat().length ?? 0)) / total, 0),
      );
    }
  }
  return w;

  function stepped(at: number[], batch: readonly number[]): number[] {
    const gradient = at.map(() => 0);
    for (const row of batch) {
      const x = [...features.data.subarray(row * 5, row * 5 + 5)];
      const error = x.reduce((sum, value, i) => sum + value * (at[i] ?? 0), 0) - ((labels as NDArray).data[row] ?? 0);
      for (const [i, value] of x.entries()) gradient[i] = (gradient[i] ?? 0) + (2 * error * value) / batch.length;
    }
    return at.map((value, i) => value - run.rate * (gradient[i] ?? 0));
  }
}

describe("optimizers with reductions over the whole model", () => {
  const optimizers: readonly (readonly [string, OptimizerConfig])[] = [
    ["LAMB", lamb({ learningRate: 0.02, weightDecay: 0.01 })],
    ["SGD clipped by the global norm", sgd({ learningRate: 0.05, momentum: 0.9, globalClipNorm: 0.1 })],
    ["Adafactor", adafactor({ learningRate: 0.02 })],
  ];
  /** A product of two variables, so that the update has parts to divide. */
  const run = (agg: OptimizerConfig, k: number) =>
    paramserv({
      ...leastSquaresRun(36, { k, batchsize: 12 / k, agg }),
      model: {
        w: { shape: [5], data: noise(5, 3) },
        u: { shape: [64, 33], data: noise(64 * 33, 4) },
      },
      upd: userFunction("leastSquaresOfTwo"),
    });

  for (const [name, agg] of optimizers) {
    it(`${name}: the same bits again, and for every k the same within rounding`, async () => {
      const one = await run(agg, 1);
      for (const k of [2, 3]) {
        const [first, second] = [await run(agg, k), await run(agg, k)];
        for (const parameter of ["w", "u"]) {
          expect(valuesOf(second, parameter)).toEqual(valuesOf(first, parameter));
          const far = valuesOf(first, parameter).map((value, i) =>
            Math.abs(value - (one.model[parameter]?.data[i] ?? 0)),
          );
          expect(Math.max(...far)).toBeLessThan(1e-5);
        }
      }
      expect(valuesOf(one, "u")).not.toEqual([...noise(64 * 33, 4)]);
    });
  }
});
