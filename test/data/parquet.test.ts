import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBaseError } from "../../runtime/errors.js";
import { fixture, only, pairOf, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();
const table = fixture("table.parquet");
const tensors = fixture("tensors.parquet");
const numbers = Array.from({ length: 8 }, (_, row) => row);

describe("reading Parquet files of pyarrow", () => {
  it("takes all columns of numbers beside the label, over row groups", async () => {
    const { features, labels } = pairOf(await readDataset(table, { labelColumn: "species" }));
    expect(features.shape).toEqual([8, 4]);
    expect([...features.data]).toEqual(numbers.flatMap((row) => [row, row / 4, row % 2, row % 3]));
    expect([...labels.data]).toEqual(numbers.map((row) => row % 2));
    const problems = await problemsOf(readDataset(table));
    expect(problems[0]).toBe('DATA_CELL_INVALID row 0 of column "species" is "rose", expected a number');
  });

  it("takes a column that is named, scalars and lists as tensors", async () => {
    const image = await readDataset(tensors, { inputArrays: "image" });
    expect(only(image.features).shape).toEqual([8, 2, 2]);
    expect([...only(image.features).data.subarray(28)]).toEqual([7, 1, 2, 3]);
    expect([...only(image.labels).data]).toEqual(numbers.map((row) => row % 2));
    const { features, labels } = pairOf(await readDataset(table, { inputArrays: "b" }));
    expect([...features.data]).toEqual(numbers.map((row) => row / 4));
    expect([...labels.data]).toEqual(numbers.map((row) => row % 3));
  });

  it("gives each input and label of a network its column, and words their class numbers", async () => {
    const shapes = {
      inputs: { image: { shape: [2, 2], dtype: "float32" as const }, tokens: { shape: [3], dtype: "int32" as const } },
      labels: { label: { shape: [], dtype: "int32" as const } },
    };
    const { features } = await readDataset(tensors, { shapes });
    expect(features.tokens?.data).toBeInstanceOf(Int32Array);
    expect([...(features.tokens?.data.subarray(21) ?? [])]).toEqual([7, 8, 9]);
    const words = await readDataset(table, { inputArrays: "a", labelColumn: "species" });
    expect(words.classNames).toEqual({ labels: ["rose", "tulip"] });
    expect([...only(words.labels).data]).toEqual(numbers.map((row) => row % 2));
  });

  it.each([
    ["ragged", /^DATA_SHAPE_MISMATCH row 1 of column "ragged" has shape \[2\], expected \[1\] as the first row$/],
    ["holes", /^DATA_CELL_INVALID row 5 of column "holes" is empty, expected a number$/],
    ["word", /^DATA_CELL_INVALID row 0 of column "word" is "x", expected a number$/],
  ])("refuses the column %s", async (name, problem) => {
    expect((await problemsOf(readDataset(tensors, { inputArrays: name })))[0]).toMatch(problem);
  });

  it("names a column that there is not, and files that are cut off", async () => {
    expect((await problemsOf(readDataset(table, { labelColumn: "z" })))[0]).toMatch(
      /^DATA_ARRAY_MISSING label column "z"/,
    );
    for (const length of [4, 20, 600]) {
      const cut = directory.write("cut.parquet", readFileSync(table).subarray(0, length));
      expect((await problemsOf(readDataset(cut)))[0]).toMatch(
        /^DATA_FILE_DAMAGED ".*cut\.parquet" cannot be read as Parquet/,
      );
    }
  });

  it("ends in a dataset or a BaseError where bytes are changed", async () => {
    const valid = Uint8Array.from(readFileSync(tensors));
    const place = fc.nat({ max: valid.length - 1 });
    const changed = fc.tuple(place, fc.nat({ max: 255 })).map(([at, value]) => valid.slice().fill(value, at, at + 1));
    await fc.assert(
      fc.asyncProperty(changed, async (bytes) => {
        try {
          await readDataset(directory.write("fuzz.parquet", bytes), { inputArrays: "image" });
        } catch (error) {
          if (!isBaseError(error)) throw error;
        }
      }),
      { seed: 41, numRuns: 150 },
    );
  });
});
