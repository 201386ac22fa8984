import { describe, expect, it } from "vitest";
import type { DataShapes } from "../../runtime/data/shapes.js";
import type { Columns } from "../../runtime/data/types.js";
import { isBaseError } from "../../runtime/errors.js";
import { bytesOf, npyBytes, npzBytes, prepareDataset, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();

/** A network of an image and three tokens, with class numbers and two offsets to learn. */
const shapes = {
  inputs: { image: { shape: [1, 1, 2], dtype: "float32" }, tokens: { shape: [3], dtype: "int32" } },
  labels: { digit: { shape: [], dtype: "int32", classes: 4 }, offset: { shape: [2], dtype: "float32" } },
} as const satisfies DataShapes;

const bytes = (shape: readonly number[], first = 0) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return npyBytes({ shape, data: Uint8Array.from({ length: size }, (_, index) => first + index) });
};
const integers = (shape: readonly number[], values: readonly number[]) =>
  npyBytes({ descr: "<i4", shape, data: bytesOf(Int32Array.from(values)) });
const doubles = (shape: readonly number[], values: readonly number[]) =>
  npyBytes({ descr: "<f8", shape, data: bytesOf(Float64Array.from(values)) });
const longs = (shape: readonly number[], values: readonly bigint[]) =>
  npyBytes({ descr: "<i8", shape, data: new Uint8Array(BigInt64Array.from(values).buffer) });

const image = bytes([2, 1, 1, 2]);
const tokens = integers([2, 3], [7, -8, 9, 10, 11, 2 ** 31 - 1]);
const digit = bytes([2], 2);
const offset = doubles([2, 2], [0.5, 1, 1.5, 2]);

const write = (arrays: Readonly<Record<string, Uint8Array>>) => directory.write("columns.npz", npzBytes(arrays));
const valuesOf = (columns: Columns | undefined) =>
  Object.fromEntries(Object.entries(columns ?? {}).map(([name, { shape, data }]) => [name, [shape, [...data]]]));

const features = {
  image: [
    [2, 1, 1, 2],
    [0, 1, 2, 3],
  ],
  tokens: [
    [2, 3],
    [7, -8, 9, 10, 11, 2 ** 31 - 1],
  ],
};
const labels = {
  digit: [[2], [2, 3]],
  offset: [
    [2, 2],
    [0.5, 1, 1.5, 2],
  ],
};

describe("reading an archive for a network of several inputs and labels", () => {
  it("finds the arrays by the names of the columns, each of the type that the network takes", async () => {
    const dataset = await readDataset(write({ image, tokens, digit, offset }), { shapes });
    expect(valuesOf(dataset.features)).toEqual(features);
    expect(valuesOf(dataset.labels)).toEqual(labels);
    const types = [dataset.features.image, dataset.features.tokens, dataset.labels.digit, dataset.labels.offset];
    expect(types.map((column) => column?.data.constructor.name)).toEqual([
      ...["Float32Array", "Int32Array", "Int32Array", "Float32Array"],
    ]);
    for (const column of types) expect(column?.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(dataset.notes).toEqual([]);
  });

  it("takes the arrays that are named for columns, and says which are used", async () => {
    const file = write({ a: image, tokens, b: digit, offset, image: bytes([5]), other: bytes([1]) });
    const { notes, ...dataset } = await readDataset(file, {
      shapes,
      inputArrays: { image: "a" },
      labelArrays: { digit: "b" },
    });
    expect(valuesOf(dataset.features)).toEqual(features);
    expect(valuesOf(dataset.labels)).toEqual(labels);
    expect(notes).toEqual([`of "${file}", "a", "tokens", "b" and "offset" are used`]);
  });

  it("needs the exact names: usual names and other cases are for an only column", async () => {
    const file = write({ Image: image, x: image, tokens, y: digit, offset });
    const has = `"${file}" has the arrays "Image", "x", "tokens", "y", "offset"`;
    expect(await problemsOf(readDataset(file, { shapes }))).toEqual([
      `DATA_ARRAY_MISSING ${has}, expected an array of the same name for the input "image"`,
      `DATA_ARRAY_MISSING ${has}, expected an array of the same name for the label "digit"`,
    ]);
    await expect(readDataset(file, { shapes })).rejects.toThrow("--input image=ARRAY");
    await expect(readDataset(file, { shapes })).rejects.toThrow("--label digit=ARRAY");
    const one = { inputs: { pixels: shapes.inputs.image }, labels: { digit: shapes.labels.digit } };
    const dataset = await readDataset(write({ X: image, Y: digit, tokens }), { shapes: one });
    expect(valuesOf(dataset.features)).toEqual({ pixels: features.image });
    expect(valuesOf(dataset.labels)).toEqual({ digit: labels.digit });
    const own = await readDataset(write({ x: tokens, pixels: image, y: tokens, digit }), { shapes: one });
    expect(valuesOf({ ...own.features, ...own.labels })).toEqual({ pixels: features.image, digit: labels.digit });
  });

  it("refuses arrays that are missing and names that are no column, all at once", async () => {
    const file = write({ image, tokens, digit, offset });
    const bound = { inputArrays: { image: "img", sound: "x" }, labelArrays: { mask: "m" } };
    expect(await problemsOf(readDataset(file, { shapes, ...bound }))).toEqual([
      'DATA_OPTION_INVALID an array is named for the input "sound", expected one of the network\'s inputs: "image", "tokens"',
      'DATA_OPTION_INVALID an array is named for the label "mask", expected one of the network\'s labels: "digit", "offset"',
    ]);
    expect(await problemsOf(readDataset(file, { shapes, inputArrays: { image: "img" } }))).toEqual([
      `DATA_ARRAY_MISSING "${file}" has the arrays "image", "tokens", "digit", "offset", expected "img" for the input "image"`,
    ]);
    expect(await problemsOf(readDataset(file, { shapes, inputArrays: "image", labelArrays: "digit" }))).toEqual([
      'DATA_OPTION_INVALID the array "image" is named for an only input, and the network has 2: "image", "tokens"',
      'DATA_OPTION_INVALID the array "digit" is named for an only label, and the network has 2: "digit", "offset"',
    ]);
  });

  it("reports columns of different lengths and tokens that are no int32, with their places", async () => {
    const file = write({
      image: bytes([3, 1, 1, 2]),
      tokens: longs([2, 3], [1n, 2n, 3_000_000_000n, -(2n ** 40n), 5n, 6n]),
      digit,
      offset,
    });
    expect(await problemsOf(readDataset(file, { shapes }))).toEqual([
      ...["tokens", "digit", "offset"].map(
        (name) =>
          `DATA_ROWS_MISMATCH array "image" of "${file}" has 3 rows, array "${name}" of "${file}" has 2, expected as many of each`,
      ),
      `DATA_NOT_INTEGER array "tokens" of "${file}" holds 3000000000 in row 0 at position 2, expected whole numbers that fit int32`,
      `DATA_NOT_INTEGER array "tokens" of "${file}" holds -1099511627776 in row 1 at position 0, expected whole numbers that fit int32`,
    ]);
    const wrong = write({ image, tokens: doubles([2, 3], [1, 2, 3, 4, 5.5, Number.NaN]), digit, offset });
    expect(await problemsOf(readDataset(wrong, { shapes }))).toEqual([
      `DATA_NOT_INTEGER array "tokens" of "${wrong}" holds 5.5 in row 1 at position 1, expected whole numbers that fit int32`,
    ]);
    const unsigned = npyBytes({ descr: "<u4", shape: [1, 3], data: new Uint8Array(12).fill(255) });
    const one = { image: bytes([1, 1, 1, 2]), tokens: unsigned, digit: bytes([1]), offset: doubles([1, 2], [1, 2]) };
    expect((await problemsOf(readDataset(write(one), { shapes })))[0]).toContain("holds 4294967295 in row 0");
  });

  it("reads whole numbers that come as floats, and class numbers of many places a row", async () => {
    const perPixel = { ...shapes, labels: { mask: { shape: [2, 2], dtype: "int32", classes: 9 } } } as const;
    const mask = bytes([2, 2, 2]);
    const dataset = await readDataset(write({ image, tokens: doubles([2, 3], [1, 2, 3, 4, 5, -0]), mask }), {
      shapes: perPixel,
    });
    expect(valuesOf(dataset.features).tokens).toEqual([
      [2, 3],
      [1, 2, 3, 4, 5, 0],
    ]);
    expect(valuesOf(dataset.labels)).toEqual({
      mask: [
        [2, 2, 2],
        [0, 1, 2, 3, 4, 5, 6, 7],
      ],
    });
    expect(dataset.labels.mask?.data).toBeInstanceOf(Int32Array);
  });

  it("reads targets of the right size as they are, also where they look like one-hot rows", async () => {
    const target = { ...shapes, labels: { offset: shapes.labels.offset } };
    const file = write({ image, tokens, offset: npyBytes({ shape: [2, 2], data: Uint8Array.of(1, 0, 0, 1) }) });
    const dataset = await readDataset(file, { shapes: target });
    expect(valuesOf(dataset.labels)).toEqual({
      offset: [
        [2, 2],
        [1, 0, 0, 1],
      ],
    });
    expect(dataset.notes).toEqual([]);
  });

  it("takes held-out rows where every column has an array with the same suffix", async () => {
    const held = {
      image_test: bytes([1, 1, 1, 2], 50),
      tokens_test: integers([1, 3], [1, 2, 3]),
      digit_test: bytes([1]),
      offset_test: doubles([1, 2], [3, 4]),
    };
    const file = write({ image, tokens, digit, offset, ...held });
    const { validation, notes } = await readDataset(file, { shapes });
    expect(valuesOf(validation?.features)).toEqual({
      image: [
        [1, 1, 1, 2],
        [50, 51],
      ],
      tokens: [
        [1, 3],
        [1, 2, 3],
      ],
    });
    expect(valuesOf(validation?.labels)).toEqual({
      digit: [[1], [0]],
      offset: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(notes).toEqual([
      `of "${file}", "image", "tokens", "digit" and "offset" are used`,
      `of "${file}", "image_test", "tokens_test", "digit_test" and "offset_test" are taken as validation data`,
    ]);
    const { tokens_test: _, ...without } = held;
    expect((await readDataset(write({ image, tokens, digit, offset, ...without }), { shapes })).validation).toBe(
      undefined,
    );
    const bound = { image_test: held.image_test, tokens_val: held.tokens_test };
    const renamed = write({ image, tokens, b: digit, offset, b_test: held.digit_test, ...held, ...bound });
    const other = await readDataset(renamed, { shapes, labelArrays: { digit: "b" } });
    expect(valuesOf(other.validation?.labels).digit).toEqual([[1], [0]]);
  });

  it("reports what is wrong with the held-out rows beside the rest", async () => {
    const held = { image_test: bytes([1, 1, 1, 2]), tokens_test: doubles([1, 3], [0.5, 1, 2]) };
    const file = write({ image, tokens, digit, offset, ...held, digit_test: bytes([2]), offset_test: offset });
    expect(await problemsOf(readDataset(file, { shapes }))).toEqual([
      expect.stringMatching(/^DATA_ROWS_MISMATCH array "image_test" .* array "digit_test"/),
      expect.stringMatching(/^DATA_ROWS_MISMATCH array "image_test" .* array "offset_test"/),
      expect.stringMatching(/^DATA_NOT_INTEGER array "tokens_test" .* holds 0.5 in row 0 at position 0/),
    ]);
  });

  it("reads the labels from a second archive, and none for a network without labels", async () => {
    const x = directory.write("inputs.npz", npzBytes({ image, tokens }));
    const y = directory.write("labels.npz", npzBytes({ digit, offset }));
    const apart = await readDataset(x, { shapes, labels: y });
    expect(valuesOf({ ...apart.features, ...apart.labels })).toEqual({ ...features, ...labels });
    const unlabelled = { ...shapes, labels: {} };
    expect((await readDataset(x, { shapes: unlabelled })).labels).toEqual({});
    expect(await problemsOf(readDataset(x, { shapes: unlabelled, labels: y }))).toEqual([
      `DATA_OPTION_INVALID a file of labels was named, "${y}", and the network takes no labels`,
    ]);
  });

  it("keeps names of columns that every object has", async () => {
    const odd = {
      inputs: Object.fromEntries(["__proto__", "constructor"].map((name) => [name, shapes.inputs.tokens])),
      labels: { toString: shapes.labels.digit },
    };
    const file = write({ constructor: tokens, proto: tokens, toString: digit });
    const dataset = await readDataset(file, {
      shapes: odd,
      inputArrays: Object.fromEntries([["__proto__", "proto"]]),
    });
    expect(Object.keys(dataset.features)).toEqual(["__proto__", "constructor"]);
    expect((await prepareDataset(dataset, odd)).labels.toString).toMatchObject({ shape: [2] });
  });
});

describe("files without names of arrays", () => {
  it("hold one input and one label, and are refused for more", async () => {
    const table = directory.write("table.csv", "a,b,c,label\n1,2,3,0\n");
    const array = directory.write("x.npy", tokens);
    const has = (file: string, what: string, names: string) =>
      `DATA_ARRAY_MISSING "${file}" can hold one array of ${what}, and the network has 2: ${names}`;
    const [inputs, outputs] = [`"image", "tokens"`, `"digit", "offset"`];
    expect(await problemsOf(readDataset(table, { shapes }))).toEqual([
      has(table, "inputs", inputs),
      has(table, "labels", outputs),
    ]);
    expect(await problemsOf(readDataset(array, { shapes, labels: table }))).toEqual([
      has(array, "inputs", inputs),
      has(table, "labels", outputs),
    ]);
    const error = await readDataset(table, { shapes }).catch((thrown: unknown) => thrown);
    expect(isBaseError(error) && error.problems[0]?.hint).toBe("give them as arrays of an .npz file");
    const one = { inputs: { image: shapes.inputs.image }, labels: { digit: shapes.labels.digit } };
    expect(await problemsOf(readDataset(table, { shapes: one, inputArrays: { image: "x" } }))).toEqual([
      `DATA_OPTION_INVALID arrays were named for "${table}", expected an .npz file, the format whose arrays have names`,
    ]);
  });

  it("give whole numbers as they are written, beyond what float32 can hold", async () => {
    const one = {
      inputs: { tokens: { shape: [2], dtype: "int64" } },
      labels: { y: { shape: [], dtype: "int32" } },
    } as const;
    const table = directory.write("tokens.csv", `16777217,3,1\n${2 ** 31 - 1},4,0\n`);
    const dataset = await readDataset(table, { shapes: one });
    expect(valuesOf(dataset.features)).toEqual({
      tokens: [
        [2, 2],
        [16777217, 3, 2 ** 31 - 1, 4],
      ],
    });
    const wrong = directory.write("tokens.csv", `1.5,3,1\n2,${2 ** 31},0\n`);
    expect(await problemsOf(readDataset(wrong, { shapes: one }))).toEqual([
      `DATA_NOT_INTEGER "${wrong}" holds 1.5 in row 0 at position 0, expected whole numbers that fit int32`,
      `DATA_NOT_INTEGER "${wrong}" holds 2147483648 in row 1 at position 1, expected whole numbers that fit int32`,
    ]);
  });
});
