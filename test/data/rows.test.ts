import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatherRows, takeRows } from "../../runtime/data/gather.js";
import { loadInMemory } from "../../runtime/data/in-memory.js";
import { type PartitionScheme, partition, partitionSchemes } from "../../runtime/data/partition.js";
import { splitDataset } from "../../runtime/data/split-dataset.js";
import type { Dataset } from "../../runtime/data/types.js";
import { datasetFrom, only, problemsOf } from "./files.js";

const sorted = (rows: Iterable<number>) => [...rows].sort((a, b) => a - b);
const counting = (length: number) => Array.from({ length }, (_, index) => index);

describe("partition schemes", () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 300 }),
    k: fc.integer({ min: 1, max: 12 }),
    seed: fc.nat(),
  });

  it.each(partitionSchemes.filter((scheme) => scheme !== "OVERLAP_RESHUFFLE"))(
    "%s gives every row to exactly one worker, balanced, with no worker empty",
    (scheme) => {
      fc.assert(
        fc.property(sizes, ({ rows, k, seed }) => {
          const parts = partition(scheme, rows, k, seed);
          expect(parts).toHaveLength(Math.min(k, rows));
          expect(sorted(parts.flatMap((part) => [...part]))).toEqual(counting(rows));
          const lengths = parts.map(({ length }) => length);
          expect(Math.min(...lengths)).toBeGreaterThan(0);
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
          expect(partition(scheme, rows, k, seed)).toEqual(parts);
        }),
        { seed: 1, numRuns: 100 },
      );
    },
  );

  it("OVERLAP_RESHUFFLE gives all rows to each of k workers, each in an order of its own", () => {
    fc.assert(
      fc.property(sizes, ({ rows, k, seed }) => {
        const parts = partition("OVERLAP_RESHUFFLE", rows, k, seed);
        expect(parts).toHaveLength(k);
        for (const part of parts) expect(sorted(part)).toEqual(counting(rows));
        if (rows > 50) expect(new Set(parts.map((part) => part.join())).size).toBe(k);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it("places rows as each scheme's name says", () => {
    const placed = (scheme: PartitionScheme) => partition(scheme, 9, 4, 7).map((part) => [...part]);
    expect(placed("DISJOINT_CONTIGUOUS")).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ]);
    expect(placed("DISJOINT_ROUND_ROBIN")).toEqual([
      [0, 4, 8],
      [1, 5],
      [2, 6],
      [3, 7],
    ]);
    expect(placed("DISJOINT_RANDOM").flat()).not.toEqual(counting(9));
    expect(placed("DISJOINT_RANDOM")).not.toEqual(partition("DISJOINT_RANDOM", 9, 4, 8).map((part) => [...part]));
  });

  it("refuses impossible counts and unknown schemes", async () => {
    expect(await problemsOf(() => partition("DISJOINT_RANDOM", 0, 2, 0))).toEqual([
      "DATA_OPTION_INVALID rows is 0, expected a whole number of at least 1",
    ]);
    expect(await problemsOf(() => partition("DISJOINT_RANDOM", 5, 1.5, 0))).toEqual([
      "DATA_OPTION_INVALID k is 1.5, expected a whole number of at least 1",
    ]);
    expect((await problemsOf(() => partition("toString" as PartitionScheme, 5, 1, 0)))[0]).toContain(
      'scheme is "toString", expected one of DISJOINT_CONTIGUOUS',
    );
  });
});

describe("rows", () => {
  it("are gathered by number, runs and single rows alike", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 19 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (list, length) => {
          const source = Float32Array.from(counting(20 * length));
          const into = new Float32Array(list.length * length + 3).fill(-1);
          gatherRows(source, length, Int32Array.from(list), into);
          const expected = list.flatMap((row) => counting(length).map((index) => row * length + index));
          expect([...into]).toEqual([...expected, -1, -1, -1]);
        },
      ),
      { seed: 4 },
    );
    expect(takeRows({ shape: [3, 2], data: Int32Array.of(1, 2, 3, 4, 5, 6) }, Int32Array.of(2, 0))).toEqual({
      shape: [2, 2],
      data: new Int32Array(new SharedArrayBuffer(16)).map((_, index) => [5, 6, 1, 2][index] ?? 0),
    });
  });
});

describe("splitting a dataset", () => {
  /** Rows can be told by their feature. */
  const datasetOf = (labels: readonly number[]): Dataset =>
    datasetFrom(
      { shape: [labels.length, 1], data: Float32Array.from(counting(labels.length)) },
      { shape: [labels.length], data: Int32Array.from(labels) },
    );

  it("puts every row in exactly one part with its label, ⌈share · rows⌉ for validation, never an empty part", () => {
    const labels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 80 });
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(labels, share, fc.nat(), fc.boolean(), (list, validation, seed, stratify) => {
        const split = splitDataset(datasetOf(list), { validation, seed, stratify });
        const rows = [...only(split.train.features).data, ...only(split.validation.features).data];
        expect(sorted(rows)).toEqual(counting(list.length));
        const labelled = [...only(split.train.labels).data, ...only(split.validation.labels).data];
        expect(labelled).toEqual(rows.map((row) => list[row]));
        const wanted = Math.min(Math.ceil(validation * list.length), list.length - 1);
        expect(only(split.validation.features).shape).toEqual([wanted, 1]);
        expect(only(split.train.features).shape).toEqual([list.length - wanted, 1]);
      }),
      { seed: 5 },
    );
  });

  it("keeps the shares of the classes within one row", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 200 }),
        fc.nat(),
        (list, seed) => {
          const { validation } = splitDataset(datasetOf(list), { validation: 0.25, seed });
          const held = [...only(validation.labels).data];
          for (const label of new Set(list)) {
            const exact = (list.filter((each) => each === label).length * held.length) / list.length;
            expect(Math.abs(held.filter((each) => each === label).length - exact)).toBeLessThan(1);
          }
        },
      ),
      { seed: 6 },
    );
  });

  it("repeats for a seed, differs between seeds and mixes sorted rows", () => {
    const dataset = datasetOf(counting(100).map((row) => Math.floor(row / 10)));
    const rows = (seed: number) => [...only(splitDataset(dataset, { seed }).train.features).data];
    expect(rows(1)).toEqual(rows(1));
    expect(rows(1)).not.toEqual(rows(2));
    expect(
      new Set(
        rows(1)
          .slice(0, 20)
          .map((row) => Math.floor(row / 10)),
      ).size,
    ).toBeGreaterThan(4);
  });

  it("knows which rows of the file they are, also of a part of a part", () => {
    const features = { shape: [20, 1], data: Float32Array.from(counting(20)) };
    const origin = { files: [], part: "rows", count: 20 } as const;
    const whole = { ...datasetFrom(features, { shape: [20], data: new Int32Array(20) }), origin };
    const { train } = splitDataset(whole, { validation: 0.3, seed: 1 });
    const { validation } = splitDataset(train, { validation: 0.3, seed: 2 });
    for (const part of [train, validation]) {
      expect([...(part.origin?.taken ?? [])]).toEqual([...only(part.features).data]);
      expect(part.origin).toMatchObject(origin);
    }
  });

  it("takes the same rows of every column, and keeps the shares of the first class numbers of one a row", async () => {
    const rows = 20;
    const dataset: Dataset = {
      features: {
        image: { shape: [rows, 1, 2], data: Float32Array.from(counting(2 * rows)) },
        tokens: { shape: [rows, 3], data: Int32Array.from(counting(3 * rows)) },
      },
      labels: {
        // Of many places a row: no classes of rows.
        mask: { shape: [rows, 2], data: Int32Array.from(counting(2 * rows)) },
        digit: { shape: [rows], data: Int32Array.from(counting(rows), (row) => (row < 5 ? 0 : 1)) },
        offset: { shape: [rows], data: Float32Array.from(counting(rows)) },
      },
    };
    const split = splitDataset(dataset, { validation: 0.2, seed: 3 });
    const [train, validation] = [await loadInMemory(split.train), await loadInMemory(split.validation)];
    for (const part of [train, validation]) {
      const taken = [...(part.labels.offset?.data ?? [])];
      const repeated = (count: number) => taken.flatMap((row) => counting(count).map((at) => row * count + at));
      expect([...(part.features.image?.data ?? [])]).toEqual(repeated(2));
      expect([...(part.features.tokens?.data ?? [])]).toEqual(repeated(3));
      expect(part.features.tokens?.data).toBeInstanceOf(Int32Array);
      expect([...(part.labels.mask?.data ?? [])]).toEqual(repeated(2));
      expect([...(part.labels.digit?.data ?? [])]).toEqual(taken.map((row) => (row < 5 ? 0 : 1)));
    }
    expect(validation.features.image?.shape).toEqual([4, 1, 2]);
    expect([...(validation.labels.digit?.data ?? [])].filter((label) => label === 0)).toHaveLength(1);
  });

  it("splits targets too, and refuses impossible shares and single rows", async () => {
    const targets = { ...datasetOf(counting(10)), labels: { labels: { shape: [10, 1], data: new Float32Array(10) } } };
    expect(only(splitDataset(targets, { validation: 0.3 }).validation.labels).shape).toEqual([3, 1]);
    for (const validation of [0, 1, -1, Number.NaN]) {
      expect((await problemsOf(() => splitDataset(targets, { validation })))[0]).toMatch(/^DATA_OPTION_INVALID/);
    }
    expect((await problemsOf(() => splitDataset(datasetOf([1]))))[0]).toMatch(/^DATA_EMPTY/);
  });
});
