import { gradientsOf, type ParamservOptions, type ParamservResult, paramserv, sgd } from "paramserv";
import { beforeAll, describe, expect, test } from "vitest";
import { ignored, rowsOfDigits, twoInputs } from "./network.js";

let data: Awaited<ReturnType<typeof rowsOfDigits>>;
beforeAll(async () => {
  data = await rowsOfDigits(360);
});

function run(norm: "batch" | "layer" | "none", changes: Partial<ParamservOptions>): Promise<ParamservResult> {
  const network = twoInputs({ norm });
  return paramserv({
    model: network,
    ...data,
    upd: gradientsOf(network),
    agg: sgd({ learningRate: 0.05, momentum: 0.9 }),
    utype: "BSP",
    freq: "BATCH",
    scheme: "DISJOINT_ROUND_ROBIN",
    epochs: 2,
    batchsize: 24,
    k: 1,
    seed: 3,
    ...changes,
  });
}

function largestDifference(a: ParamservResult, b: ParamservResult): number {
  expect(Object.keys(a.model)).toEqual(Object.keys(b.model));
  const differences = Object.entries(a.model).flatMap(([name, { data: values }]) =>
    Array.from(values, (value, index) => Math.abs(value - (b.model[name]?.data[index] ?? Number.NaN))),
  );
  return differences.reduce((most, value) => Math.max(most, value), 0);
}

describe("an image and tokens, a shared table, batch normalization, two weighted losses, one masked", () => {
  test("are learned together, and validated with the running statistics", async () => {
    const { epochs, model } = await run("batch", {
      epochs: 25,
      k: 2,
      batchsize: 12,
      reshuffle: true,
      val_features: data.features,
      val_labels: data.labels,
    });
    const last = epochs.at(-1);
    for (const means of [last?.train, last?.validation]) {
      expect(means?.digit_accuracy).toBeGreaterThan(0.9);
      expect(means?.next_accuracy).toBeGreaterThan(0.9);
    }
    for (const { loss, digit_loss = 0, next_loss = 0 } of epochs.map(({ train }) => train))
      expect(loss).toBeCloseTo(digit_loss + next_loss / 2, 6);
    expect(Object.keys(model).sort()).toEqual([
      "both.bias",
      "both.weight",
      "conv1.bias",
      "conv1.weight",
      "norm1.bias",
      "norm1.running_mean",
      "norm1.running_var",
      "norm1.weight",
      "scores.bias",
      "scores.weight",
      "words",
    ]);
    expect(Math.max(...(model["norm1.running_mean"]?.data ?? []).map(Math.abs))).toBeGreaterThan(0.01);
  });

  test.each(["layer", "none"] as const)("k workers equal one with k times the batch: %s", async (norm) => {
    for (const k of [2, 3]) {
      const [one, many] = [await run(norm, { batchsize: 24 }), await run(norm, { k, batchsize: 24 / k })];
      expect(largestDifference(one, many)).toBeLessThan(1e-5);
    }
  });

  test("the metrics leave masked rows out of sum and count", async () => {
    const { epochs } = await run("none", { epochs: 1, agg: sgd({ learningRate: 0 }) });
    const next = data.labels.next?.data ?? [];
    const counted = next.filter((value) => value !== ignored).length;
    const share = (epochs[0]?.train.next_accuracy ?? 0) * counted;
    expect(Math.abs(share - Math.round(share))).toBeLessThan(1e-4);
  });
});
