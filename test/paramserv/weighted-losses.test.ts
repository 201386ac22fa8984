import {
  accuracy,
  concat,
  dense,
  dropout,
  embedding,
  flatten,
  gradientsOf,
  input,
  label,
  layerNorm,
  meanSquaredError,
  model,
  type ParamservOptions,
  type ParamservResult,
  paramserv,
  sgd,
  softmaxCrossEntropy,
  tanh,
  target,
} from "paramserv";
import { describe, expect, it } from "vitest";
import { prepareJob } from "../../runtime/paramserv/job.js";
import { weighRows } from "../../runtime/paramserv/local/weigh-rows.js";
import { checkOptions } from "../../runtime/paramserv/options.js";
import { noise } from "./fixtures.js";

const columns = 3;
/** Of the loss `seen`: every third row is left out, all that a round-robin worker of three has. */
const seenWeight = (row: number) => (row % 3 === 1 ? 0 : 1);
/** Of the loss `valued`: nothing in the first twelve rows, which make an update. */
const valuedWeight = (row: number) => (row < 12 ? 0 : ((row * 7) % 5) / 2);
const parts = { seen: { factor: 1, weight: seenWeight }, valued: { factor: 0.5, weight: valuedWeight } } as const;
const plainFactor = 0.25;

/** Least squares of one prediction with three targets: two masked, each in its own way, and one that is not. */
function linearNetwork() {
  const x = input("x", [columns]);
  const value = dense(x, { name: "fit", units: 1 });
  const [seen, valued, plain] = ["y_seen", "y_valued", "y_plain"].map((name) => target(name, [1]));
  const weights = ["seen_weight", "valued_weight"].map((name) => target(name, []));
  if (!seen || !valued || !plain) throw new Error("no targets");
  return model({
    name: "linear",
    inputs: [x],
    labels: [seen, valued, plain, ...weights],
    losses: {
      seen: meanSquaredError(value, seen, { sampleWeights: weights[0] }),
      valued: meanSquaredError(value, valued, { sampleWeights: weights[1] }),
      plain: meanSquaredError(value, plain),
    },
    lossWeights: { valued: parts.valued.factor, plain: plainFactor },
  });
}

const features = (rows: number) => noise(rows * columns, 1);
const targets = (rows: number, seed: number) => noise(rows, seed);

function linearData(rows: number) {
  const column = (data: Float32Array) => ({ shape: [rows, 1], data });
  const weights = (of: (row: number) => number) => ({
    shape: [rows],
    data: Float32Array.from({ length: rows }, (_, row) => of(row)),
  });
  return {
    features: { x: { shape: [rows, columns], data: features(rows) } },
    labels: {
      y_seen: column(targets(rows, 2)),
      y_valued: column(targets(rows, 3)),
      y_plain: column(targets(rows, 4)),
      seen_weight: weights(seenWeight),
      valued_weight: weights(valuedWeight),
    },
  };
}

const start = { weight: [0.3, -0.2, 0.1], bias: [0.05] };
const rate = 0.1;

function linearRun(rows: number, changes: Partial<ParamservOptions>): Promise<ParamservResult> {
  const network = linearNetwork();
  return paramserv({
    model: {
      "fit.weight": { shape: [1, columns], data: Float32Array.from(start.weight) },
      "fit.bias": { shape: [1], data: Float32Array.from(start.bias) },
    },
    ...linearData(rows),
    upd: gradientsOf(network),
    agg: sgd({ learningRate: rate }),
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_ROUND_ROBIN",
    epochs: 2,
    ...changes,
  });
}

function weighing(rows: number) {
  const network = linearNetwork();
  const options = {
    model: network,
    ...linearData(rows),
    upd: gradientsOf(network),
    agg: sgd({ learningRate: rate }),
    epochs: 1,
  };
  const of = (weight: (row: number) => number) => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * rows));
    return shared.map((_, row) => weight(row));
  };
  return { job: prepareJob(checkOptions(options)), expected: { seen: of(seenWeight), valued: of(valuedWeight) } };
}

const parametersOf = ({ model: { "fit.weight": weight, "fit.bias": bias } }: ParamservResult) => [
  ...(weight?.data ?? []),
  ...(bias?.data ?? []),
];

/** In plain arithmetic: the gradient of the mean losses of some rows, each normalized by what these rows weigh in it. */
function gradient(all: number, rows: readonly number[], w: readonly number[]): number[] {
  const x = features(all);
  const sum = (of: (row: number) => number) => rows.reduce((total, row) => total + of(row), 0);
  const result = w.map(() => 0);
  const add = (seed: number, factor: number, weight: (row: number) => number) => {
    const total = sum(weight);
    if (total === 0) return;
    const y = targets(all, seed);
    for (const row of rows) {
      const own = [...x.subarray(row * columns, (row + 1) * columns), 1];
      const error = own.reduce((at, value, i) => at + value * (w[i] ?? 0), 0) - (y[row] ?? 0);
      for (const [i, value] of own.entries())
        result[i] = (result[i] ?? 0) + (factor * weight(row) * 2 * error * value) / total;
    }
  };
  add(2, parts.seen.factor, parts.seen.weight);
  add(3, parts.valued.factor, parts.valued.weight);
  add(4, plainFactor, () => 1);
  return result;
}

/** w − rate · Σ weight · gradient of each group of rows. */
function stepped(all: number, w: readonly number[], groups: readonly { rows: readonly number[]; weight: number }[]) {
  const gradients = groups.map(({ rows, weight }) => gradient(all, rows, w).map((value) => weight * value));
  return w.map((value, i) => value - rate * gradients.reduce((sum, one) => sum + (one[i] ?? 0), 0));
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const initial = [...start.weight, ...start.bias];

/** Batches of consecutive rows, one after the other, over some epochs. */
function sequential(all: number, batchsize: number, epochs: number): readonly number[] {
  let w: readonly number[] = initial;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let from = 0; from < all; from += batchsize) {
      w = stepped(all, w, [{ rows: range(from, Math.min(all, from + batchsize)), weight: 1 }]);
    }
  }
  return w;
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(actual).toHaveLength(expected.length);
  const distance = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? Number.NaN))));
  expect(distance).toBeLessThan(tolerance);
}

describe("losses whose rows weigh different", () => {
  for (const rows of [24, 22]) {
    it(`under BSP are means over all rows of an update, whatever k (${rows} rows, updates of 12)`, async () => {
      const expected = sequential(rows, 12, 2);
      for (const [k, batchsize] of [
        [1, 12],
        [2, 6],
        [3, 4],
      ] as const) {
        expectClose(parametersOf(await linearRun(rows, { k, batchsize })), expected);
      }
    });
  }

  it("are not the mean of the workers' own means, which would be another number", async () => {
    // Workers' own means, weighted by rows: what an update would be without normalizers.
    const own = [0, 1, 2].map((rank) => ({ rows: range(0, 4).map((row) => 3 * row + rank), weight: 1 / 3 }));
    const [joint] = [stepped(24, initial, [{ rows: range(0, 12), weight: 1 }])];
    const apart = stepped(24, initial, own);
    expect(Math.max(...apart.map((value, index) => Math.abs(value - (joint[index] ?? 0))))).toBeGreaterThan(0.005);
  });

  it("take reshuffled rows and random partitions", async () => {
    const changes = { reshuffle: true, scheme: "DISJOINT_RANDOM", seed: 4 } as const;
    const [first, second] = [
      await linearRun(24, { ...changes, k: 3, batchsize: 3 }),
      await linearRun(24, { ...changes, k: 3, batchsize: 3 }),
    ];
    expect(parametersOf(second)).toEqual(parametersOf(first));
    // One update an epoch holds all rows, whoever has them.
    const all = sequential(24, 24, 2);
    expectClose(parametersOf(await linearRun(24, { ...changes, k: 3, batchsize: 8 })), all);
  });

  it("with aggregation sum add up the workers' own means, as the ancestor's", async () => {
    const groups = [0, 1, 2].map((rank) => ({ rows: range(0, 8).map((row) => 3 * row + rank), weight: 1 }));
    const expected = stepped(24, initial, groups);
    const changes = { k: 3, batchsize: 8, epochs: 1, aggregation: "sum" } as const;
    expectClose(parametersOf(await linearRun(24, changes)), expected);
  });

  it("under ASP are the push's own means", async () => {
    expectClose(parametersOf(await linearRun(24, { k: 1, batchsize: 8, utype: "ASP" })), sequential(24, 8, 2));
    // Two pushes: both of the first weights, or one of what the other made.
    const [even, odd] = [0, 1].map((rank) => ({ rows: range(0, 12).map((row) => 2 * row + rank), weight: 1 }));
    if (even === undefined || odd === undefined) throw new Error("no rows");
    const possible = [
      stepped(24, initial, [even, odd]),
      stepped(24, stepped(24, initial, [even]), [odd]),
      stepped(24, stepped(24, initial, [odd]), [even]),
    ];
    const found = parametersOf(await linearRun(24, { k: 2, batchsize: 12, epochs: 1, utype: "ASP" }));
    const distances = possible.map((one) => Math.max(...one.map((value, i) => Math.abs(value - (found[i] ?? 0)))));
    expect(Math.min(...distances)).toBeLessThan(1e-5);
  });

  it("with freq EPOCH are each batch's own means, between pushes and in their sum", async () => {
    // Two workers, three batches each of four rows, all steps at the plain rate.
    const pushes = [0, 1].map((rank) => {
      let local: readonly number[] = initial;
      const sum = initial.map(() => 0);
      for (let batch = 0; batch < 3; batch++) {
        const rows = range(4 * batch, 4 * batch + 4).map((row) => 2 * row + rank);
        for (const [i, value] of gradient(24, rows, local).entries()) sum[i] = (sum[i] ?? 0) + value;
        local = stepped(24, local, [{ rows, weight: 1 }]);
      }
      return sum;
    });
    const expected = initial.map((value, i) => value - (rate * ((pushes[0]?.[i] ?? 0) + (pushes[1]?.[i] ?? 0))) / 2);
    const changes = { k: 2, batchsize: 4, epochs: 1, freq: "EPOCH" } as const;
    expectClose(parametersOf(await linearRun(24, changes)), expected);
  });

  it("are reported as means over what weighs, with their total, the same for any k", async () => {
    const rows = 24;
    const { features: val_features, labels: val_labels } = linearData(rows);
    const still = { agg: sgd({ learningRate: 0 }), epochs: 1, val_features, val_labels };
    const x = features(rows);
    const mean = (seed: number, weight: (row: number) => number) => {
      const y = targets(rows, seed);
      const squares = range(0, rows).map((row) => {
        const own = [...x.subarray(row * columns, (row + 1) * columns), 1];
        return weight(row) * (own.reduce((at, value, i) => at + value * (initial[i] ?? 0), 0) - (y[row] ?? 0)) ** 2;
      });
      const total = range(0, rows).reduce((sum, row) => sum + weight(row), 0);
      return squares.reduce((sum, value) => sum + value, 0) / total;
    };
    const [seen, valued, plain] = [mean(2, seenWeight), mean(3, valuedWeight), mean(4, () => 1)];
    const loss = seen + 0.5 * valued + plainFactor * plain;
    for (const [k, batchsize] of [
      [1, 12],
      [3, 5],
    ] as const) {
      const { train, validation } = (await linearRun(rows, { ...still, k, batchsize })).epochs[0] ?? {};
      for (const [name, value] of Object.entries({ seen, valued, plain, loss })) {
        expect(train?.[name]).toBeCloseTo(value, 6);
        expect(validation?.[name]).toBeCloseTo(value, 6);
      }
    }
  });

  it("may leave out every row: nothing is learned, nothing is reported, nothing diverges", async () => {
    const x = input("x", [columns]);
    const fit = dense(x, { name: "fit", units: 1 });
    const [price, weights] = [target("price", [1]), target("weights", [])];
    const net = model({
      name: "masked",
      inputs: [x],
      labels: [price, weights],
      loss: meanSquaredError(fit, price, { sampleWeights: weights }),
    });
    const labels = { price: { shape: [6, 1], data: noise(6, 2) }, weights: { shape: [6], data: new Float32Array(6) } };
    const options = { features: { shape: [6, columns], data: features(6) }, labels, upd: gradientsOf(net), seed: 3 };
    const run = (epochs: number) => {
      return paramserv({
        ...options,
        model: net,
        agg: sgd({ learningRate: 1 }),
        epochs,
        k: 2,
        batchsize: 2,
        utype: "BSP",
      });
    };
    const [one, two] = [await run(1), await run(2)];
    expect(two.model).toEqual(one.model);
    expect(one.epochs[0]?.train.loss).toBeNaN();
  });

  it("weigh what the data say, in every row", async () => {
    const { job, expected } = weighing(2500);
    expect(await weighRows(job)).toEqual(expected);
    // Aborted after the first 1024 rows.
    let looks = 0;
    const signal = {
      get aborted() {
        looks += 1;
        return looks > 1;
      },
    } as AbortSignal;
    const { seen } = await weighRows({ ...job, options: { ...job.options, signal } });
    expect(seen?.slice(0, 1024)).toEqual(expected.seen.slice(0, 1024));
    expect(seen?.slice(1024).every((weight) => weight === 0)).toBe(true);
  });

  it("are weighed before the run, which can be aborted meanwhile", async () => {
    const controller = new AbortController();
    const run = linearRun(50_000, { k: 2, batchsize: 4, epochs: 10_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    const { status, statistics } = await run;
    expect({ status, updates: statistics.updates }).toEqual({ status: "aborted", updates: 0 });
  });
});

/** Two inputs, a shared embedding of integer tokens, layer normalization, dropout; two losses, one with ignored labels. */
function richNetwork() {
  const values = input("values", [columns]);
  const tokens = input("tokens", [4], { dtype: "int64" });
  const [kind, price, sure] = [label("kind", { classes: 3 }), target("price", [1]), target("sure", [])];
  const words = embedding(tokens, { name: "words", rows: 7, units: 3 });
  const read = dropout(flatten(words), { rate: 0.3 });
  const joined = concat([layerNorm(dense(values, { name: "ip", units: 4 }), { name: "norm" }), read]);
  const hidden = tanh(dense(joined, { name: "joint", units: 6 }));
  const scores = dense(hidden, { name: "scores", units: 3 });
  return model({
    name: "rich",
    inputs: [values, tokens],
    labels: [kind, price, sure],
    losses: {
      class: softmaxCrossEntropy(scores, kind, { ignoreLabel: -1 }),
      cost: meanSquaredError(dense(hidden, { name: "prices", units: 1 }), price, { sampleWeights: sure }),
    },
    lossWeights: { cost: 0.3 },
    metrics: { accuracy: accuracy(scores, kind, { ignoreLabel: -1 }) },
  });
}

function richData(rows: number) {
  const whole = (of: (index: number) => number, ...shape: number[]) => ({
    shape: [rows, ...shape],
    data: Int32Array.from({ length: rows * shape.reduce((product, dim) => product * dim, 1) }, (_, index) => of(index)),
  });
  return {
    features: {
      values: { shape: [rows, columns], data: noise(rows * columns, 5) },
      tokens: whole((index) => (index * 5 + 2) % 7, 4),
    },
    labels: {
      // All that worker 1 of 3 has of the first update is ignored.
      kind: whole((row) => (row % 3 === 1 && row < 12 ? -1 : (row * 5) % 3)),
      price: { shape: [rows, 1], data: noise(rows, 6) },
      sure: {
        shape: [rows],
        data: Float32Array.from({ length: rows }, (_, row) => (row % 4 === 2 ? 0 : 1 + (row % 2))),
      },
    },
  };
}

describe("a network of two inputs and two losses, one masked", () => {
  const network = richNetwork();
  const run = (rows: number, changes: Partial<ParamservOptions>) =>
    paramserv({
      model: network,
      ...richData(rows),
      upd: gradientsOf(network),
      agg: sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.001 }),
      utype: "BSP",
      freq: "BATCH",
      scheme: "DISJOINT_ROUND_ROBIN",
      epochs: 3,
      seed: 2,
      ...changes,
    });
  const flat = ({ model: trained }: ParamservResult) => Object.values(trained).flatMap(({ data }) => [...data]);

  for (const rows of [36, 31]) {
    it(`trains by k workers as by one with the joint batch (${rows} rows)`, async () => {
      const one = await run(rows, { k: 1, batchsize: 12 });
      for (const [k, batchsize] of [
        [2, 6],
        [3, 4],
      ] as const) {
        const several = await run(rows, { k, batchsize });
        expectClose(flat(several), flat(one));
        for (const [epoch, record] of several.epochs.entries()) {
          for (const name of ["loss", "class", "cost", "accuracy"]) {
            expect(record.train[name]).toBeCloseTo(Number(one.epochs[epoch]?.train[name]), 5);
          }
        }
      }
    });
  }

  it("gives the same bits twice", async () => {
    const changes = { k: 3, batchsize: 4, reshuffle: true, scheme: "DISJOINT_RANDOM" } as const;
    expect(flat(await run(31, changes))).toEqual(flat(await run(31, changes)));
  });

  it("learns", async () => {
    const { epochs } = await run(36, {
      k: 2,
      batchsize: 6,
      epochs: 60,
      agg: sgd({ learningRate: 0.1, momentum: 0.9 }),
    });
    expect(epochs.at(-1)?.train.loss).toBeLessThan(0.5 * (epochs[0]?.train.loss ?? 0));
  });
});
