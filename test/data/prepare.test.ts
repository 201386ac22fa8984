import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PrepareOptions } from "../../runtime/data/prepare-dataset.js";
import type { DataShapes, LabelShape } from "../../runtime/data/shapes.js";
import type { Dataset } from "../../runtime/data/types.js";
import { datasetFrom, fixture, pairOf, prepareDataset, problemsOf, readDataset } from "./files.js";

function datasetOf(shape: readonly number[], values?: readonly number[]): Dataset {
  const length = shape.reduce((count, dim) => count * dim, 1);
  const data = Float32Array.from(values ?? Array.from({ length }, (_, index) => index));
  return datasetFrom({ shape, data }, { shape: [shape[0] ?? 0], data: new Int32Array(shape[0] ?? 0) });
}

interface Options extends Omit<PrepareOptions, keyof DataShapes> {
  readonly inputShape: readonly number[];
  readonly classes?: number;
  readonly targetShape?: readonly number[];
}

/** Prepares a dataset of one input and one label, and gives its columns. */
async function prepared(dataset: Dataset, { inputShape, classes, targetShape, ...options }: Options) {
  const classLabel: LabelShape = { shape: [], dtype: "int32", ...(classes === undefined ? {} : { classes }) };
  const label: LabelShape = targetShape === undefined ? classLabel : { shape: targetShape, dtype: "float32" };
  const shapes = { inputs: { data: { shape: inputShape, dtype: "float32" } }, labels: { label } } as const;
  const result = await prepareDataset(dataset, { ...shapes, ...options });
  expect([Object.keys(result.features), Object.keys(result.labels)]).toEqual([["data"], ["label"]]);
  return { ...pairOf(result), notes: result.notes };
}

interface Recorded {
  readonly cases: readonly { readonly size: readonly [number, number]; readonly values: readonly number[] }[];
}

describe("preparing a dataset", () => {
  const { cases } = JSON.parse(readFileSync(fixture("resize.json"), "utf8")) as Recorded;
  it.each(cases.map(({ size, values }) => [size.join("×"), size, values] as const))(
    "resizes 7×5 images to %s as PyTorch does",
    async (_, size, values) => {
      const input = Array.from({ length: 2 * 2 * 7 * 5 }, (_value, i) => ((i * 37) % 23) - 5);
      const { features, notes } = await prepared(datasetOf([2, 2, 7, 5], input), { inputShape: [2, ...size] });
      expect(features.shape).toEqual([2, 2, ...size]);
      const worst = Math.max(...values.map((value, index) => Math.abs(value - (features.data[index] ?? Number.NaN))));
      expect(worst).toBeLessThan(2e-5);
      expect(notes).toEqual([`rows of shape [2,7,5] are resized to [2,${size.join(",")}] (bilinear)`]);
    },
  );

  it("reads axes that could be either, and flat rows, as the layout says", async () => {
    const last = { layout: "channels_last", inputShape: [2, 2, 2] } as const;
    // Pixel by pixel, each with its two channels.
    const turned = [0, 2, 4, 6, 1, 3, 5, 7];
    for (const shape of [
      [1, 2, 2, 2],
      [1, 8],
    ]) {
      const { features, notes } = await prepared(datasetOf(shape), last);
      expect([...features.data]).toEqual(turned);
      expect(notes).toHaveLength(1);
      const { features: first } = await prepared(datasetOf(shape), { inputShape: [2, 2, 2] });
      expect([...first.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    }
    const one = await prepared(datasetOf([1, 4]), { layout: "channels_last", inputShape: [1, 2, 2] });
    expect([...one.features.data]).toEqual([0, 1, 2, 3]);
  });

  it("brings the digits to LeNet's input in shared memory", async () => {
    const dataset = await readDataset(fixture("digits.npz"));
    const digits = pairOf(dataset);
    const { features, labels } = await prepared(dataset, {
      inputShape: [1, 28, 28],
      scale: 1 / 16,
      classes: 10,
    });
    expect(features.shape).toEqual([1797, 1, 28, 28]);
    expect(features.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(labels.data).toBe(digits.labels.data);
    // No row may be lost or repeated where chunks meet, at 1337 rows of 784 floats: a row alone must equal the row among all.
    const alone = (row: number) =>
      datasetFrom(
        { shape: [1, 8, 8], data: digits.features.data.slice(row * 64, row * 64 + 64) },
        { shape: [1], data: Int32Array.of(0) },
      );
    for (const row of [0, 1336, 1337, 1796]) {
      const single = await prepared(alone(row), { inputShape: [1, 28, 28], scale: 1 / 16 });
      expect(features.data.slice(row * 784, row * 784 + 784)).toEqual(Float32Array.from(single.features.data));
    }
  });

  it("subtracts the mean before it scales, for all channels or for each", async () => {
    const whole = await prepared(datasetOf([1, 2, 1, 2]), { inputShape: [2, 1, 2], mean: 1, scale: 0.5 });
    expect([...whole.features.data]).toEqual([-0.5, 0, 0.5, 1]);
    const each = await prepared(datasetOf([2, 2, 1, 2]), { inputShape: [2, 1, 2], mean: [0, 2], scale: 2 });
    expect([...each.features.data]).toEqual([0, 2, 0, 2, 8, 10, 8, 10]);
  });

  it.each([
    ["single-channel images without their channel", [2, 2, 3], [1, 2, 3], undefined, []],
    ["flat rows", [2, 6], [1, 2, 3], undefined, ["rows of shape [6] are read as [1,2,3]"]],
    ["images for a flat input", [2, 2, 3], [6], undefined, ["rows of shape [2,3] are read as [6]"]],
    ["flat rows of a stated shape", [2, 6], [1, 2, 3], [1, 2, 3], []],
  ] as const)("accepts %s", async (_, shape, inputShape, sampleShape, notes) => {
    const result = await prepared(datasetOf(shape), { inputShape, sampleShape });
    expect(result.features.shape).toEqual([2, ...inputShape]);
    expect([...result.features.data]).toEqual(Array.from({ length: 12 }, (_value, index) => index));
    expect(result.notes).toEqual(notes);
  });

  it("turns channels-last images, alone and before resizing", async () => {
    const turned = await prepared(datasetOf([1, 2, 2, 3]), { inputShape: [3, 2, 2] });
    expect([...turned.features.data]).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    expect(turned.notes).toEqual(["rows of shape [2,2,3] are read as images with the channels last"]);
    const resized = await prepared(datasetOf([1, 2, 2, 3]), { inputShape: [3, 1, 1] });
    expect([...resized.features.data]).toEqual([4.5, 5.5, 6.5]);
    // Where every axis could be the channels, the shape that needs no change wins.
    expect((await prepared(datasetOf([1, 3, 3, 3]), { inputShape: [3, 3, 3] })).notes).toEqual([]);
  });

  it("reads flat rows as images of another size when it is told their shape", async () => {
    const result = await prepared(datasetOf([2, 4]), { inputShape: [1, 1, 1], sampleShape: [1, 2, 2] });
    expect([...result.features.data]).toEqual([1.5, 5.5]);
    expect(await problemsOf(prepared(datasetOf([2, 4]), { inputShape: [1, 1, 1], sampleShape: [1, 3, 2] }))).toEqual([
      "DATA_SHAPE_MISMATCH rows of shape [4] have 4 values, expected 6 for the sample shape [1,3,2]",
    ]);
  });

  it("turns whole numbers to float32 targets, and to one-hot targets where the network wants one a class", async () => {
    const features = { shape: [3, 1], data: new Float32Array(3) };
    const dataset = datasetFrom(features, { shape: [3], data: Int32Array.of(2, 0, 1) });
    const column = await prepared(dataset, { inputShape: [1], targetShape: [1] });
    expect(column.labels.shape).toEqual([3, 1]);
    expect(column.labels.data).toEqual(Float32Array.from(column.labels.data));
    const oneHot = await prepared(dataset, { inputShape: [1], targetShape: [3] });
    expect([...oneHot.labels.data]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0]);
    expect(oneHot.notes).toEqual(["class numbers are turned to one-hot targets of 3"]);
    expect(await problemsOf(prepared(dataset, { inputShape: [1], targetShape: [2] }))).toEqual([
      "DATA_LABELS_INVALID labels have shape [3], expected targets of shape [3,2]",
    ]);
  });

  it("reports everything that does not fit at once, before any work", async () => {
    const dataset = datasetFrom(
      { shape: [4, 5], data: new Float32Array(20) },
      { shape: [3], data: Int32Array.of(1, 10, -1) },
    );
    const options = { inputShape: [3, 4, 4], classes: 10, mean: [1, 2], scale: Number.NaN };
    expect(await problemsOf(prepared(dataset, options))).toEqual([
      "DATA_ROWS_MISMATCH features have 4 rows and labels 3, expected as many of each",
      "DATA_OPTION_INVALID scale is NaN, expected a finite number",
      "DATA_OPTION_INVALID mean has 2 numbers, expected one or 3, one a channel",
      "DATA_SHAPE_MISMATCH features have rows of shape [5], expected [3,4,4], or images [3,height,width] or [height,width,3], or flat rows of 48",
      "DATA_LABELS_INVALID 2 of 3 labels are out of range, the first is 10 in row 1, expected class numbers from 0 to 9",
    ]);
    const labelled = (data: Int32Array | Float32Array) => ({
      ...datasetOf([2, 1]),
      labels: { labels: { shape: [2], data } },
    });
    const counted = labelled(Int32Array.of(1, 2));
    await expect(prepared(counted, { inputShape: [1], classes: 2 })).rejects.toThrow(/seem to count from 1/);
    const targets = labelled(Float32Array.of(1, 0.5));
    expect(await problemsOf(prepared(targets, { inputShape: [1], classes: 2 }))).toEqual([
      "DATA_LABELS_INVALID labels are not whole numbers: row 1 has 0.5, expected class numbers from 0 to 1",
    ]);
    expect((await problemsOf(prepared(datasetOf([0, 1]), { inputShape: [1] })))[0]).toMatch(/^DATA_EMPTY/);
  });
});
