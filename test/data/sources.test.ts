import { appendFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { takeDataset } from "../../runtime/data/gather.js";
import { loadInMemory } from "../../runtime/data/in-memory.js";
import { prepareDataset } from "../../runtime/data/prepare-dataset.js";
import { readDataset } from "../../runtime/data/read-dataset.js";
import { openRows } from "../../runtime/data/sources/index.js";
import { splitDataset } from "../../runtime/data/split-dataset.js";
import { isStored, type StoredColumn } from "../../runtime/data/stored-column.js";
import type { Column, Dataset } from "../../runtime/data/types.js";
import { bytesOf, fixture, idxBytes, npyBytes, npzBytes, problemsOf, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();

function stored(column: Column | undefined): StoredColumn {
  if (column === undefined || !isStored(column)) throw new Error("expected stored rows");
  return column;
}

const numbers = Float64Array.from({ length: 24 }, (_, index) => index * 1.5 - 7);
const labels = npyBytes({ shape: [4], data: Uint8Array.of(0, 1, 2, 1) });

/** A file of four rows `[2, 3]`, in each of the formats whose rows may stay in it. */
const files = {
  npy: (): readonly [string, string] => {
    directory.write("y.npy", labels);
    const data = bytesOf(numbers);
    return [directory.write("x.npy", npyBytes({ descr: "<f8", shape: [4, 2, 3], data })), `${directory.path}/y.npy`];
  },
  npz: (): readonly [string, undefined] => {
    const x = npyBytes({ descr: "<f8", shape: [4, 2, 3], data: bytesOf(numbers) });
    return [directory.write("xy.npz", npzBytes({ x, y: labels }, 0)), undefined];
  },
  idx: (): readonly [string, string] => {
    directory.write("y.npy", labels);
    const turned = Buffer.from(bytesOf(numbers)).swap64();
    return [directory.write("x.idx", idxBytes(14, [4, 2, 3], turned)), `${directory.path}/y.npy`];
  },
} as const satisfies Record<string, () => readonly [file: string, labels: string | undefined]>;

describe("rows that stay in their file", () => {
  it.each(Object.keys(files) as (keyof typeof files)[])("are read from .%s by their numbers", async (format) => {
    const [file, labelFile] = files[format]();
    const dataset = await readDataset(file, { labels: labelFile, storage: "file" });
    const column = stored(Object.values(dataset.features)[0]);
    expect(column.source.kind).toBe("binary");
    expect(column.shape).toEqual([4, 2, 3]);
    const source = await openRows(column.source);
    expect([source.rows, source.columns]).toEqual([4, { values: { dtype: "float64", shape: [2, 3] } }]);
    const into = new Float64Array(24);
    // A run, a row alone, a row again.
    await source.read(Int32Array.of(2, 3, 0, 3), { values: into });
    const row = (index: number) => [...numbers.subarray(6 * index, 6 * index + 6)];
    expect([...into]).toEqual([...row(2), ...row(3), ...row(0), ...row(3)]);
    await source.close();
    const arrays = await loadInMemory(dataset);
    expect([...(Object.values(arrays.features)[0]?.data ?? [])]).toEqual([...numbers]);
  });

  it("are the same as those in memory, of every type, and where they cannot stay a note says so", async () => {
    const memory = await loadInMemory(await readDataset(fixture("digits.npz")));
    const packed = await readDataset(fixture("digits.npz"), { storage: "file" });
    expect(packed.notes.filter((note) => note.includes("is held in memory"))).toHaveLength(2);
    expect((await loadInMemory(packed)).features).toEqual(memory.features);
  });

  it("end in an error with file and row where the file has become shorter, and where it has changed", async () => {
    const [file, labelFile] = files.npy();
    const { features } = await readDataset(file, { labels: labelFile, storage: "file" });
    const { source } = stored(features.features);
    const open = await openRows(source);
    const header = npyBytes({ descr: "<f8", shape: [4, 2, 3], data: new Uint8Array() }).length;
    truncateSync(file, header + 2 * 48 + 5);
    await open.read(Int32Array.of(1, 0), { values: new Float64Array(12) });
    const reading = Promise.resolve(open.read(Int32Array.of(0, 1, 2), { values: new Float64Array(18) }));
    expect(await problemsOf(reading)).toEqual([`DATA_FILE_DAMAGED "${file}" ends inside row 2, it was longer`]);
    await open.close();
    const reopening = Promise.resolve(openRows(source));
    expect(await problemsOf(reopening)).toEqual([
      `DATA_FILE_DAMAGED "${file}" changed after its rows were checked: ${header + 192} bytes, then ${header + 101}`,
    ]);
    const again = files.npy()[0];
    const { features: same } = await readDataset(again, { labels: labelFile, storage: "file" });
    utimesSync(again, 1, 1);
    expect(await problemsOf(Promise.resolve(openRows(stored(same.features).source)))).toEqual([
      `DATA_FILE_DAMAGED "${again}" changed after its rows were checked`,
    ]);
  });

  it("are checked once, by chunks: rows that are not finite, also where they overflow as float32", async () => {
    const rows = 300_000;
    const values = new Float64Array(rows * 2);
    values[2 * 299_999 + 1] = 1e39;
    values[2 * 150_000] = Number.NaN;
    const x = directory.write("big.npy", npyBytes({ descr: "<f8", shape: [rows, 2], data: bytesOf(values) }));
    const y = directory.write("big-y.npy", npyBytes({ shape: [rows], data: new Uint8Array(rows) }));
    for (const storage of ["file", "memory"] as const) {
      expect(await problemsOf(readDataset(x, { labels: y, storage }))).toEqual([
        `DATA_NOT_FINITE "${x}" holds NaN in row 150000 at position 0, expected finite float32 numbers`,
        `DATA_NOT_FINITE "${x}" holds 1e+39 in row 299999 at position 1, expected finite float32 numbers`,
      ]);
    }
  });

  it("give class numbers of many places, whose range is checked when they are prepared", async () => {
    const mask = Uint8Array.from({ length: 600_000 }, (_, index) => (index === 599_999 ? 9 : index % 4));
    const file = directory.write(
      "mask.npz",
      npzBytes(
        { x: npyBytes({ shape: [6, 1], data: new Uint8Array(6) }), y: npyBytes({ shape: [6, 100_000], data: mask }) },
        0,
      ),
    );
    const shapes = {
      inputs: { x: { shape: [1], dtype: "float32" } },
      labels: { y: { shape: [100_000], dtype: "int32", classes: 4 } },
    } as const;
    const dataset = await readDataset(file, { shapes, storage: "file" });
    expect(await problemsOf(prepareDataset(dataset, shapes))).toEqual([
      "DATA_LABELS_INVALID 1 of 600000 labels are out of range, the first is 9 in row 5, expected class numbers from 0 to 3, [100000] a row",
    ]);
    // Of some rows only those are looked at.
    expect((await prepareDataset(takeDataset(dataset, Int32Array.of(0, 4)), shapes)).labels.y?.shape[0]).toBe(2);
    expect((await problemsOf(prepareDataset(takeDataset(dataset, Int32Array.of(1, 5)), shapes)))[0]).toContain(
      "1 of 200000 labels are out of range, the first is 9 in row 1",
    );
    const wider = { ...shapes, labels: { y: { ...shapes.labels.y, ignored: 9 } } };
    expect(stored((await prepareDataset(dataset, wider)).labels.y).checked).toEqual({ classes: 4, ignored: 9 });
  });
});

describe("rows in memory", () => {
  it("keep the type of their file, and a split is a list of them", async () => {
    const data = Uint8Array.from({ length: 40 }, (_, index) => index);
    const x = npyBytes({ shape: [10, 4], data });
    const y = npyBytes({ shape: [10], data: new Uint8Array(10) });
    const dataset: Dataset = await readDataset(directory.write("bytes.npz", npzBytes({ x, y })));
    const column = stored(dataset.features.features);
    expect(column.stored.dtype).toBe("uint8");
    if (column.source.kind !== "memory") throw new Error("expected memory");
    expect(column.source.columns.values?.buffer.byteLength).toBe(40);
    const { train, validation } = splitDataset(dataset, { validation: 0.3, seed: 4 });
    for (const part of [train, validation]) {
      const some = stored(part.features.features);
      expect(some.source).toBe(column.source);
      // One list for the column and for where the rows are from.
      expect(some.taken).toBe(part.origin?.taken);
      const own = await loadInMemory(part);
      const rows = [...(some.taken ?? [])];
      expect([...(own.features.features?.data ?? [])]).toEqual(
        rows.flatMap((row) => [0, 1, 2, 3].map((at) => 4 * row + at)),
      );
    }
    const inner = splitDataset(train, { validation: 0.5, seed: 5 }).train;
    expect([...(stored(inner.features.features).taken ?? [])]).toEqual([...(inner.origin?.taken ?? [])]);
  });

  it("that were prepared are prepared again from what they have become", async () => {
    const given = { features: { x: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } }, labels: {} };
    const options = { inputs: { x: { shape: [2], dtype: "float32" } }, labels: {}, scale: 2 } as const;
    const twice = await prepareDataset(await prepareDataset(given, options), options);
    expect([...((await loadInMemory(twice)).features.x?.data ?? [])]).toEqual([4, 8, 12, 16]);
  });

  it("are refused where a file goes on after its end", async () => {
    const file = directory.write("more.npy", npyBytes({ shape: [2, 1], data: Uint8Array.of(1, 2) }));
    appendFileSync(file, "x");
    expect((await problemsOf(readDataset(file)))[0]).toContain("goes on too long");
    writeFileSync(file, "");
    expect((await problemsOf(readDataset(file)))[0]).toMatch(/^DATA_EMPTY/);
  });
});
