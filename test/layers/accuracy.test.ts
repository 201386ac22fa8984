import { expect, test } from "vitest";
import { accuracy, input, label } from "../../runtime/layers/index.js";
import { hashedClasses, hashedUniform } from "./hashed.js";
import { runLayer } from "./run-layer.js";

async function accuracyOf(scores: readonly (readonly number[])[], labels: readonly number[], topK = 1) {
  const classes = scores[0]?.length ?? 1;
  const y = accuracy(input("x", [classes]), label("label"), { topK });
  const { y: found, gradients } = await runLayer({
    y,
    feeds: {
      x: { data: Float32Array.from(scores.flat()), dims: [scores.length, classes] },
      label: { data: Int32Array.from(labels), dims: [labels.length] },
    },
  });
  return { share: found[0], gradient: gradients.x };
}

/** Caffe's rule, one row at a time: #{k: s[k] ≥ s[label]} − 1 < topK. */
function caffeAccuracy(scores: readonly (readonly number[])[], labels: readonly number[], topK: number): number {
  const correct = scores.filter((row, index) => {
    const own = row[labels[index] ?? 0] ?? Number.NaN;
    return row.filter((score) => score >= own).length - 1 < topK;
  });
  return correct.length / scores.length;
}

test("counts the rows whose label has one of the best scores", async () => {
  const rows = 40;
  const flat = hashedUniform(rows * 7, 1);
  const scores = Array.from({ length: rows }, (_, row) => [...flat.subarray(row * 7, row * 7 + 7)]);
  const labels = [...hashedClasses(rows, 7, 2)];
  for (const topK of [1, 3, 7]) {
    const { share } = await accuracyOf(scores, labels, topK);
    expect(share).toBeCloseTo(caffeAccuracy(scores, labels, topK), 6);
  }
});

test("a tie at the boundary is wrong, as in Caffe: equal scores give 0", async () => {
  const scores = [
    [1, 1, 1],
    [2, 2, 0],
    [3, 0, 0],
  ];
  for (const topK of [1, 2, 3]) {
    const { share } = await accuracyOf(scores, [0, 1, 0], topK);
    expect(share).toBeCloseTo(caffeAccuracy(scores, [0, 1, 0], topK), 6);
  }
  expect((await accuracyOf([[1, 1, 1]], [0])).share).toBe(0);
});

test("infinite scores count, rows with NaN are wrong", async () => {
  const { NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high, NaN: none } = Number;
  expect(
    (
      await accuracyOf(
        [
          [low, 0, high],
          [low, 1, 0],
        ],
        [2, 1],
      )
    ).share,
  ).toBe(1);
  expect(
    (
      await accuracyOf(
        [
          [none, none, none],
          [0, 1, 0],
        ],
        [0, 1],
      )
    ).share,
  ).toBe(0.5);
});

test("no gradient goes through it", async () => {
  expect([...((await accuracyOf([[1, 2]], [1])).gradient ?? [])]).toEqual([0, 0]);
});
