import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { idxBytes, pairOf, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const directory = temporaryDirectory();
const images = idxBytes(
  8,
  [2, 2, 3],
  Uint8Array.from({ length: 12 }, (_, i) => i * 20),
);
const labels = idxBytes(8, [2], Uint8Array.of(7, 3));

describe("reading IDX files", () => {
  it("reads images and a labels file, plain and gzipped", async () => {
    for (const pack of [(bytes: Uint8Array) => bytes, (bytes: Uint8Array) => gzipSync(bytes)]) {
      const x = directory.write("digits-a", pack(images));
      const y = directory.write("digits-b", pack(labels));
      const dataset = pairOf(await readDataset(x, { labels: y }));
      expect(dataset.features.shape).toEqual([2, 2, 3]);
      expect([...dataset.features.data]).toEqual(Array.from({ length: 12 }, (_, i) => i * 20));
      expect([...dataset.labels.data]).toEqual([7, 3]);
    }
  });

  it.each([
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
    ["t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"],
  ])("finds the labels of %s beside it and says so", async (imageName, labelName) => {
    const plain = directory.write(imageName, images);
    const beside = directory.write(labelName, labels);
    expect((await readDataset(plain)).notes).toEqual([`labels are read from "${beside}"`]);
    const packed = directory.write(`${imageName}.gz`, gzipSync(images));
    expect([...pairOf(await readDataset(packed)).labels.data]).toEqual([7, 3]);
  });

  it("says which labels file it looked for", async () => {
    const lonely = directory.write("lonely-images-idx3-ubyte", images);
    const [problem] = await problemsOf(readDataset(lonely));
    expect(problem).toMatch(
      /^DATA_LABELS_MISSING .*; looked for .*lonely-labels-idx1-ubyte", .*lonely-labels-idx1-ubyte\.gz"$/,
    );
  });

  it.each([
    [9, [-1, 2], Uint8Array.of(255, 2)],
    [11, [-2, 258], Uint8Array.of(255, 254, 1, 2)],
    [12, [-2, 16_909_060], Uint8Array.of(255, 255, 255, 254, 1, 2, 3, 4)],
    [13, [1, -2.5], Uint8Array.of(0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0)],
    [14, [1, -2], Uint8Array.of(0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0)],
  ])("reads big-endian elements of type %i", async (type, expected, data) => {
    const x = directory.write("typed.idx", idxBytes(type, [2, 1], data));
    const y = directory.write("labels.idx", labels);
    expect([...pairOf(await readDataset(x, { labels: y })).features.data]).toEqual(expected);
  });

  it("refuses a file that is shorter or longer than its header says, before allocating", async () => {
    const short = directory.write("short.idx", idxBytes(8, [60_000, 28, 28], new Uint8Array(100)));
    expect((await problemsOf(readDataset(short)))[0]).toMatch(
      /ends early: shape \[60000,28,28\] of u1 needs 47040016 bytes, found at most 116$/,
    );
    const long = directory.write("long.idx", idxBytes(8, [2], new Uint8Array(3)));
    expect((await problemsOf(readDataset(long)))[0]).toContain("goes on after the 10 bytes that its header promises");
    const packed = directory.write("bomb.gz", gzipSync(idxBytes(8, [4_000_000_000], new Uint8Array(100))));
    expect((await problemsOf(readDataset(packed)))[0]).toContain("found at most");
    const cut = directory.write("cut.gz", gzipSync(images).subarray(0, 25));
    expect((await problemsOf(readDataset(cut)))[0]).toContain("cannot be decompressed");
  });
});
