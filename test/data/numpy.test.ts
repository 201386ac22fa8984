import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  bytesOf,
  fixture,
  npyBytes,
  npzBytes,
  only,
  pairOf,
  problemsOf,
  readDataset,
  smallNpz,
  temporaryDirectory,
} from "./files.js";

const directory = temporaryDirectory();

describe("reading NumPy files", () => {
  it("reads the digits with progress, features as float32 and labels as int32, in shared memory", async () => {
    const progress: number[] = [];
    const dataset = await readDataset(fixture("digits.npz"), {
      onProgress: ({ bytes, total }) => progress.push(bytes / total),
    });
    const { features, labels } = pairOf(dataset);
    expect(features.shape).toEqual([1797, 8, 8]);
    expect(labels.shape).toEqual([1797]);
    expect(labels.data).toBeInstanceOf(Int32Array);
    expect([...labels.data.subarray(0, 11)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    expect([...features.data.subarray(0, 8)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
    // Both sums are NumPy's, of the arrays before they were written.
    expect([...features.data].reduce((sum, value) => sum + value, 0)).toBe(561718);
    const counts = Array.from({ length: 10 }, (_, digit) => [...labels.data].filter((label) => label === digit).length);
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect(features.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(progress.at(-1)).toBe(1);
    expect(dataset.notes).toEqual([]);
  });

  it.each(
    ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"].flatMap((code) =>
      ["<", ">", "<fortran", ">fortran"].map((variant) => code + variant),
    ),
  )("reads type %s as NumPy wrote it", async (name) => {
    const { features, labels } = pairOf(await readDataset(fixture("npy_variants.npz"), { inputArrays: name }));
    expect(features.shape).toEqual([2, 3]);
    expect([...features.data]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...labels.data]).toEqual([7, 9]);
  });

  it("reads booleans as 0 and 1 and turns column-major cubes", async () => {
    const bools = pairOf(await readDataset(fixture("npy_variants.npz"), { inputArrays: "b1" }));
    expect([...bools.features.data]).toEqual([0, 1, 0, 1, 0, 1]);
    const cube = pairOf(await readDataset(fixture("npy_variants.npz"), { inputArrays: "cube_fortran" }));
    expect(cube.features.shape).toEqual([2, 3, 4]);
    expect([...cube.features.data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it.each([
    ["text", 'elements of NumPy type "<U1"'],
    ["complex", 'elements of NumPy type "<c8"'],
    ["records", "records"],
  ])("refuses arrays of %s, naming what they hold", async (name, found) => {
    const [problem] = await problemsOf(readDataset(fixture("npy_variants.npz"), { inputArrays: name }));
    expect(problem).toContain(`DATA_ARRAY_UNSUPPORTED array "${name}"`);
    expect(problem).toContain(found);
  });

  it("lists what the file has when arrays are missing, features and labels at once", async () => {
    const file = directory.write(
      "odd.npz",
      npzBytes({
        a: npyBytes({ shape: [1], data: Uint8Array.of(1) }),
        b: npyBytes({ shape: [1], data: Uint8Array.of(1) }),
      }),
    );
    const problems = await problemsOf(readDataset(file));
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(`DATA_ARRAY_MISSING "${file}" has the arrays "a", "b", expected one of x, features`);
    expect(problems[1]).toContain("for the labels");
    expect(await problemsOf(readDataset(file, { inputArrays: "c", labelArrays: "b" }))).toEqual([
      `DATA_ARRAY_MISSING "${file}" has the arrays "a", "b", expected "c" for the features`,
    ]);
  });

  it("reads stored and deflated archives alike, and takes x_test and y_test as validation data", async () => {
    for (const level of [0, 6] as const) {
      const { features } = pairOf(await readDataset(directory.write(`level${level}.npz`, smallNpz(level))));
      expect([...features.data]).toEqual([1, 2, 3, 4, 5, 6]);
    }
    const part = (rows: number) => npyBytes({ shape: [rows, 1], data: new Uint8Array(rows).fill(rows) });
    const file = directory.write(
      "keras.npz",
      npzBytes({ x_train: part(3), y_train: part(3), x_test: part(2), y_test: part(2) }),
    );
    const { features, validation, notes } = await readDataset(file);
    expect(only(features).shape).toEqual([3, 1]);
    expect(only(validation?.features).shape).toEqual([2, 1]);
    expect([...only(validation?.labels).data]).toEqual([2, 2]);
    expect(notes.at(-1)).toContain('"x_test" and "y_test" are taken as validation data');
  });

  it("reads .npy with labels in a second file, of any version and rank", async () => {
    for (const version of [1, 2, 3] as const) {
      const x = directory.write("x.npy", npyBytes({ shape: [2, 1, 2], data: Uint8Array.of(1, 2, 3, 4), version }));
      const y = directory.write(
        "y.npy",
        npyBytes({ descr: "<f8", shape: [2, 1], data: bytesOf(Float64Array.of(3, 1)) }),
      );
      const { features, labels } = pairOf(await readDataset(x, { labels: y }));
      expect(features.shape).toEqual([2, 1, 2]);
      expect(labels).toMatchObject({ shape: [2] });
      expect([...labels.data]).toEqual([3, 1]);
    }
    const alone = directory.write("alone.npy", npyBytes({ shape: [2], data: Uint8Array.of(1, 2) }));
    expect(await problemsOf(readDataset(alone))).toEqual([`DATA_LABELS_MISSING "${alone}" has features but no labels`]);
  });

  it("reads one-hot labels as classes and says so; other labels stay float32 targets", async () => {
    const x = npyBytes({ shape: [2, 1], data: Uint8Array.of(1, 2) });
    const oneHot = directory.write(
      "onehot.npz",
      npzBytes({ x, y: npyBytes({ shape: [2, 3], data: Uint8Array.of(0, 0, 1, 1, 0, 0) }) }),
    );
    const classes = await readDataset(oneHot);
    expect([...only(classes.labels).data]).toEqual([2, 0]);
    expect(only(classes.labels).data).toBeInstanceOf(Int32Array);
    expect(classes.notes).toEqual([
      `array "y" of "${oneHot}" is one-hot; its 3 columns are read as class numbers 0 to 2`,
    ]);
    const y = npyBytes({ descr: "<f4", shape: [2, 2], data: bytesOf(Float32Array.of(0.5, 1, 2, 3)) });
    const targets = pairOf(await readDataset(directory.write("targets.npz", npzBytes({ x, y }))));
    expect(targets.labels).toEqual({ shape: [2, 2], data: targets.labels.data });
    expect([...targets.labels.data]).toEqual([0.5, 1, 2, 3]);
    expect(targets.labels.data).toBeInstanceOf(Float32Array);
  });

  it("reports all that is wrong with the values at once: rows, NaN in features, infinity in labels", async () => {
    const x = npyBytes({
      descr: "<f4",
      shape: [3, 2],
      data: bytesOf(Float32Array.of(1, 2, Number.NaN, 4, 5, Number.NaN)),
    });
    const y = npyBytes({ descr: "<f8", shape: [2], data: bytesOf(Float64Array.of(0.5, Number.NEGATIVE_INFINITY)) });
    const file = directory.write("bad.npz", npzBytes({ x, y }));
    expect(await problemsOf(readDataset(file))).toEqual([
      `DATA_ROWS_MISMATCH array "x" of "${file}" has 3 rows, array "y" of "${file}" has 2, expected as many of each`,
      `DATA_NOT_FINITE array "x" of "${file}" holds NaN in row 1 at position 0, expected finite float32 numbers`,
      `DATA_NOT_FINITE array "x" of "${file}" holds NaN in row 2 at position 1, expected finite float32 numbers`,
      `DATA_NOT_FINITE array "y" of "${file}" holds -Infinity in row 1, expected finite float32 numbers`,
    ]);
  });

  it("refuses shapes and sizes that the file does not hold, before allocating them", async () => {
    const huge = directory.write("huge.npy", npyBytes({ shape: [1_000_000, 1_000_000], data: new Uint8Array(8) }));
    expect((await problemsOf(readDataset(huge)))[0]).toMatch(
      /^DATA_FILE_DAMAGED .* ends early: .* needs 1000000000000 bytes, found 8$/,
    );
    const archive = Buffer.from(smallNpz());
    const directoryEntry = archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    archive.writeUInt32LE(4_000_000_000, directoryEntry + 24);
    const bomb = directory.write("bomb.npz", archive);
    expect((await problemsOf(readDataset(bomb)))[0]).toMatch(
      /^DATA_FILE_DAMAGED .* claims 4000000000 bytes, but \d+ bytes cannot hold/,
    );
  });

  it("stops unpacking an entry that holds more than its directory says", async () => {
    const archive = Buffer.from(npzBytes({ x: npyBytes({ shape: [100_000], data: new Uint8Array(100_000) }) }));
    archive.writeUInt32LE(500, archive.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24);
    const file = directory.write("more.npz", archive);
    expect((await problemsOf(readDataset(file, { labelArrays: "x" })))[0]).toContain("cannot be decompressed");
    expect(deflateRawSync(new Uint8Array(100_000)).length).toBeLessThan(500);
  });

  it("notices a changed byte by the checksum", async () => {
    const archive = Buffer.from(smallNpz(0));
    const at = archive.indexOf(Buffer.from([1, 2, 3, 4, 5, 6]));
    archive[at] = 9;
    expect((await problemsOf(readDataset(directory.write("flipped.npz", archive))))[0]).toMatch(
      /does not match its checksum$/,
    );
  });

  it("names files that are missing, empty, directories or of no known format", async () => {
    expect(await problemsOf(readDataset("/nowhere/x.npz"))).toEqual([
      'DATA_FILE_MISSING data file "/nowhere/x.npz" cannot be read: it does not exist',
    ]);
    expect((await problemsOf(readDataset(temporaryDirectory().path)))[0]).toMatch(
      /^DATA_EMPTY the folder ".*" has no pictures/,
    );
    expect((await problemsOf(readDataset(directory.write("empty.npz", ""))))[0]).toMatch(/^DATA_EMPTY/);
    expect((await problemsOf(readDataset(directory.write("a.bin", Uint8Array.of(1, 0, 2)))))[0]).toMatch(
      /^DATA_FORMAT_UNKNOWN .* expected one of: .*NumPy archive/,
    );
    expect((await problemsOf(readDataset("/dev/zero")))[0]).toContain("is a special file");
  });
});
