import { describe, expect, it } from "vitest";
import { BatchAssembler } from "../../runtime/data/assembly/batch-assembler.js";
import { batchArrays, rowBatch } from "../../runtime/data/assembly/row-batch.js";
import { elementTypes, readNumbers } from "../../runtime/data/elements.js";
import { loadInMemory } from "../../runtime/data/in-memory.js";
import { storedArray } from "../../runtime/data/memory-column.js";
import { type PrepareOptions, prepareDataset } from "../../runtime/data/prepare-dataset.js";
import type { Dataset } from "../../runtime/data/types.js";

const rows = 9;
const images = (shape: readonly number[]) => {
  const length = rows * shape.reduce((size, dim) => size * dim, 1);
  return { shape: [rows, ...shape], data: Float32Array.from({ length }, (_, index) => ((index * 37) % 101) - 20) };
};
const classes = { shape: [rows], data: Int32Array.from({ length: rows }, (_, row) => row % 3) };

async function batchesOf(dataset: Dataset, lists: readonly (readonly number[])[], epoch = 0) {
  const assembler = await BatchAssembler.open(dataset);
  const arrays = batchArrays(assembler.columns, rows + 1);
  const found: { features: number[]; labels: number[]; shape: readonly number[] }[] = [];
  for (const list of lists) {
    const numbers = Int32Array.from(list);
    await assembler.assemble({ rows: numbers, epoch }, arrays);
    const { features, labels } = rowBatch(assembler.columns, arrays, numbers);
    found.push({
      features: [...(features.x?.data ?? [])],
      labels: [...(labels.y?.data ?? [])],
      shape: features.x?.shape ?? [],
    });
  }
  await assembler.close();
  return found;
}

describe("batches", () => {
  it.each<[what: string, from: readonly number[], to: readonly number[], options: Partial<PrepareOptions>]>([
    ["as they are", [5], [5], {}],
    ["scaled", [2, 2, 3], [2, 2, 3], { scale: 1 / 255, mean: [33.1, 2] }],
    ["channels last, resized", [9, 7, 3], [3, 4, 5], { mean: [104, 117.5, 123.68], scale: 0.0039 }],
    ["larger", [8, 8], [1, 13, 11], { scale: 0.0625 }],
  ])("of rows %s have the bits that all rows have together", async (_, from, to, options) => {
    const shapes = {
      inputs: { x: { shape: to, dtype: "float32" } },
      labels: { y: { shape: [3], dtype: "float32" } },
    } as const;
    const dataset = { features: { x: images(from) }, labels: { y: classes } };
    const prepared = await prepareDataset(dataset, { ...shapes, ...options });
    const all = await loadInMemory(prepared);
    const length = to.reduce((size, dim) => size * dim, 1);
    const lists = [[4], [0, 1, 2, 8, 7, 7], [8, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 0]];
    for (const [index, batch] of (await batchesOf(prepared, lists)).entries()) {
      const list = lists[index] ?? [];
      const own = (data: ArrayLike<number> | undefined, width: number) =>
        list.flatMap((row) => Array.from({ length: width }, (_value, at) => data?.[row * width + at]));
      expect(batch.features).toEqual(own(all.features.x?.data, length));
      expect(batch.labels).toEqual(list.flatMap((row) => [0, 1, 2].map((at) => (row % 3 === at ? 1 : 0))));
      expect(batch.shape).toEqual([list.length, ...to]);
    }
  });

  it("of images that are mirrored are those of their rows and epoch, in whatever batch", async () => {
    const x = storedArray(images([1, 2, 3]), "x");
    const dataset = { features: { x: { ...x, steps: { augmentation: { seed: 3, mirror: true } } } }, labels: {} };
    const every = Array.from({ length: rows }, (_, row) => row);
    const plain = images([1, 2, 3]).data;
    const turned = new Set<string>();
    for (const epoch of [0, 1, 2, 3]) {
      const [whole, ...single] = await batchesOf(dataset, [every, ...every.map((row) => [row])], epoch);
      expect(single.flatMap(({ features }) => features)).toEqual(whole?.features);
      for (const row of every) {
        const was = [...plain.subarray(6 * row, 6 * row + 6)];
        const mirrored = [2, 1, 0, 5, 4, 3].map((at) => was[at]);
        const is = whole?.features.slice(6 * row, 6 * row + 6) ?? [];
        expect([was, mirrored]).toContainEqual(is);
        if (is.join() === mirrored.join()) turned.add(`${epoch} ${row}`);
      }
    }
    // About half of 36, and not the same ones in each epoch.
    expect(turned.size).toBeGreaterThan(9);
    expect(turned.size).toBeLessThan(27);
    expect(new Set([...turned].map((one) => one.slice(2))).size).toBeGreaterThan(turned.size / 4);
  });
});

describe("elements", () => {
  it("are read as the numbers that they are", () => {
    const read = (name: keyof typeof elementTypes, bytes: readonly number[], into: Float64Array | Float32Array) => {
      const buffer = Uint8Array.from(bytes).buffer;
      readNumbers(name, elementTypes[name].view(buffer, 0, into.length), into);
      return [...into];
    };
    // IEEE 754 halves: 1, −2, the largest, the smallest, infinity.
    const halves = [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x7c];
    expect(read("float16", halves, new Float64Array(5))).toEqual([1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY]);
    const long = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    expect(read("int64", long, new Float64Array(1))).toEqual([-1]);
    expect(read("uint64", long, new Float64Array(1))).toEqual([2 ** 64]);
    expect(read("int16", [0xfe, 0xff], new Float32Array(1))).toEqual([-2]);
    expect(read("bool", [1, 0], new Float32Array(2))).toEqual([1, 0]);
  });
});
