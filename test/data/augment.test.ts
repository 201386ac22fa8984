import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BatchAssembler } from "../../runtime/data/assembly/batch-assembler.js";
import { type Augmentation, changeOf } from "../../runtime/data/augment/augmentation.js";
import { makeAugmenter } from "../../runtime/data/augment/augmenter.js";
import { withoutAugmentation } from "../../runtime/data/augment/without.js";
import { prepareDataset } from "../../runtime/data/prepare-dataset.js";
import type { Dataset } from "../../runtime/data/types.js";
import { fixture, problemsOf } from "./files.js";

interface Recorded {
  readonly seed: number;
  readonly from_: [number, number, number];
  readonly size: [number, number];
  readonly mirror: boolean;
  readonly pad: number;
  readonly epoch: number;
  readonly row: number;
  readonly result: number[];
}
const recorded: Recorded[] = JSON.parse(readFileSync(fixture("augment.json"), "utf8"));
const counting = (length: number, first = 0) => Float32Array.from({ length }, (_, index) => first + index);
const spots = 4000;

describe("augmentation", () => {
  it.each(recorded)(
    "of seed $seed, epoch $epoch, row $row is NumPy's",
    ({ from_, size, result, row, epoch, ...augmentation }) => {
      const to = [from_[0], ...size] as const;
      const into = new Float32Array(result.length).fill(-1);
      const image = counting(from_[0] * from_[1] * from_[2], 1);
      makeAugmenter(from_, to, augmentation).apply(image, into, { row, epoch });
      expect([...into]).toEqual(result);
    },
  );

  it("cuts at every place and turns every second image, whatever varies", () => {
    const shapes = [
      [1, 7, 9],
      [1, 5, 5],
    ] as const;
    for (const vary of ["epoch", "row", "seed"]) {
      const counts = new Map<string, number>();
      let mirrored = 0;
      for (let index = 0; index < spots; index++) {
        const at = { epoch: 3, row: 5, seed: 1, [vary]: index };
        const { top, left, mirror } = changeOf({ seed: at.seed, mirror: true }, shapes, at);
        counts.set(`${top},${left}`, (counts.get(`${top},${left}`) ?? 0) + 1);
        if (mirror) mirrored += 1;
      }
      // Fifteen places; five standard deviations of a count.
      expect(counts.size).toBe(15);
      for (const count of counts.values()) expect(Math.abs(count - spots / 15)).toBeLessThan(5 * Math.sqrt(spots / 15));
      expect(Math.abs(mirrored - spots / 2)).toBeLessThan(5 * Math.sqrt(spots / 4));
    }
  });

  it("takes the middle without it, rounded to the first pixel", () => {
    const into = new Float32Array(6);
    makeAugmenter([1, 5, 4], [1, 2, 3], undefined).apply(counting(20), into, { row: 0, epoch: 0 });
    expect([...into]).toEqual([4, 5, 6, 8, 9, 10]);
  });
});

const shapes = { inputs: { image: { shape: [2, 3, 4], dtype: "float32" as const } }, labels: {} };
const images = (shape: readonly number[]): Dataset => {
  const data = counting(shape.reduce((product, length) => product * length, 1));
  return { features: { image: { shape, data } }, labels: {} };
};
const augment: Augmentation = { seed: 4, mirror: true };

async function batch(dataset: Dataset, rows: readonly number[], epoch: number): Promise<number[][]> {
  const assembler = await BatchAssembler.open(dataset);
  const into = new Float32Array(rows.length * 24);
  await assembler.assemble({ rows: Int32Array.from(rows), epoch }, [into]);
  await assembler.close();
  return rows.map((_, index) => [...into.subarray(index * 24, (index + 1) * 24)]);
}

describe("batches of images that are cut", () => {
  it("are the same for a row and epoch, whatever else is in the batch", async () => {
    const { notes, ...dataset } = await prepareDataset(images([9, 2, 5, 6]), { ...shapes, crop: true, augment });
    expect(notes).toEqual(["rows of shape [2,5,6] are cut to [2,3,4]"]);
    const all = await batch(dataset, [0, 1, 2, 3, 4, 5, 6, 7, 8], 2);
    const apart = [...(await batch(dataset, [8, 6, 4, 2, 0], 2)), ...(await batch(dataset, [1, 3, 5, 7], 2))];
    expect(apart).toEqual([8, 6, 4, 2, 0, 1, 3, 5, 7].map((row) => all[row]));
    expect(await batch(dataset, [0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).not.toEqual(all);
    const other = await prepareDataset(images([9, 2, 5, 6]), {
      ...shapes,
      crop: true,
      augment: { ...augment, seed: 5 },
    });
    expect(await batch(other, [0, 1, 2, 3, 4, 5, 6, 7, 8], 2)).not.toEqual(all);
  });

  it("are the middle in an evaluation, scaled after they are cut", async () => {
    const options = { ...shapes, crop: true, scale: 2, mean: [1, 10] };
    const prepared = await prepareDataset(images([2, 2, 5, 6]), { ...options, augment });
    const plain = await prepareDataset(images([2, 2, 5, 6]), options);
    const middle = [7, 8, 9, 10, 13, 14, 15, 16, 19, 20, 21, 22];
    const expected = [...middle.map((value) => (value - 1) * 2), ...middle.map((value) => (value + 30 - 10) * 2)];
    expect((await batch(plain, [0], 7))[0]).toEqual(expected);
    expect(await batch(withoutAugmentation(prepared), [1, 0], 1)).toEqual(await batch(plain, [1, 0], 0));
    expect(prepared.preparation.image).toMatchObject({ cropFrom: [2, 5, 6], shape: [2, 3, 4] });
  });

  it("are turned first where their channels are last, and mirrored in their own size", async () => {
    const last = await prepareDataset(images([1, 5, 6, 2]), { ...shapes, crop: true });
    expect((await batch(last, [0], 0))[0]?.slice(0, 5)).toEqual([14, 16, 18, 20, 26]);
    const { features } = await prepareDataset(images([1, 2, 3, 4]), { ...shapes, augment });
    const [seen] = [
      await Promise.all(Array.from({ length: 12 }, (_, epoch) => batch({ features, labels: {} }, [0], epoch))),
    ];
    const kinds = new Set(seen.map(([image = []]) => image.slice(0, 4).join()));
    expect([...kinds].sort()).toEqual(["0,1,2,3", "3,2,1,0"]);
  });

  it("have images of at least their size, and options that mean something", async () => {
    expect(await problemsOf(prepareDataset(images([1, 2, 5, 3]), { ...shapes, crop: true }))).toEqual([
      "DATA_SHAPE_MISMATCH features have images of shape [2,5,3], expected at least [2,3,4] to cut that out of them",
    ]);
    const flat = { inputs: { x: { shape: [4], dtype: "float32" as const } }, labels: {} };
    const rows: Dataset = { features: { x: { shape: [1, 4], data: counting(4) } }, labels: {} };
    expect(
      await problemsOf(prepareDataset(rows, { ...flat, crop: true, augment: { seed: 0, mirror: true, pad: -1 } })),
    ).toEqual([
      "DATA_OPTION_INVALID pad is -1, expected a whole number of pixels from 0 to 4096",
      "DATA_OPTION_INVALID crop and mirror given for inputs of shape [4], expected an input of images [channels, height, width]",
    ]);
  });
});
