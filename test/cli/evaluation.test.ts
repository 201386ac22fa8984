import { describe, expect, it } from "vitest";
import { Confusion } from "../../cli/evaluate/confusion.js";
import { type Evaluation, evaluateRows } from "../../cli/evaluate/evaluate-rows.js";
import { evaluationEvent, formatEvaluation } from "../../cli/evaluate/report.js";
import { csvTable } from "../../cli/predict/csv-table.js";
import { predictRows } from "../../cli/predict/predict-rows.js";
import { topClasses } from "../../cli/predict/top-classes.js";
import {
  accuracy,
  binaryAccuracy,
  input,
  label,
  meanSquaredError,
  model,
  onnx,
  softmaxCrossEntropy,
  target,
  variable,
} from "../../runtime/layers/index.js";
import { readResult, saveResult } from "../../runtime/results/index.js";
import { temporaryDirectory } from "../data/files.js";
import { result } from "../report/runs.js";

const { path: root } = temporaryDirectory();
const text = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString();

/** Scores of 3 classes at 2 places a row, a yes or no, and a number: a label of each kind. */
async function severalKinds(options: { readonly threshold?: number } = { threshold: 0.25 }) {
  const [pixels, flag] = [input("pixels", [3, 2]), input("flag", [1])];
  const gain = variable("gain", [1]);
  const [kinds, yes, size] = [
    label("kinds", { shape: [2], classes: 3 }),
    label("yes", { shape: [1] }),
    target("size", [1]),
  ];
  const [scores, odds] = [onnx.Mul(pixels, gain), onnx.Mul(flag, gain)];
  const network = model({
    name: "kinds",
    inputs: [pixels, flag],
    labels: [kinds, yes, size],
    losses: {
      kinds_loss: softmaxCrossEntropy(scores, kinds, { ignoreLabel: 9 }),
      size_loss: meanSquaredError(odds, size),
    },
    lossWeights: { size_loss: 0.5 },
    metrics: {
      right: accuracy(scores, kinds, { ignoreLabel: 9 }),
      sure: binaryAccuracy(odds, yes, options),
    },
    outputs: { scores, odds },
  });
  const weights = { gain: { shape: [1], data: Float32Array.of(2) } };
  const run = result({ model: weights });
  const resolved = { ...run.run.options, batchsize: 2, k: 2 };
  await saveResult({ directory: root, network, result: { ...run, run: { ...run.run, options: resolved } } });
  return readResult(root);
}

// Row by row: the classes' scores at the first place, then at the second, in turn.
const rows = [
  {
    scores: [
      [1, 0, 0],
      [0, 0, 3],
    ],
    kinds: [0, 1],
    flag: 0.5,
    yes: 1,
    size: 1,
  },
  {
    scores: [
      [0, 2, 0],
      [1, 0, 0],
    ],
    kinds: [1, 9],
    flag: 0.1,
    yes: 1,
    size: 0,
  },
  {
    scores: [
      [0, 0, 1],
      [0, 1, 0],
    ],
    kinds: [0, 1],
    flag: 0.2,
    yes: 0,
    size: 1,
  },
  {
    scores: [
      [0, 1, 0],
      [0, 0, 1],
    ],
    kinds: [9, 2],
    flag: -1,
    yes: 0,
    size: -2,
  },
  {
    scores: [
      [5, 1, 0],
      [0, 1, 0],
    ],
    kinds: [0, 0],
    flag: 3,
    yes: 0,
    size: 6,
  },
];
const floats = (list: readonly number[], ...shape: readonly number[]) => ({
  shape: [rows.length, ...shape],
  data: Float32Array.from(list),
});
const wholes = (list: readonly number[], ...shape: readonly number[]) => ({
  shape: [rows.length, ...shape],
  data: Int32Array.from(list),
});
const dataset = {
  features: {
    pixels: floats(
      rows.flatMap(({ scores: [a = [], b = []] }) => a.flatMap((score, index) => [score, b[index] ?? 0])),
      3,
      2,
    ),
    flag: floats(
      rows.map(({ flag }) => flag),
      1,
    ),
  },
  labels: {
    kinds: wholes(
      rows.flatMap(({ kinds }) => kinds),
      2,
    ),
    yes: wholes(
      rows.map(({ yes }) => yes),
      1,
    ),
    size: floats(
      rows.map(({ size }) => size),
      1,
    ),
  },
};

describe("an evaluation of labels of every kind", () => {
  it("gives the figures that loops give, without the places that have no label", async () => {
    const found = await evaluateRows(await severalKinds(), dataset);
    const places = rows.flatMap(({ scores, kinds }) =>
      scores.map((own, place) => ({ own: own.map((score) => 2 * score), kind: kinds[place] ?? 9 })),
    );
    const counted = places.filter(({ kind }) => kind !== 9);
    const losses = counted.map(({ own, kind }) => {
      return Math.log(own.reduce((sum, score) => sum + Math.exp(score), 0)) - (own[kind] ?? 0);
    });
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const size = mean(rows.map((row) => (2 * row.flag - row.size) ** 2));
    expect(found.rows).toBe(5);
    expect(found.figures.kinds_loss).toBeCloseTo(mean(losses), 5);
    expect(found.figures.size_loss).toBeCloseTo(size, 5);
    expect(found.figures.loss).toBeCloseTo(mean(losses) + 0.5 * size, 5);
    expect(found.figures.right).toBeCloseTo(5 / 8, 6);
    expect(Object.keys(found.labels)).toEqual(["kinds", "yes"]);
    expect(found.labels.kinds?.accuracy).toBe(5 / 8);
    expect(found.labels.kinds?.cells).toEqual([
      { actual: 0, told: 0, count: 2 },
      { actual: 0, told: 1, count: 1 },
      { actual: 0, told: 2, count: 1 },
      { actual: 1, told: 1, count: 2 },
      { actual: 1, told: 2, count: 1 },
      { actual: 2, told: 2, count: 1 },
    ]);
    // Twice the flag is above a quarter: yes, no, yes, no, yes.
    expect(found.labels.yes?.cells).toEqual([
      { actual: 0, told: 0, count: 1 },
      { actual: 0, told: 1, count: 2 },
      { actual: 1, told: 0, count: 1 },
      { actual: 1, told: 1, count: 1 },
    ]);
    expect(found.figures.sure).toBe(found.labels.yes?.accuracy);
  });

  it("tells the first of equal scores, and takes the metric's own default for a threshold", async () => {
    const level = { ...dataset.features, pixels: { shape: [5, 3, 2], data: new Float32Array(30) } };
    const { labels } = await evaluateRows(await severalKinds({}), { ...dataset, features: level });
    expect(new Set(labels.kinds?.cells.map(({ told }) => told))).toEqual(new Set([0]));
    // Twice the flag is above a half: yes, no, no, no, yes.
    expect(labels.yes?.count(0, 0)).toBe(2);
    expect(labels.yes?.count(0, 1)).toBe(1);
  });

  it("and predictions hold every output of every row, in order", async () => {
    const kinds = await severalKinds();
    const outputs = await predictRows(kinds, dataset);
    expect(outputs.get("scores")).toEqual(
      floats(
        [...dataset.features.pixels.data].map((score) => 2 * score),
        3,
        2,
      ),
    );
    expect(outputs.get("odds")?.shape).toEqual([5, 1]);
    const [head, first] = text(csvTable(kinds, outputs, undefined)).split("\n");
    expect(head).toBe("row,scores_0,scores_1,scores_2,scores_3,scores_4,scores_5,odds_0");
    expect(first).toBe("0,2,0,0,0,0,6,1");
    expect(text(csvTable(kinds, outputs, undefined)).split("\n")[2]).toMatch(/,0\.2$/);
  });
});

it("numbers in tables are the shortest that read back as the same float32", async () => {
  const data = Float32Array.of(0.246, 1 / 3, 1e-9, 16777216, -0.5);
  const output = { shape: [1, 5], data };
  const [, line = ""] = text(csvTable(await severalKinds(), new Map([["y", output]]), undefined)).split("\n");
  expect(line).toBe("0,0.246,0.33333334,1e-9,16777216,-0.5");
  expect(Float32Array.from(line.split(",").slice(1), Number)).toEqual(data);
});

describe("figures of classes", () => {
  it("are missing where there is nothing to divide by", () => {
    const confusion = new Confusion({ classes: 4, names: ["a", "b", "c", "d"] });
    confusion.add([0, 0, 0, 1, 2], [0, 0, 1, 1, 1]);
    expect(confusion.figures).toEqual([
      { class: 0, name: "a", precision: 1, recall: 2 / 3, f1: 0.8, support: 3 },
      { class: 1, name: "b", precision: 1 / 3, recall: 1, f1: 0.5, support: 1 },
      { class: 2, name: "c", precision: undefined, recall: 0, f1: 0, support: 1 },
      { class: 3, name: "d", precision: undefined, recall: undefined, f1: undefined, support: 0 },
    ]);
    expect(confusion.accuracy).toBe(0.6);
  });

  it("are folded where classes are many: the worst told, and the mistakes made most", () => {
    const confusion = new Confusion({ classes: 1000 });
    for (let kind = 0; kind < 50; kind++) confusion.add([kind, kind, kind], [kind, kind, kind < 30 ? kind + 1 : kind]);
    confusion.add([7, 7], [900, 900]);
    const evaluation: Evaluation = { rows: 152, figures: { loss: 1 }, labels: { kind: confusion } };
    const lines = formatEvaluation(evaluation, "Net").split("\n");
    expect(lines.find((line) => line.startsWith("7 "))).toMatch(/^7 +0\.6667 +0\.4000 +0\.5000 +5$/);
    expect(lines).toContain("30 classes that are told better are left out; --json has all");
    expect(lines[lines.findIndex((line) => line.startsWith("is")) + 1]).toMatch(/^7 +900 +2$/);
    expect(lines.at(-1)).toBe("11 mistakes that are rarer are left out; --json has all");
    expect(lines.length).toBeLessThan(60);
    const { kind } = evaluationEvent(evaluation).labels;
    expect([kind?.classes.length, kind?.confusion.length]).toEqual([1000, 81]);
  });

  it("the best classes come best first, of equal ones the lower", () => {
    const scores = { shape: [2, 4], data: Float32Array.of(1, 3, 3, 2, -1, -2, -0.5, -3) };
    expect(topClasses(scores, 3).classes).toEqual({ shape: [2, 3], data: Int32Array.of(1, 2, 3, 2, 0, 1) });
    expect(topClasses(scores, 9).scores.shape).toEqual([2, 4]);
    expect(topClasses(scores, 1).scores.data).toEqual(Float32Array.of(3, -0.5));
  });
});
