import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../runtime/data/images/decode.js";
import { shareStrings, stringAt } from "../../runtime/data/images/shared-strings.js";
import { fixture, only, pairOf, problemsOf, readDataset, temporaryDirectory } from "./files.js";

const folder = fixture("images");
const recorded: Record<string, { shape: [number, number, number]; pixels: number[] }> = JSON.parse(
  readFileSync(fixture("images.json"), "utf8"),
);
const directory = temporaryDirectory();
const shapes = (shape: readonly number[]) => ({
  inputs: { data: { shape, dtype: "float32" as const } },
  labels: { label: { shape: [], dtype: "int32" as const } },
});

/** Pillow's pixels `[height, width, 3]` as channels. */
function channelsOf(name: string, channels: readonly number[] = [0, 1, 2]): number[] {
  const { pixels } = recorded[name] ?? { pixels: [] };
  return channels.flatMap((channel) => pixels.filter((_, index) => index % 3 === channel));
}
const farthest = (a: ArrayLike<number>, b: readonly number[]) =>
  Math.max(...b.map((value, index) => Math.abs(value - (a[index] ?? 1e9))));

describe("decoding pictures", () => {
  it.each([
    ["cat/a.png", 0],
    ["dog/a.webp", 0],
    ["dog/clear.png", 0],
    ["dog/grey.png", 0],
    ["cat/b.jpg", 2],
  ])("gives the pixels of %s that Pillow gives, within %d", async (name, tolerance) => {
    const into = new Uint8Array(3 * 8 * 12);
    await decodeImage(join(folder, name), { channels: 3, height: 8, width: 12, order: "rgb" }, into);
    expect(farthest(into, channelsOf(name))).toBeLessThanOrEqual(tolerance);
    await decodeImage(readFileSync(join(folder, name)), { channels: 3, height: 8, width: 12, order: "bgr" }, into);
    expect(farthest(into, channelsOf(name, [2, 1, 0]))).toBeLessThanOrEqual(tolerance);
  });

  it("turns a picture upright as its EXIF data say", async () => {
    const into = new Uint8Array(3 * 12 * 8);
    await decodeImage(join(folder, "dog/turned.jpg"), { channels: 3, height: 12, width: 8, order: "rgb" }, into);
    const { pixels = [] } = recorded["dog/turned.jpg"] ?? {};
    // Orientation 6: a quarter turn clockwise; row y of the result is column y from the bottom.
    const turned = [0, 1, 2].flatMap((channel) =>
      Array.from({ length: 96 }, (_, at) => pixels[((7 - (at % 8)) * 12 + Math.floor(at / 8)) * 3 + channel] ?? 0),
    );
    expect(farthest(into, turned)).toBeLessThanOrEqual(2);
  });

  it("stretches bilinearly, antialiased, close to Pillow", async () => {
    const into = new Uint8Array(3 * 4 * 6);
    await decodeImage(join(folder, "cat/a.png"), { channels: 3, height: 4, width: 6, order: "rgb" }, into);
    expect(farthest(into, channelsOf("resized to 4x6"))).toBeLessThanOrEqual(6);
  });
});

describe("folders of pictures", () => {
  it("number their classes by name, and decode when a batch needs them", async () => {
    const { classNames, notes, ...dataset } = await readDataset(folder, { shapes: shapes([3, 8, 12]) });
    expect(classNames).toEqual({ label: ["cat", "dog"] });
    const { features, labels } = pairOf(dataset);
    expect(features.shape).toEqual([6, 3, 8, 12]);
    expect([...labels.data]).toEqual([0, 0, 1, 1, 1, 1]);
    expect([...features.data.subarray(0, 288)]).toEqual(channelsOf("cat/a.png"));
    expect([...features.data.subarray(3 * 288, 4 * 288)]).toEqual(
      channelsOf("dog/clear.png").map((_, at) => [...features.data][3 * 288 + at]),
    );
    expect(notes).toEqual([
      `classes of "${folder}": 0 = "cat", 1 = "dog"`,
      `pictures of "${folder}" are stretched to 8×12 (height×width; bilinear, antialiased)`,
      `channels of "${folder}" are red, green, blue`,
    ]);
  });

  it("give grey pictures to a network of one channel, in the size that is asked for", async () => {
    const { features } = await readDataset(folder, { shapes: shapes([1, 8, 12]), imageShape: [1, 4, 4] });
    expect(only(features).shape).toEqual([6, 1, 4, 4]);
  });

  it("keep their size only where it is one", async () => {
    const problems = await problemsOf(readDataset(folder, { shapes: shapes([3, 4, 4]), keepImageSize: true }));
    expect(problems).toEqual([
      `DATA_SHAPE_MISMATCH "${folder}" holds pictures of 8×12 in row 0 and 12×8 in row 5, expected one size`,
    ]);
  });

  it("keep the numbers of known classes, and refuse others", async () => {
    const options = { shapes: shapes([3, 8, 12]), classNames: { label: ["dog", "bird", "cat"] } };
    expect([...only((await readDataset(folder, options)).labels).data]).toEqual([2, 2, 0, 0, 0, 0]);
    const other = { ...options, classNames: { label: ["dog"] } };
    expect(await problemsOf(readDataset(folder, other))).toEqual([
      `DATA_LABELS_INVALID the folder "${join(folder, "cat")}" is no class, expected one of "dog"`,
    ]);
  });

  it("name every broken picture with its row at once", async () => {
    const copy = join(directory.path, "broken");
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, "cat", "a.png"), "no picture");
    writeFileSync(join(copy, "dog", "grey.png"), "");
    const problems = await problemsOf(readDataset(copy, { shapes: shapes([3, 8, 12]) }));
    expect([...problems].sort()).toEqual([
      expect.stringMatching(/^DATA_FILE_DAMAGED the picture ".*cat\/a\.png" of row 0 cannot be read: /),
      expect.stringMatching(/^DATA_FILE_DAMAGED the picture ".*dog\/grey\.png" of row 4 cannot be read: /),
    ]);
  });

  it("name a picture that is cut off when it is decoded", async () => {
    const copy = join(directory.path, "cut");
    cpSync(folder, copy, { recursive: true });
    const png = join(copy, "cat", "a.png");
    writeFileSync(png, readFileSync(png).subarray(0, 60));
    expect(await problemsOf(readDataset(copy, { shapes: shapes([3, 8, 12]) }))).toEqual([
      expect.stringMatching(/^DATA_FILE_DAMAGED the picture ".*cat\/a\.png" of row 0 cannot be read: \S/),
    ]);
  });

  it("without pictures, or without classes, are refused", async () => {
    const empty = join(directory.path, "empty");
    mkdirSync(empty);
    expect((await problemsOf(readDataset(empty)))[0]).toMatch(/^DATA_EMPTY the folder ".*empty" has no pictures in it/);
    const cats = join(folder, "cat");
    expect((await problemsOf(readDataset(cats)))[0]).toMatch(/^DATA_LABELS_MISSING .* without folders for classes/);
    const labels = directory.write("labels.csv", "label\n4\n5\n");
    const dataset = await readDataset(cats, { labels, shapes: shapes([3, 8, 12]) });
    expect([...only(dataset.labels).data]).toEqual([4, 5]);
  });
});

describe("lists of pictures", () => {
  it("have a path and a number a line; channels are in Caffe's order", async () => {
    const { notes, ...dataset } = await readDataset(join(folder, "list.txt"), { shapes: shapes([3, 8, 12]) });
    const { features, labels } = pairOf(dataset);
    expect([...labels.data]).toEqual([3, 1, 0]);
    expect([...features.data.subarray(0, 288)]).toEqual(channelsOf("cat/a.png", [2, 1, 0]));
    expect(notes.at(-1)).toMatch(/are blue, green, red, as Caffe reads them$/);
  });

  it("name all bad lines and missing pictures", async () => {
    const list = directory.write("list.txt", "a.png x\nb.png\nc.gif.zip 3\n");
    expect(await problemsOf(readDataset(list))).toEqual([
      'DATA_CELL_INVALID "a.png" has the label "x", expected a number behind it',
      'DATA_CELL_INVALID "b.png" has no label, expected a number behind it',
      expect.stringMatching(/^DATA_CELL_INVALID found "c\.gif\.zip 3", expected a picture's path/),
    ]);
    const missing = directory.write("missing.txt", "none.png 1\n");
    expect((await problemsOf(readDataset(missing)))[0]).toMatch(
      /^DATA_FILE_DAMAGED the picture ".*none\.png" of row 0/,
    );
  });
});

it("many strings are shared without a copy", () => {
  const strings = ["", "a", "ä/ö.png", "x".repeat(1000)];
  const shared = shareStrings(strings);
  expect(strings.map((_, index) => stringAt(shared, index))).toEqual(strings);
});
