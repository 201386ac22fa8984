import {
  dense,
  gradientsOf,
  input,
  meanSquaredError,
  model,
  type ParamservOptions,
  paramserv,
  sgd,
  type TrainingEvent,
  target,
} from "paramserv";
import { describe, expect, it } from "vitest";
import { noise } from "./fixtures.js";

const [rows, columns] = [64, 3];

function network() {
  const [x, wanted] = [input("x", [columns]), target("wanted", [1])];
  const y = dense(x, { name: "fc", units: 1 });
  return model({ name: "line", inputs: [x], labels: [wanted], loss: meanSquaredError(y, wanted), outputs: { y } });
}

const net = network();
const some = (seed: number, count: number) => ({
  features: { shape: [count, columns], data: noise(count * columns, seed) },
  labels: { shape: [count, 1], data: noise(count, seed + 1) },
});
const validation = some(5, 10);

function optionsOf(changes: Partial<ParamservOptions>): ParamservOptions {
  return {
    model: net,
    ...some(1, rows),
    val_features: validation.features,
    val_labels: validation.labels,
    upd: gradientsOf(net),
    agg: sgd({ learningRate: 0.01 }),
    utype: "BSP",
    freq: "BATCH",
    epochs: 3,
    batchsize: 8,
    k: 2,
    ...changes,
  };
}

const run = (changes: Partial<ParamservOptions> = {}) => paramserv(optionsOf(changes));

/** Mean of (w · x + b − y)² over the validation rows, by a loop. */
function lossOf(weights: Awaited<ReturnType<typeof run>>["model"]): number {
  const [w, [b = 0]] = [weights["fc.weight"]?.data ?? [], weights["fc.bias"]?.data ?? []];
  const { features, labels } = validation;
  const errors = [...labels.data].map((wanted, row) => {
    const own = features.data.subarray(row * columns, (row + 1) * columns);
    return own.reduce((sum, value, index) => sum + value * (w[index] ?? 0), b) - wanted;
  });
  return errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
}

/** Aborts at the first event for which this is so. */
function abortAt(when: (event: TrainingEvent) => boolean): Pick<ParamservOptions, "signal" | "onEvent"> {
  const controller = new AbortController();
  return { signal: controller.signal, onEvent: (event) => when(event) && controller.abort() };
}

describe("the weights that a run keeps", () => {
  it("are those of the last update, with the last epoch's validation", async () => {
    const { run: record, epochs, model: weights } = await run();
    const loss = epochs.at(-1)?.validation?.loss;
    // 64 rows over two workers: 4 batches of 8 each an epoch.
    expect(record.kept).toEqual({ update: 12, updates: 12, epoch: 3, validation: { loss } });
    expect(loss).toBeCloseTo(lossOf(weights), 5);
    expect(record.options).toMatchObject({ utype: "BSP", k: 2, batchsize: 8, upd: "gradients", seed: 0 });
    expect(record.options.agg).toMatchObject({ kind: "optimizer", type: "sgd" });
    expect(record.program).toMatch(/^[0-9a-f]{64}$/);
  });

  it("count each push as an update under ASP", async () => {
    const { run: record } = await run({ utype: "ASP" });
    expect(record.kept).toMatchObject({ update: 24, updates: 24, epoch: 3 });
  });

  it("are validated where the run was stopped in the middle of an epoch", async () => {
    const stop = abortAt((event) => event.event === "progress" && event.epoch >= 2);
    const { status, run: record, model: weights, epochs, statistics } = await run({ epochs: 1_000_000, ...stop });
    expect(status).toBe("aborted");
    const { kept } = record;
    expect(kept.update).toBe(statistics.updates);
    expect(kept.updates).toBe(4_000_000);
    expect([epochs.length, epochs.length + 1]).toContain(kept.epoch);
    expect(kept.validation?.loss).toBeCloseTo(lossOf(weights), 5);
  });

  it("are not validated without data to validate with, and are those of the start before the first update", async () => {
    const middle = abortAt(({ event }) => event === "epoch");
    const { val_features: _features, val_labels: _labels, ...rest } = optionsOf({ epochs: 1_000_000, ...middle });
    const { run: record } = await paramserv(rest);
    expect(record.kept.update).toBeGreaterThan(0);
    expect(record.kept).not.toHaveProperty("validation");
    const early = await run(abortAt(({ event }) => event === "start"));
    expect(early.run.kept).toEqual({ update: 0, updates: 12, epoch: 0 });
  });
});
