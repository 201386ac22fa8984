import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accuracy,
  conv2d,
  dense,
  dropout,
  embedding,
  gradientsOf,
  input,
  label,
  maxPool2d,
  model,
  type NDArray,
  onnx,
  type ParamservOptions,
  paramserv,
  relu,
  sgd,
  softmaxCrossEntropy,
} from "paramserv";
import { afterEach, describe, expect, it } from "vitest";
import { abortWhenMade, liveWorkers, noise, userFunction } from "./fixtures.js";

/** A small convolutional network; with dropout where `rate` is not 0, and a first layer that stays where it is frozen. */
function network({ rate = 0, frozen = false } = {}) {
  const data = input("data", [1, 6, 6]);
  const classes = label("label", { classes: 3 });
  const lr = frozen ? 0 : 1;
  const conv1 = conv2d(data, { name: "conv1", filters: 4, kernel: 3, lr: [lr, lr] });
  const pool1 = maxPool2d(relu(conv1), { kernel: 2, stride: 2 });
  const ip1 = relu(dense(pool1, { name: "ip1", units: 12 }));
  const ip2 = dense(rate > 0 ? dropout(ip1, { rate }) : ip1, { name: "ip2", units: 3, lr: [1, 2], decay: [1, 0] });
  return model({
    name: "small",
    inputs: [data],
    labels: [classes],
    loss: softmaxCrossEntropy(ip2, classes),
    metrics: { accuracy: accuracy(ip2, classes) },
  });
}

/** Three classes: noise with a bright row of pixels that says which. */
function images(rows: number, seed: number): { features: NDArray<Float32Array>; labels: NDArray<Int32Array> } {
  const data = noise(rows * 36, seed);
  const labels = Int32Array.from({ length: rows }, (_, row) => (row * 7 + seed) % 3);
  for (const [row, kind] of labels.entries()) {
    const bright = data.subarray(row * 36 + kind * 12, row * 36 + kind * 12 + 6);
    bright.set(bright.map((value) => value + 1.5));
  }
  return { features: { shape: [rows, 1, 6, 6], data }, labels: { shape: [rows], data: labels } };
}

function run(net: ReturnType<typeof network>, rows: number, changes: Partial<ParamservOptions> = {}) {
  return paramserv({
    model: net,
    ...images(rows, 1),
    upd: gradientsOf(net),
    agg: sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.001 }),
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_ROUND_ROBIN",
    epochs: 2,
    batchsize: 12,
    k: 1,
    seed: 1,
    ...changes,
  });
}

type Result = Awaited<ReturnType<typeof run>>;

const flat = ({ model: trained }: Result) => Object.values(trained).flatMap(({ data }) => [...data]);

function distance(a: Result, b: Result): number {
  const other = flat(b);
  return Math.max(...flat(a).map((value, index) => Math.abs(value - (other[index] ?? Number.NaN))));
}

afterEach(() => {
  expect(liveWorkers()).toBe(0);
});

describe("a network on several workers", () => {
  for (const rate of [0, 0.4]) {
    it(`under BSP equals one worker with the joint batch, ${rate > 0 ? "dropout included" : "without dropout"}`, async () => {
      const net = network({ rate });
      for (const rows of [48, 43]) {
        const one = await run(net, rows, { k: 1, batchsize: 12 });
        expect(distance(await run(net, rows, { k: 2, batchsize: 6 }), one)).toBeLessThan(1e-5);
        expect(distance(await run(net, rows, { k: 3, batchsize: 4 }), one)).toBeLessThan(1e-5);
      }
    });
  }

  it("under BSP gives the same bits twice, with dropout, reshuffling and random partitions", async () => {
    const net = network({ rate: 0.3 });
    for (const k of [1, 2, 3]) {
      const changes = { k, reshuffle: true, scheme: "DISJOINT_RANDOM", seed: 9 } as const;
      expect(flat(await run(net, 50, changes))).toEqual(flat(await run(net, 50, changes)));
    }
  });

  it("draws other dropout masks with another seed, in another epoch and in each copy of the data", async () => {
    const net = network({ rate: 0.5 });
    const start = (await run(net, 12, { epochs: 1, agg: sgd({ learningRate: 0 }) })).model;
    const losses = async (seed: number, changes: Partial<ParamservOptions> = {}) => {
      const { epochs } = await run(net, 12, { model: start, seed, agg: sgd({ learningRate: 0 }), ...changes });
      return epochs.map(({ train }) => train.loss);
    };
    const [first, second] = await losses(1);
    expect(second).not.toBe(first);
    expect((await losses(2))[0]).not.toBe(first);
    // Two workers with all rows each: with the same masks their mean loss would be that of one.
    const [overlapping] = await losses(1, { scheme: "OVERLAP_RESHUFFLE", k: 2 });
    expect(Math.abs((overlapping ?? 0) - (first ?? 0))).toBeGreaterThan(1e-6);
  });

  it("never changes a frozen layer, whatever momentum and decay", async () => {
    const net = network({ frozen: true });
    const before = await run(net, 24, { agg: sgd({ learningRate: 0 }), epochs: 1 });
    for (const changes of [{ k: 2 }, { k: 2, freq: "EPOCH", batchsize: 4 }, { k: 2, utype: "ASP" }] as const) {
      const after = await run(net, 24, changes);
      expect(after.model["conv1.weight"]).toEqual(before.model["conv1.weight"]);
      expect(after.model["conv1.bias"]).toEqual(before.model["conv1.bias"]);
      expect(after.model["ip1.weight"]).not.toEqual(before.model["ip1.weight"]);
    }
  });

  for (const [utype, freq] of [
    ["BSP", "BATCH"],
    ["BSP", "EPOCH"],
    ["ASP", "BATCH"],
    ["ASP", "EPOCH"],
  ] as const) {
    it(`learns under ${utype} with freq ${freq}, and validates each epoch`, async () => {
      const { features: val_features, labels: val_labels } = images(31, 2);
      const options = { utype, freq, k: 2, batchsize: 8, epochs: 8, val_features, val_labels };
      const { epochs, statistics } = await run(network(), 96, options);
      expect(epochs).toHaveLength(8);
      expect(epochs.at(-1)?.validation?.accuracy).toBeGreaterThan(0.9);
      expect(epochs.at(-1)?.validation?.loss).toBeLessThan(epochs[0]?.validation?.loss ?? 0);
      const { train, validation } = epochs[0] ?? {};
      expect([train, validation].map((means) => Object.keys(means ?? {}))).toEqual([
        ["loss", "accuracy"],
        ["loss", "accuracy"],
      ]);
      expect(statistics.validation_seconds).toBeGreaterThan(0);
    });
  }

  it("validates to the same numbers with any k", async () => {
    const { features: val_features, labels: val_labels } = images(31, 2);
    const options = { val_features, val_labels, epochs: 1, agg: sgd({ learningRate: 0 }) };
    const one = await run(network(), 24, { ...options, k: 1 });
    const three = await run(network(), 24, { ...options, k: 3, batchsize: 5 });
    expect(three.epochs[0]?.validation?.loss).toBeCloseTo(one.epochs[0]?.validation?.loss ?? 0, 5);
    expect(three.epochs[0]?.validation?.accuracy).toBeCloseTo(one.epochs[0]?.validation?.accuracy ?? 0, 6);
  });

  it("goes on from a model by name", async () => {
    const net = network();
    const both = await run(net, 24, { agg: sgd({ learningRate: 0.1 }), epochs: 2 });
    const first = await run(net, 24, { agg: sgd({ learningRate: 0.1 }), epochs: 1 });
    const second = await run(net, 24, { agg: sgd({ learningRate: 0.1 }), epochs: 1, model: first.model });
    expect(flat(second)).toEqual(flat(both));
  });

  it("learns from sequences, whose length need not be that of the validation, with dropout as one worker has it", async () => {
    const tokens = input("tokens", ["T"], { dtype: "int32" });
    const kind = label("kind", { classes: 3 });
    const words = dropout(embedding(tokens, { name: "words", rows: 9, units: 4 }), { rate: 0.4 });
    const scores = dense(onnx.ReduceMean(words, [1], { keepdims: 0 }), { name: "scores", units: 3 });
    const net = model({ name: "words", inputs: [tokens], labels: [kind], loss: softmaxCrossEntropy(scores, kind) });
    const sequences = (rows: number, length: number) => {
      const data = Int32Array.from({ length: rows * length }, (_, index) => (index * 5 + 1) % 9);
      const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
      return [
        { shape: [rows, length], data },
        { shape: [rows], data: labels },
      ] as const;
    };
    const [features, labels] = sequences(24, 5);
    const [val_features, val_labels] = sequences(7, 8);
    const data = { features, labels, val_features, val_labels };
    const one = await run(net, 24, { ...data, k: 1, batchsize: 12 });
    expect(distance(await run(net, 24, { ...data, k: 3, batchsize: 4 }), one)).toBeLessThan(1e-5);
    expect(one.epochs[0]?.validation?.loss).toBeGreaterThan(0);
  });

  it("ends with the loss that is not finite when the rate is far too high", async () => {
    const diverging = run(network(), 48, { agg: sgd({ learningRate: 1e20, momentum: 0.9 }), epochs: 20 });
    await expect(diverging).rejects.toThrow(
      /TRAINING_DIVERGED: the loss is (NaN|Infinity) in worker 0, epoch \d+, batch \d+/,
    );
  });

  for (const [utype, freq] of [
    ["BSP", "BATCH"],
    ["ASP", "EPOCH"],
  ] as const) {
    it(`ends promptly when aborted in the middle of an epoch under ${utype} with freq ${freq}`, async () => {
      const controller = new AbortController();
      let abortedAt = 0;
      const onEvent = ({ event }: { readonly event: string }): void => {
        if (event !== "progress" || controller.signal.aborted) return;
        abortedAt = performance.now();
        controller.abort();
      };
      const changes = { utype, freq, k: 2, batchsize: 1, epochs: 10_000, signal: controller.signal, onEvent };
      const { status } = await run(network(), 20_000, changes);
      expect(status).toBe("aborted");
      expect(performance.now() - abortedAt).toBeLessThan(2500);
    });
  }

  it("ends a hanging user function by force beside an open engine", async () => {
    const net = network();
    const { features: val_features, labels: val_labels } = images(4, 2);
    const directory = mkdtempSync(join(tmpdir(), "paramserv-test-"));
    const marker = join(directory, "hangs");
    const { signal } = abortWhenMade(marker);
    // The engine is open for validation; the function blocks its thread at once.
    const upd = userFunction("hangs");
    const { status, statistics } = await run(net, 8, {
      upd,
      val_features,
      val_labels,
      hyperparams: { marker },
      signal,
    });
    rmSync(directory, { recursive: true });
    expect({ status, updates: statistics.updates }).toEqual({ status: "aborted", updates: 0 });
  });
});
