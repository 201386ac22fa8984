import { chmodSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadInMemory } from "../../runtime/data/in-memory.js";
import { type ReadDatasetOptions, readDataset } from "../../runtime/data/read-dataset.js";
import { openRows } from "../../runtime/data/sources/index.js";
import { isStored } from "../../runtime/data/stored-column.js";
import { fixture, pairOf, problemsOf, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();
const file = fixture("variants.h5");
const read = (inputArrays: string, options: ReadDatasetOptions = {}) =>
  readDataset(file, { inputArrays, labelArrays: "y", ...options });
const numbers = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"].flatMap((code) => [
  `types/${code}little`,
  `types/${code}big`,
]);

describe("reading HDF5 files of h5py", () => {
  it.each([...numbers, "gzip"])("reads %s, held in memory and left in the file", async (name) => {
    for (const storage of ["memory", "file"] as const) {
      const dataset = await read(name, { storage });
      const { features, labels } = pairOf(await loadInMemory(dataset));
      expect([features.shape, [...features.data]]).toEqual([
        [2, 3],
        [0, 1, 2, 3, 4, 5],
      ]);
      expect([...labels.data]).toEqual([7, 9]);
      const column = Object.values(dataset.features)[0];
      expect(column !== undefined && isStored(column) && column.source.kind).toBe(
        storage === "memory" ? "memory" : "hdf5",
      );
      expect(dataset.notes[0]).toBe(`of "${file}", "${name}" and "y" are used`);
    }
  });

  it("reads truth values, and rows in any order", async () => {
    const { features } = pairOf(await loadInMemory(await read("types/b1")));
    expect([...features.data]).toEqual([0, 1, 0, 1, 0, 1]);
    const [column] = Object.values((await read("gzip", { storage: "file" })).features);
    if (column === undefined || !isStored(column)) throw new Error("expected rows in the file");
    const source = await openRows(column.source);
    const into = new Float64Array(12);
    await source.read(Int32Array.of(1, 0, 1, 1), { [column.column]: into });
    expect([...into]).toEqual([3, 4, 5, 0, 1, 2, 3, 4, 5, 3, 4, 5]);
    await source.close();
  });

  it.each([
    [
      "lzf",
      /^DATA_FILE_DAMAGED array "lzf" of ".*" cannot be read at rows 0 to 1: required filter 'lzf' is not registered$/,
    ],
    ["text", /^DATA_ARRAY_UNSUPPORTED .* holds strings, expected whole or floating-point numbers$/],
    ["words", /^DATA_ARRAY_UNSUPPORTED .* holds strings, /],
    ["records", /^DATA_ARRAY_UNSUPPORTED .* holds compounds, /],
    ["complex", /^DATA_ARRAY_UNSUPPORTED .* holds (compounds|type 11), /],
    ["lists", /^DATA_ARRAY_UNSUPPORTED .* holds lists of different lengths, /],
    ["color", /^DATA_ARRAY_UNSUPPORTED .* holds enumerations, /],
    ["empty", /^DATA_EMPTY array "empty" of .* has no values$/],
    ["number", /^DATA_SHAPE_MISMATCH array "number" of .* is a single number/],
    ["none", /^DATA_EMPTY array "none" of .* has shape \[0,3\]/],
    ["three", /^DATA_ROWS_MISMATCH array "three" of .* has 3 rows, array "y" of .* has 2/],
    ["sparse", /^DATA_FILE_DAMAGED .* ends early: shape \[1099511627776,1024\] of float64 needs \d+ bytes/],
    ["chunky", /^DATA_ARRAY_UNSUPPORTED .* has chunks of \[1,1073741824\] values/],
    ["virtual", /^DATA_ARRAY_UNSUPPORTED .* is put together of datasets of other files/],
    ["broken", /^DATA_ARRAY_MISSING .* expected "broken"/],
    ["outside", /^DATA_ARRAY_MISSING .* expected "outside"/],
    ["nowhere", /^DATA_ARRAY_MISSING ".*" has the arrays .*"types\/u1little".*, expected "nowhere"/],
  ])("refuses %s", async (name, problem) => {
    const before = process.memoryUsage().arrayBuffers;
    expect((await problemsOf(read(name))).at(-1)).toMatch(problem);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });

  it.each([9, 100, 600, 5000])("names a file that is cut off after %d bytes", async (length) => {
    const cut = directory.write("cut.h5", readFileSync(file).subarray(0, length));
    expect(await problemsOf(readDataset(cut))).toEqual([
      expect.stringMatching(/^DATA_FILE_DAMAGED ".*cut\.h5" is a damaged HDF5 file: /),
    ]);
  });

  it("needs no permission to write, and writes nothing beside the file", async () => {
    const folder = temporaryDirectory();
    const copy = folder.write("only.h5", readFileSync(file));
    chmodSync(copy, 0o444);
    chmodSync(folder.path, 0o555);
    await readDataset(copy, { inputArrays: "gzip", labelArrays: "y", storage: "file" });
    expect(readdirSync(folder.path)).toEqual(["only.h5"]);
    chmodSync(folder.path, 0o755);
  });

  it("notices that a file was changed after its rows were checked", async () => {
    const copy = directory.write("changed.h5", readFileSync(file));
    const dataset = await readDataset(copy, { inputArrays: "gzip", labelArrays: "y", storage: "file" });
    utimesSync(copy, 1, 1);
    expect(await problemsOf(loadInMemory(dataset))).toEqual([
      `DATA_FILE_DAMAGED "${copy}" changed after its rows were checked`,
    ]);
  });
});
