import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDatum } from "../../runtime/data/formats/datum.js";
import { isBaseError } from "../../runtime/errors.js";
import { fixture, only, pairOf, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const database = (name: string) => fixture(`lmdb/${name}`);
const directory = temporaryDirectory();
const shapes = (shape: readonly number[]) => ({
  inputs: { data: { shape, dtype: "float32" as const } },
  labels: { label: { shape: [], dtype: "int32" as const } },
});

describe("reading Caffe's databases", () => {
  it.each(["memory", "file"] as const)("gives pixels and labels in the order of the keys, %s", async (storage) => {
    const dataset = await readDataset(database("pixels"), { storage });
    const { features, labels } = pairOf(dataset);
    expect(features.shape).toEqual([300, 2, 3, 4]);
    for (const row of [0, 1, 77, 299]) {
      const expected = Array.from({ length: 24 }, (_, index) => (index + row) % 256);
      expect([...features.data.subarray(row * 24, row * 24 + 24)]).toEqual(expected);
    }
    expect([...labels.data]).toEqual(Array.from({ length: 300 }, (_, row) => row % 7));
    expect(dataset.origin.files[0]?.name).toBe("data.mdb");
  });

  it("reads values that are larger than a page, and the file itself", async () => {
    const { features } = await readDataset(join(database("large"), "data.mdb"));
    expect(only(features).shape).toEqual([2, 1, 50, 60]);
    expect([...only(features).data.subarray(5990, 6000)]).toEqual([175, 176, 177, 178, 179, 180, 181, 182, 183, 184]);
  });

  it("reads numbers with a point", async () => {
    const { features, labels } = pairOf(await readDataset(database("floats")));
    expect([...features.data]).toEqual([0, 0, 0, 1, 0.5, -1, 2, 1, -2]);
    expect([...labels.data]).toEqual([0, -1, -2]);
  });

  it("decodes pictures, their channels in Caffe's order", async () => {
    const { notes, ...dataset } = await readDataset(database("pictures"), { shapes: shapes([3, 6, 5]) });
    const { features, labels } = pairOf(dataset);
    expect([...labels.data]).toEqual([0, 1, 2]);
    const image = [...features.data.subarray(90, 180)];
    expect(image.slice(0, 5)).toEqual([10, 10, 10, 10, 10]);
    expect(image.slice(60, 65)).toEqual([0, 40, 80, 120, 160]);
    expect(notes[0]).toMatch(/are brought to 6×5; channels are blue, green, red, as Caffe reads them$/);
  });

  it("names all rows that do not fit at once", async () => {
    expect(await problemsOf(readDataset(database("mixed")))).toEqual([
      expect.stringMatching(
        /^DATA_SHAPE_MISMATCH row 1 of .* has shape \[2,3,5\], expected \[2,3,4\] as the first row$/,
      ),
      expect.stringMatching(/^DATA_FILE_DAMAGED row 2 of .* is no record of Caffe's: /),
      expect.stringMatching(/^DATA_SHAPE_MISMATCH row 3 of .* is encoded and the first is not/),
      expect.stringMatching(/^DATA_SHAPE_MISMATCH row 4 of .* has 0 values, expected 1152921504606847000 for/),
    ]);
  });

  it("writes nothing beside the file, which may be read-only, and refuses an empty one", async () => {
    const folder = temporaryDirectory();
    const copy = folder.write("data.mdb", readFileSync(join(database("pixels"), "data.mdb")));
    chmodSync(copy, 0o444);
    chmodSync(folder.path, 0o555);
    await readDataset(folder.path);
    expect(readdirSync(folder.path)).toEqual(["data.mdb"]);
    chmodSync(folder.path, 0o755);
    expect((await problemsOf(readDataset(database("empty"))))[0]).toMatch(/^DATA_EMPTY/);
  });

  it("names another version of the format", async () => {
    const bytes = readFileSync(join(database("floats"), "data.mdb"));
    bytes.writeUInt32LE(2, 20);
    const file = directory.write("two.mdb", bytes);
    expect((await problemsOf(readDataset(file)))[0]).toMatch(/^DATA_ARRAY_UNSUPPORTED .* format version 2, expected 1/);
  });

  it("ends in a dataset or a BaseError where bytes are changed or missing", async () => {
    const valid = Uint8Array.from(readFileSync(join(database("floats"), "data.mdb")));
    const place = fc.nat({ max: valid.length - 1 });
    const changed = fc
      .tuple(place, fc.constantFrom(0, 0x7f, 0xff), fc.integer({ min: 1, max: 8 }))
      .map(([at, value, count]) => valid.slice().fill(value, at, Math.min(at + count, valid.length)));
    const near = fc
      .tuple(fc.constantFrom(0, 4096, 8192, 12288), fc.nat({ max: 200 }), fc.nat({ max: 255 }))
      .map(([page, at, value]) => valid.slice().fill(value, page + at, page + at + 1));
    const bytes = fc.oneof(
      place.map((length) => valid.slice(0, length)),
      changed,
      near,
    );
    const before = process.memoryUsage().arrayBuffers;
    await fc.assert(
      fc.asyncProperty(bytes, async (each) => {
        try {
          await readDataset(directory.write("fuzz.mdb", each));
        } catch (error) {
          if (!isBaseError(error)) throw error;
        }
      }),
      { seed: 31, numRuns: 300 },
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
  });
});

it("a record's unknown fields are skipped, and packed floats are read", () => {
  const bytes = Uint8Array.from([8, 1, 0x32, 8, 0, 0, 128, 63, 0, 0, 0, 64, 0x7a, 2, 1, 1, 40, 9]);
  expect(readDatum(bytes)).toMatchObject({ channels: 1, floats: [1, 2], label: 9, encoded: false });
});
