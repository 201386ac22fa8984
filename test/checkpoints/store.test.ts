import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { exactJson, readExactNumbers } from "../../runtime/checkpoints/exact-json.js";
import { CheckpointStore, loadCheckpoint, type StoreOptions } from "../../runtime/checkpoints/index.js";
import { checkpointName, isLeftover, temporaryName, versionOf } from "../../runtime/checkpoints/names.js";
import { readSafetensors } from "../../runtime/safetensors.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";
import { arrays, run, snapshotOf, wholeVersion } from "./snapshots.js";

const { path: root } = temporaryDirectory();
let directory = "";
let count = 0;
beforeEach(() => {
  directory = join(root, `run-${count++}`);
  mkdirSync(directory);
});

const best = { metric: "accuracy", mode: "max" } as const;
const names = () => readdirSync(directory).sort();
const shown = (versions: readonly number[]) => versions.map(checkpointName);

async function written(versions: readonly number[], options: StoreOptions = {}): Promise<CheckpointStore> {
  const store = new CheckpointStore(directory, options);
  for (const version of versions) await store.write(run, snapshotOf(version));
  return store;
}

async function newestOf(options: StoreOptions = {}) {
  const notes: string[] = [];
  const store = new CheckpointStore(directory, { ...options, say: ({ message }) => notes.push(message) });
  const newest = await store.newest();
  return { store, notes, version: newest === undefined ? undefined : await wholeVersion(newest) };
}

describe("what a checkpoint holds", () => {
  it("is what was written: arrays, states and what the run is, bit for bit", async () => {
    await written([1234]);
    const checkpoint = await loadCheckpoint(join(directory, "update-00001234"));
    expect(await wholeVersion(checkpoint)).toBe(1234);
    expect(checkpoint.arrays).toEqual(arrays);
    const { manifest } = checkpoint;
    expect(manifest).toMatchObject({ ...run, format: 1, version: 1234, epoch: 1234, node: process.version });
    expect(manifest.statistics).toEqual({ loss: { sum: 0.1 * 1234, weight: Number.NaN }, none: -0 });
  });

  it("is files that other programs read: weights by name, then what the optimizer keeps", async () => {
    await written([7]);
    const file = join(directory, "update-00000007/model.safetensors");
    const { tensors, metadata } = readSafetensors(readFileSync(file), file);
    expect(Object.keys(tensors)).toEqual(["conv1.bias", "conv1.weight", "scalar"]);
    expect(tensors["conv1.weight"]?.data).toEqual(new Float32Array(30).fill(7));
    expect(metadata).toEqual({ network: "n", updates: "7" });
  });

  it("gives numbers back that JSON does not have", () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 0.1, 5e-324, 2 ** 53];
    const back = readExactNumbers(JSON.parse(exactJson({ values, text: "NaN", none: null }))) as { values: number[] };
    expect(back).toEqual({ values, text: "NaN", none: null });
    expect(back.values.map((value) => Object.is(value, -0))).toEqual(values.map((value) => Object.is(value, -0)));
  });

  it("tells which array is missing, or of another length", async () => {
    await written([1]);
    const { read } = await loadCheckpoint(join(directory, checkpointName(1)));
    expect(await problemsOf(read("conv2.weight", new Float32Array(1)))).toEqual([
      'CHECKPOINT_DAMAGED it has no array "conv2.weight"',
    ]);
    expect(await problemsOf(read("conv1.bias", new Float32Array(4)))).toEqual([
      'CHECKPOINT_DAMAGED "conv1.bias" has 12 bytes, expected 16',
    ]);
  });
});

describe("the names of checkpoints", () => {
  it.each([0, 1, 99_999_999, 100_000_000, 2 ** 40])("say the number of updates: %i", (version) => {
    expect(versionOf(checkpointName(version))).toBe(version);
  });

  it.each([
    "update-1",
    "update-000000001",
    "update-0000000a",
    "Update-00000001",
    ".tmp-1-aaaaaaaaaaaa",
    "best.json",
    "lock",
  ])("leave %s alone", (name) => expect(versionOf(name)).toBeUndefined());

  it("tell leftovers from what a running process writes", () => {
    expect(isLeftover(temporaryName())).toBe(true);
    expect(isLeftover(`.tmp-${process.ppid}-0123456789ab`)).toBe(false);
    expect(isLeftover(".tmp-4194304999-0123456789ab")).toBe(true);
    expect(isLeftover(".tmp-x-0123456789ab")).toBe(false);
  });
});

describe("which checkpoints stay", () => {
  it("are the three newest where nobody says", async () => {
    await written([1, 2, 3, 4, 5]);
    expect(names()).toEqual(shown([3, 4, 5]));
  });

  it.each([1, 2, 4])("are the %i newest", async (keep) => {
    await written([10, 20, 30, 40, 50], { keep });
    expect(names()).toEqual(shown([10, 20, 30, 40, 50].slice(-keep)));
  });

  it("are the best besides, whichever that is by now, also after a resume", async () => {
    const store = await written([], { keep: 1, best });
    const accuracies = [0.5, 0.8, 0.8, 0.7];
    const verdicts: boolean[] = [];
    for (const [index, accuracy] of accuracies.entries()) {
      await store.write(run, snapshotOf(index + 1));
      verdicts.push(await store.validated(index + 1, index + 1, { accuracy, loss: 1 }));
    }
    expect(verdicts).toEqual([true, true, false, false]);
    expect(names()).toEqual(["best.json", ...shown([2, 4])]);
    expect((await store.best())?.best).toEqual({
      ...{ ...best, version: 2, epoch: 2, value: 0.8 },
      validation: { accuracy: 0.8, loss: 1 },
    });

    const { store: again, version } = await newestOf({ keep: 1, best });
    expect(version).toBe(4);
    const kept = await again.best();
    expect(kept && (await wholeVersion(kept.checkpoint))).toBe(2);
    await again.write(run, snapshotOf(5));
    expect(await again.validated(5, 5, { accuracy: 0.79 })).toBe(false);
    expect(names()).toEqual(["best.json", ...shown([2, 5])]);
    await again.write(run, snapshotOf(6));
    expect(await again.validated(6, 6, { accuracy: 0.81 })).toBe(true);
    expect(names()).toEqual(["best.json", ...shown([6])]);
  });

  it("is the least of a loss, and never one that is no number", async () => {
    const store = await written([1, 2, 3], { best: { metric: "loss", mode: "min" } });
    expect(await store.validated(1, 1, { loss: Number.NaN })).toBe(false);
    expect(await store.best()).toBeUndefined();
    expect(await store.validated(2, 2, { loss: 2 })).toBe(true);
    expect(await store.validated(3, 3, { loss: 1.5 })).toBe(true);
    // Of a version that was not written nothing could be kept.
    expect(await store.validated(4, 4, { loss: 1 })).toBe(false);
  });

  it("is refused where the validation has no such mean", async () => {
    const store = await written([1], { best });
    expect(await problemsOf(store.validated(1, 1, { loss: 1 }))).toEqual([
      "PARAMSERV_OPTION_INVALID best is validation.accuracy, which the validation does not have",
    ]);
  });

  it("begins anew where the best was of another rule, or damaged", async () => {
    const store = await written([1], { best });
    await store.validated(1, 1, { accuracy: 0.9 });
    const other = await newestOf({ best: { metric: "accuracy", mode: "min" } });
    expect(await other.store.best()).toBeUndefined();
    writeFileSync(join(directory, "best.json"), "{");
    expect(await (await newestOf({ best })).store.best()).toBeUndefined();
  });

  it("are the newest and the best of a completed run", async () => {
    const store = await written([1, 2, 3], { best });
    await store.validated(2, 2, { accuracy: 1 });
    await store.finish();
    expect(names()).toEqual(["best.json", ...shown([2, 3])]);
  });

  it("are written once, in the order in which they were asked for", async () => {
    const store = new CheckpointStore(directory, { keep: 1 });
    await Promise.all([1, 2, 2, 3].map((version) => store.write(run, snapshotOf(version, 1)).catch(() => {})));
    expect(names()).toEqual(shown([3]));
  });
});

const harm: Readonly<Record<string, (folder: string) => void>> = {
  "a byte of the weights is another": (folder) => flip(join(folder, "model.safetensors")),
  "a byte of the optimizer's arrays is another": (folder) => flip(join(folder, "optimizer.safetensors")),
  "the weights end early": (folder) => truncateSync(join(folder, "model.safetensors"), 100),
  "the weights are empty": (folder) => truncateSync(join(folder, "model.safetensors"), 0),
  "the weights are missing": (folder) => rmSync(join(folder, "model.safetensors")),
  "the manifest is missing": (folder) => rmSync(join(folder, "manifest.json")),
  "the manifest is empty": (folder) => truncateSync(join(folder, "manifest.json"), 0),
  "the manifest ends early": (folder) => truncateSync(join(folder, "manifest.json"), 200),
  "the manifest is a directory": (folder) => {
    rmSync(join(folder, "manifest.json"));
    mkdirSync(join(folder, "manifest.json"));
  },
  "the manifest has lost a field": (folder) => {
    const file = join(folder, "manifest.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"version"', '"versoin"'));
  },
  "the folder is empty": (folder) => {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
  },
  "the folder is a file": (folder) => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
  },
};

function flip(file: string): void {
  const bytes = readFileSync(file);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

describe("a damaged checkpoint", () => {
  it.each(Object.keys(harm))("is passed over with a note where %s, and goes when another is whole", async (what) => {
    await written([1, 2]);
    harm[what]?.(join(directory, checkpointName(2)));
    const { store, version, notes } = await newestOf({ keep: 1 });
    expect(version).toBe(1);
    expect(notes.length).toBeGreaterThan(0);
    expect(notes.every((note) => note.startsWith("the checkpoint is damaged and passed over: "))).toBe(true);
    expect(names()).toEqual(shown([1, 2]));
    // The same number of updates again, whole.
    await store.write(run, snapshotOf(2));
    expect(names()).toEqual(shown([2]));
    expect((await newestOf()).version).toBe(2);
  });

  it("does not count among those that are kept", async () => {
    await written([1, 5]);
    harm["the manifest is missing"]?.(join(directory, checkpointName(5)));
    const { store } = await newestOf({ keep: 2 });
    await store.write(run, snapshotOf(2));
    expect(names()).toEqual(shown([1, 2]));
  });

  it("is an error with everything that is wrong where none is whole", async () => {
    await written([1, 2]);
    harm["the weights are missing"]?.(join(directory, checkpointName(1)));
    harm["a byte of the weights is another"]?.(join(directory, checkpointName(2)));
    harm["a byte of the optimizer's arrays is another"]?.(join(directory, checkpointName(2)));
    const problems = await problemsOf(new CheckpointStore(directory).newest());
    expect(problems).toEqual([
      "CHECKPOINT_DAMAGED it is not the file that its manifest was written with",
      "CHECKPOINT_DAMAGED it is not the file that its manifest was written with",
      expect.stringMatching(/^CHECKPOINT_DAMAGED it cannot be read: /),
    ]);
  });

  it("of another version is told, not passed over", async () => {
    await written([1, 2]);
    const file = join(directory, checkpointName(2), "manifest.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"format": 1', '"format": 2'));
    expect(await problemsOf(new CheckpointStore(directory).newest())).toEqual([
      expect.stringMatching(/^CHECKPOINT_FORMAT_DIFFERENT its format is 2, written by paramserv .*, expected 1$/),
    ]);
  });
});

describe("a directory of checkpoints", () => {
  it("without any has no newest", async () => {
    expect((await newestOf()).version).toBeUndefined();
    rmSync(directory, { recursive: true });
    expect((await newestOf()).version).toBeUndefined();
  });

  it("loses what killed writes have left, and nothing else", async () => {
    await written([1]);
    mkdirSync(join(directory, ".tmp-4194304999-0123456789ab"));
    writeFileSync(join(directory, ".tmp-4194304999-0123456789ab/model.safetensors"), "x");
    writeFileSync(join(directory, "notes.txt"), "mine");
    await new CheckpointStore(directory).clean();
    expect(names()).toEqual(["notes.txt", ...shown([1])]);
  });

  it("gives up another run's when the first of this one is on the disk, and not before", async () => {
    await written([1, 2, 9], { best });
    writeFileSync(join(directory, "best.json"), "{}");
    const store = new CheckpointStore(directory, { keep: 2 });
    await store.replaceAll();
    expect(names()).toEqual(["best.json", ...shown([1, 2, 9])]);
    await store.write(run, snapshotOf(2));
    expect(names()).toEqual(shown([2]));
    expect(existsSync(join(directory, "best.json"))).toBe(false);
  });
});
