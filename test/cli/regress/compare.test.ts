import { describe, expect, it } from "vitest";
import { compareCode } from "../../../cli/regress/compare-code.js";
import { compareTraining } from "../../../cli/regress/compare-training.js";
import { junitXml } from "../../../cli/regress/junit.js";
import { figuresOf } from "../../../cli/regress/learn.js";
import { agrees, distance, tell } from "../../../cli/regress/numbers.js";
import { formatRecord, type TrainingRecord } from "../../../cli/regress/record.js";
import { dense, input, label, model, relu, softmaxCrossEntropy } from "../../../runtime/layers/index.js";

const x = input("x", [3]);
const y = label("y", { classes: 2 });
const hidden = relu(dense(x, { name: "first", units: 4, bias: false }));
const network = model({
  name: "Two",
  inputs: [x],
  labels: [y],
  loss: softmaxCrossEntropy(dense(hidden, { name: "second", units: 2, bias: false }), y),
});

const variable = (shape: readonly number[], size: number) => ({
  shape,
  start: 1,
  first: { norm: size, values: [size / 2, -size / 4] },
  last: { norm: 3 * size, values: [size, -size] },
});

const record: TrainingRecord = {
  rows: "synthetic",
  settings: { steps: 2, k: 2, batchsize: 8, seed: 0 },
  columns: { x: { shape: [16, 3], norm: 5 }, y: { shape: [16], norm: 3 } },
  updates: [
    { loss: 0.7, val_loss: 0.6 },
    { loss: 0.6, val_loss: 0.5 },
  ],
  weights: { "first.weight": variable([4, 3], 0.1), "second.weight": variable([2, 4], 0.2) },
};

const tolerance = { relative: 1e-4, absolute: 1e-7 };

/** Compares a copy of the record, changed at these places, with the record. */
function compare(changes: Readonly<Record<string, unknown>>) {
  const found = structuredClone(record);
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split("/");
    const last = keys.pop() ?? "";
    const owner = keys.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), found);
    Reflect.set(Object(owner), last, value);
  }
  const { findings, deviation } = compareTraining({ found, stored: record, tolerance, network });
  return { messages: findings.map(({ message }) => message), deviation };
}

describe("the comparison of trainings", () => {
  it("finds nothing between equal ones, and says how near near ones are", () => {
    expect(compare({})).toEqual({ messages: [], deviation: 0 });
    const near = compare({
      "updates/1/loss": 0.6 * (1 + 5e-5),
    });
    expect(near.messages).toEqual([]);
    expect(near.deviation).toBeCloseTo(5e-5, 8);
  });

  it("says where gradients part: at the last variable that moves otherwise", () => {
    const one = compare({
      "weights/first.weight/first/norm": 0.101,
    });
    expect(one.messages).toHaveLength(1);
    expect(one.messages[0]).toContain("changes 1 of 2 variables otherwise (first.weight)");
    expect(one.messages[0]).toContain("the gradients part at first.weight (layer first)");
    expect(one.messages[0]).toContain("second.weight and what follows it are as stored");
    const both = compare({
      "weights/first.weight/first/norm": 0.101,
      "weights/second.weight/first/values/1": 0.05,
    });
    expect(both.messages[0]).toContain("the gradients part at second.weight (layer second)");
    expect(both.messages[0]).not.toContain("as stored");
  });

  it("tells a change of later updates from one of the first", () => {
    const { messages } = compare({
      "weights/second.weight/last/norm": 1.2,
    });
    expect(messages).toEqual([
      "after 2 updates 1 of 2 variables are other ones, second.weight by a change of norm 1.2 instead of 0.6 (100 % off)",
    ]);
  });

  it("holds elements against the length of the whole change, so that small ones may round", () => {
    const { messages } = compare({
      "weights/second.weight/first/values/1": -0.05 + 6e-6,
    });
    expect(messages).toEqual([]);
  });

  it("names the first update whose figures are other ones, also those that are missing or not finite", () => {
    const other = compare({
      "updates/0": { loss: 0.7, val_loss: null, accuracy: 0.5 },
      "updates/1/loss": 7,
    });
    expect(other.messages).toEqual([
      "update 1 of 2: val_loss is not finite instead of 0.6",
      "update 1 of 2: accuracy is 0.5 instead of missing",
    ]);
  });

  it("says that weights, rows, shapes and settings are other ones", () => {
    const start = compare({
      "weights/first.weight/start": 2,
      "columns/x/norm": 6,
    });
    expect(start.messages).toEqual([
      "the rows of x are other ones: their norm is 6 instead of 5 (20 % off)",
      "first.weight starts with other weights: their norm is 2 instead of 1 (100 % off)",
    ]);
    const shape = compare({
      "weights/first.weight/shape": [3, 4],
    });
    expect(shape.messages[0]).toBe("the variable first.weight has shape [3, 4] instead of [4, 3]");
    const takes = compare({
      "columns/x/shape": [16, 5],
    });
    expect(takes.messages).toEqual(["the model takes x [16, 5], y [16], the record is of x [16, 3], y [16]"]);
    const settings = compare({
      "settings/seed": 4,
    });
    expect(settings.messages).toEqual(["trained with seed 4, the record is of seed 0"]);
  });
});

describe("the pieces of it", () => {
  it("takes numbers for equal within absolute + relative · stored, more where many are behind a norm", () => {
    const at = { relative: 0.01, absolute: 0.5 };
    expect(agrees({ found: 101.5, stored: 100 }, at)).toBe(true);
    expect(agrees({ found: 101.6, stored: 100 }, at)).toBe(false);
    expect(agrees({ found: -101.6, stored: -100 }, at)).toBe(false);
    expect(agrees({ found: 101.6, stored: 100, count: 4 }, at)).toBe(true);
    expect(agrees({ found: 102.5, stored: 100, count: 4 }, at)).toBe(false);
    expect(agrees({ found: 1, stored: 0, scale: 60 }, at)).toBe(true);
    expect(agrees({ found: Number.NaN, stored: 1 }, at)).toBe(false);
    expect(distance({ found: 3, stored: 2 })).toBe(0.5);
    expect(tell({ found: 1.5, stored: 0 })).toBe("1.5 instead of 0");
  });

  it("reads the figures of an epoch without its times, and of records within it", () => {
    const figures = figuresOf({ epoch: 1, loss: 2, seconds: 3, accuracy: Number.NaN, train: { loss: 4, seconds: 5 } });
    expect(figures).toEqual({ loss: 2, accuracy: null, "train.loss": 4 });
  });

  it("stores lists of numbers on one line, exactly", () => {
    const text = formatRecord({ format: 1, files: ["a"], training: record });
    expect(text).toContain('"values": [0.05, -0.025]');
    expect(JSON.parse(text)).toEqual({ format: 1, files: ["a"], training: record });
  });

  it("has no package where none is stored", () => {
    expect(compareCode({ directory: "nowhere", name: "a", target: "typescript" }, new Map())).toBeUndefined();
  });

  it("escapes what XML cannot hold", () => {
    const xml = junitXml({
      event: "regress",
      directory: 'a"b<c>&\u0001\n',
      status: "failed",
      models: [],
      gone: [],
      updated: [],
    });
    expect(xml).toContain('name="a&quot;b&lt;c&gt;&amp;\ufffd&#10;"');
  });
});
