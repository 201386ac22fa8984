import { describe, expect, it } from "vitest";
import type { PrepareOptions } from "../../runtime/data/prepare-dataset.js";
import type { DataShapes } from "../../runtime/data/shapes.js";
import type { Dataset, NDArray } from "../../runtime/data/types.js";
import {
  dense,
  dropout,
  embedding,
  input,
  label,
  meanSquaredError,
  model,
  onnx,
  softmaxCrossEntropy,
  target,
} from "../../runtime/layers/index.js";
import { compile } from "../../runtime/program/index.js";
import { dataShapes } from "../../runtime/script/data-shapes.js";
import { datasetFrom, prepareDataset, problemsOf } from "./files.js";

const floats = (shape: readonly number[], first = 0): NDArray => {
  const length = shape.reduce((size, dim) => size * dim, 1);
  return { shape, data: Float32Array.from({ length }, (_, index) => first + index) };
};
const whole = (shape: readonly number[], first = 0): NDArray => ({
  shape,
  data: Int32Array.from(floats(shape, first).data),
});

const shapes = {
  inputs: {
    image: { shape: [2, 1, 2], dtype: "float32" },
    tokens: { shape: ["T"], dtype: "int32" },
    weight: { shape: [], dtype: "float32" },
  },
  labels: {
    digit: { shape: [], dtype: "int32", classes: 4 },
    words: { shape: ["T"], dtype: "int32", classes: 9, ignored: -1 },
    offset: { shape: ["T", 2], dtype: "float32" },
  },
} as const satisfies DataShapes;

const dataset = {
  features: { image: floats([3, 2, 1, 2]), tokens: whole([3, 4]), weight: floats([3]) },
  labels: { digit: whole([3], 1), words: whole([3, 4], -1), offset: floats([3, 4, 2]) },
} as const satisfies Dataset;

/** The words beyond 8 are out of range. */
const fitting = {
  ...dataset,
  labels: { ...dataset.labels, words: { shape: [3, 4], data: new Int32Array(12).fill(-1) } },
};

const prepared = (given: Dataset, options: Partial<PrepareOptions> = {}) =>
  prepareDataset(given, { ...shapes, ...options });

describe("preparing several columns", () => {
  it("does for each what its input or label takes, in shared memory", async () => {
    const result = await prepared(fitting, { scale: { image: 2 }, mean: { image: [1, 0], weight: 1 } });
    expect([...(result.features.image?.data ?? [])]).toEqual([-2, 0, 4, 6, 6, 8, 12, 14, 14, 16, 20, 22]);
    expect(result.features.tokens).toEqual({ shape: [3, 4], data: expect.any(Int32Array) });
    expect([...(result.features.tokens?.data ?? [])]).toEqual([...dataset.features.tokens.data]);
    expect([...(result.features.weight?.data ?? [])]).toEqual([-1, 0, 1]);
    expect(result.labels.offset).toMatchObject({ shape: [3, 4, 2] });
    for (const { data } of Object.values({ ...result.features, ...result.labels })) {
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
    expect(result.notes).toEqual([]);
  });

  it("holds a named length to one value over inputs and labels", async () => {
    const differing = {
      features: { ...fitting.features, tokens: whole([3, 5]) },
      labels: { ...fitting.labels },
    };
    expect(await problemsOf(prepared(differing))).toEqual([
      'DATA_LABELS_INVALID labels "words" have shape [3,4], expected class numbers from 0 to 8, or -1 for none, [T] a row: axis 0 is 4, expected T = 5',
      'DATA_LABELS_INVALID labels "offset" have shape [3,4,2], expected targets of shape [3,T,2]: axis 0 is 4, expected T = 5',
    ]);
    const two = {
      inputs: { a: { shape: ["T"], dtype: "int32" }, b: { shape: ["2T + 1"], dtype: "float32" } },
      labels: {},
    } as const;
    const halves = (a: number, b: number): Dataset => ({
      features: { a: whole([2, a]), b: floats([2, b]) },
      labels: {},
    });
    expect((await prepareDataset(halves(3, 7), two)).features.b?.shape).toEqual([2, 7]);
    expect(await problemsOf(prepareDataset(halves(3, 6), two))).toEqual([
      'DATA_SHAPE_MISMATCH the input "b" has rows of shape [6], expected [2T + 1]: axis 0 is 6, expected 2T + 1 = 7',
    ]);
    expect(
      await problemsOf(prepareDataset({ ...halves(3, 7), features: { a: whole([2, 3, 1]), b: floats([2, 7]) } }, two)),
    ).toEqual([
      expect.stringMatching(/^DATA_SHAPE_MISMATCH the input "a" has rows of shape \[3,1\], expected \[T\]: /),
    ]);
  });

  it("names the column in every problem and note", async () => {
    const wrong: Dataset = {
      features: { image: floats([3, 1, 2, 2]), tokens: floats([3, 4], 0.5), weight: floats([2]) },
      labels: { digit: whole([3], 2), words: whole([3, 4]), offset: floats([3, 4, 3]) },
    };
    const scaled = { scale: { tokens: 2 }, mean: 1 };
    expect(await problemsOf(prepared(wrong, scaled))).toEqual([
      'DATA_ROWS_MISMATCH features "image" have 3 rows and features "weight" 2, expected as many of each',
      'DATA_OPTION_INVALID scale is given for "tokens", expected a float input: image, weight',
      "DATA_OPTION_INVALID mean is one for all and the network has 2 float inputs, expected it by input: { image: … }",
      'DATA_NOT_INTEGER the input "tokens" holds 0.5 in row 0 at position 0, expected whole numbers that fit int32',
      'DATA_NOT_INTEGER the input "tokens" holds 4.5 in row 1 at position 0, expected whole numbers that fit int32',
      'DATA_NOT_INTEGER the input "tokens" holds 8.5 in row 2 at position 0, expected whole numbers that fit int32',
      'DATA_LABELS_INVALID 1 of 3 labels "digit" are out of range, the first is 4 in row 2, expected class numbers from 0 to 3',
      'DATA_LABELS_INVALID 3 of 12 labels "words" are out of range, the first is 9 in row 2, expected class numbers from 0 to 8, or -1 for none, [T] a row',
      'DATA_LABELS_INVALID labels "offset" have shape [3,4,3], expected targets of shape [3,T,2]: axis 1 is 3, expected 2',
    ]);
    const turned = await prepared({ ...fitting, features: { ...fitting.features, image: floats([3, 1, 2, 2]) } });
    expect(turned.notes).toEqual(['input "image": rows of shape [1,2,2] are read as images with the channels last']);
  });

  it("wants every column under its name, and leaves out what the network has not", async () => {
    const { image, ...others } = dataset.features;
    const renamed = { features: { ...others, picture: image }, labels: fitting.labels };
    expect(await problemsOf(prepared(renamed))).toEqual([
      'DATA_ARRAY_MISSING the data have no column for the input "image", found "tokens", "weight", "picture"',
    ]);
    expect(await problemsOf(prepared({ features: dataset.features, labels: {} }))).toEqual([
      ...["digit", "words", "offset"].map(
        (name) => `DATA_ARRAY_MISSING the data have no column for the label "${name}", found none`,
      ),
    ]);
    const more = await prepared({ ...fitting, features: { ...fitting.features, sound: floats([3, 1]) } });
    expect(Object.keys(more.features)).toEqual(["image", "tokens", "weight"]);
    expect(more.notes).toEqual(['the column "sound" is left out: the network has no such input']);
  });

  it("reshapes whole numbers, and neither turns nor resizes them", async () => {
    const ints = { inputs: { board: { shape: [2, 3, 3], dtype: "int32" } }, labels: {} } as const;
    const given = (shape: readonly number[]) => ({ features: { board: whole(shape) }, labels: {} });
    const flat = await prepareDataset(given([2, 18]), ints);
    expect(flat.features.board?.shape).toEqual([2, 2, 3, 3]);
    expect(flat.notes).toEqual(["rows of shape [18] are read as [2,3,3]"]);
    for (const shape of [
      [2, 3, 3, 2],
      [2, 2, 6, 6],
    ]) {
      expect(await problemsOf(prepareDataset(given(shape), ints))).toEqual([
        `DATA_SHAPE_MISMATCH features have rows of shape [${shape.slice(1).join(",")}], expected [2,3,3]`,
      ]);
    }
  });

  it("turns whole numbers to floats and floats without fractions to whole numbers", async () => {
    const one = (dtype: "float32" | "int32") => ({ inputs: { x: { shape: [2], dtype } }, labels: {} });
    const asFloats = await prepareDataset(
      { features: { x: whole([2, 2]) }, labels: {} },
      { ...one("float32"), scale: 0.5 },
    );
    expect(asFloats.features.x?.data).toEqual(Float32Array.from(asFloats.features.x?.data ?? []));
    expect([...(asFloats.features.x?.data ?? [])]).toEqual([0, 0.5, 1, 1.5]);
    const plain = await prepareDataset({ features: { x: whole([2, 2]) }, labels: {} }, one("float32"));
    expect(plain.features.x?.data).toBeInstanceOf(Float32Array);
    const asWhole = await prepareDataset({ features: { x: floats([2, 2]) }, labels: {} }, one("int32"));
    expect(asWhole.features.x?.data).toBeInstanceOf(Int32Array);
    expect([...(asWhole.features.x?.data ?? [])]).toEqual([0, 1, 2, 3]);
    expect(
      await problemsOf(prepareDataset({ features: { x: floats([2, 2]) }, labels: {} }, { ...one("int32"), scale: 2 })),
    ).toEqual(["DATA_OPTION_INVALID scale is given and the network has no float input"]);
  });

  it("takes the shape of a row of the one float input, or by its name", async () => {
    const { weight: _, ...inputs } = shapes.inputs;
    const labels = { digit: shapes.labels.digit };
    const given = {
      features: { image: floats([3, 8]), tokens: whole([3, 4]) },
      labels: { digit: whole([3]) },
    };
    for (const sampleShape of [[2, 2, 2], { image: [2, 2, 2] }]) {
      const result = await prepareDataset(given, { inputs, labels, sampleShape });
      expect(result.features.image?.shape).toEqual([3, 2, 1, 2]);
      expect(result.notes).toEqual(['input "image": rows of shape [2,2,2] are resized to [2,1,2] (bilinear)']);
    }
  });

  it("lets a label be ignored", async () => {
    const labels = { y: { shape: [], dtype: "int32", classes: 3, ignored: 255 } } as const;
    const one = { inputs: { x: { shape: [1], dtype: "float32" } }, labels } as const;
    const given = (values: readonly number[]) =>
      datasetFrom(floats([values.length, 1]), { shape: [values.length], data: Int32Array.from(values) });
    expect([...((await prepareDataset(given([0, 255, 2]), one)).labels.y?.data ?? [])]).toEqual([0, 255, 2]);
    expect(await problemsOf(prepareDataset(given([0, 255, 3]), one))).toEqual([
      "DATA_LABELS_INVALID 1 of 3 labels are out of range, the first is 3 in row 2, expected class numbers from 0 to 2, or 255 for none",
    ]);
  });
});

describe("the shapes of a program's columns", () => {
  it("are those of its feeds, masks and normalizers left out", async () => {
    const image = input("image", [1, 2, 2]);
    const tokens = input("tokens", ["T"], { dtype: "int64" });
    const digit = label("digit");
    const place = target("place", [2]);
    const words = onnx.ReduceMean(embedding(tokens, { name: "words", rows: 9, units: 4 }), [1], { keepdims: 0 });
    const seen = dropout(dense(image, { name: "seen", units: 4 }));
    const both = onnx.Concat([seen, words], { axis: 1 });
    const network = model({
      name: "two",
      inputs: [image, tokens],
      labels: [digit, place],
      losses: {
        class: softmaxCrossEntropy(dense(both, { name: "scores", units: 3 }), digit, { ignoreLabel: 7 }),
        offset: meanSquaredError(dense(both, { name: "moved", units: 2 }), place),
      },
    });
    expect(dataShapes(compile(network))).toEqual({
      inputs: { image: { shape: [1, 2, 2], dtype: "float32" }, tokens: { shape: ["T"], dtype: "int64" } },
      labels: {
        digit: { shape: [], dtype: "int32", classes: 3, ignored: 7 },
        place: { shape: [2], dtype: "float32" },
      },
    });
  });

  it("keep a name that every object has", () => {
    const feeds = ["__proto__", "constructor"].map((name) => ({
      kind: "features" as const,
      name,
      dtype: "float32" as const,
      shape: [1],
    }));
    expect(Object.keys(dataShapes({ feeds }).inputs)).toEqual(["__proto__", "constructor"]);
  });
});
