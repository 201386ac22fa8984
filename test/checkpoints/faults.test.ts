import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { CheckpointStore } from "../../runtime/checkpoints/index.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";
import { type Fault, faultyDisk } from "./faulty-disk.js";
import { run, snapshotOf, wholeVersion } from "./snapshots.js";

const { path: root } = temporaryDirectory();
let count = 0;
const newDirectory = () => {
  const directory = join(root, `run-${count++}`);
  mkdirSync(directory);
  return directory;
};

/** What a process that comes later finds, after it has cleaned up. */
async function found(directory: string): Promise<{ readonly version: number; readonly names: readonly string[] }> {
  const store = new CheckpointStore(directory);
  await store.clean();
  const newest = await store.newest();
  if (newest === undefined) throw new Error("no checkpoint");
  return { version: await wholeVersion(newest), names: readdirSync(directory).sort() };
}

/** A store that keeps two and has two, on a disk that fails while the third is written and the first removed. */
async function thirdWrite(fault?: Fault) {
  const directory = newDirectory();
  const before = new CheckpointStore(directory);
  await before.write(run, snapshotOf(1));
  await before.write(run, snapshotOf(2));
  const notes: string[] = [];
  const disk = faultyDisk(fault);
  const store = new CheckpointStore(directory, { keep: 2, disk, say: ({ message }) => notes.push(message) });
  await store.newest();
  return { directory, store, disk, notes };
}

/** What is wrong with a write; nothing where it comes to its end. */
async function outcomeOf(writing: Promise<void>): Promise<readonly string[]> {
  const outcome = await writing.catch((error: unknown) => error);
  return outcome === undefined ? [] : problemsOf(Promise.reject(outcome));
}

const operations = await (async () => {
  const { store, disk } = await thirdWrite();
  await store.write(run, snapshotOf(3));
  return disk.log;
})();

describe("a write of a checkpoint", () => {
  it("has everything on the disk before it takes its name, and its manifest last", () => {
    // Header and three arrays of each file of arrays; the manifest is one piece.
    const arrays = ["create", "write", "write", "write", "write", "sync", "close"];
    const files = [...arrays, ...arrays, "create", "write", "sync", "close"];
    expect(operations).toEqual(["make", ...files, "syncDirectory", "rename", "syncDirectory", "rename", "remove"]);
  });

  const named = operations.indexOf("rename");
  const points = operations.map((what, at) => ({ what, at }));

  it.each(points)("leaves the earlier ones, or is whole, where $what (operation $at) says EIO", async ({ at }) => {
    const { directory, store } = await thirdWrite({ at, what: "EIO" });
    const problems = await outcomeOf(store.write(run, snapshotOf(3)));
    const isRotation = at > named + 1;
    const message =
      "CHECKPOINT_WRITE_FAILED the checkpoint cannot be written, the newest is update-00000002: EIO: injected";
    expect(problems).toEqual(isRotation ? [] : [message]);
    // Once it has its name it is whole, also where the system does not say so.
    const { version, names } = await found(directory);
    expect(version).toBe(at <= named ? 2 : 3);
    expect(names.filter((name) => !name.startsWith("update-"))).toEqual([]);
    // The run may go on, as after room was made.
    const next = new CheckpointStore(directory, { keep: 2 });
    await next.newest();
    await next.write(run, snapshotOf(4));
    expect((await found(directory)).version).toBe(4);
  });

  it.each(points)("makes room where the disk is full at $what (operation $at), and ends whole", async ({ at }) => {
    const { directory, store, notes } = await thirdWrite({ at, what: "half" });
    expect(await outcomeOf(store.write(run, snapshotOf(3)))).toEqual([]);
    expect(await found(directory)).toMatchObject({ version: 3 });
    const before = at <= named + 1;
    expect(notes).toEqual(before ? ["there was no room for a checkpoint: 1 older checkpoint was removed"] : []);
  });

  it.each(points)("ends with an error where the disk stays full from $what (operation $at) on", async ({ at }) => {
    const { directory, store } = await thirdWrite({ at, what: "half", stays: true });
    const problems = await outcomeOf(store.write(run, snapshotOf(3)));
    expect(problems.map((text) => text.split(" ")[0])).toEqual(at > named + 1 ? [] : ["CHECKPOINT_WRITE_FAILED"]);
    expect((await found(directory)).version).toBe(at <= named ? 2 : 3);
  });

  it.each(points)("leaves a whole newest one where the process is gone at $what (operation $at)", async ({ at }) => {
    const { directory, store, disk } = await thirdWrite({ at, what: "gone" });
    void store.write(run, snapshotOf(3));
    await expect.poll(() => disk.log.length).toBe(at + 1);
    // What is half done after the last operation reaches the disk before it is looked at.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { version, names } = await found(directory);
    expect(version).toBe(at <= named ? 2 : 3);
    expect(names.every((name) => name.startsWith("update-"))).toBe(true);
  });

  it("says that there is no earlier one where the first fails", async () => {
    const directory = newDirectory();
    const store = new CheckpointStore(directory, { disk: faultyDisk({ at: 2, what: "ENOSPC", stays: true }) });
    expect(await problemsOf(store.write(run, snapshotOf(1)))).toEqual([
      "CHECKPOINT_WRITE_FAILED the checkpoint cannot be written, there is no earlier one: ENOSPC: injected",
    ]);
    await new CheckpointStore(directory).clean();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("a disk that is full", () => {
  const mounted = join(root, "full");
  mkdirSync(mounted);
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", mounted]);
  afterAll(() => void (mount.status === 0 && spawnSync("umount", [mounted])));

  it.skipIf(mount.status !== 0)("keeps what is there, and heals when there is room", async () => {
    const directory = join(mounted, "checkpoints");
    mkdirSync(directory);
    const notes: string[] = [];
    const store = new CheckpointStore(directory, { keep: 10, say: ({ message }) => notes.push(message) });
    const ofSize = (version: number, bytes: number) => ({ ...snapshotOf(version), protocol: "x".repeat(bytes) });
    for (const version of [1, 2, 3]) await store.write(run, ofSize(version, 60_000));
    expect(await outcomeOf(store.write(run, ofSize(4, 300_000)))).toEqual([
      expect.stringMatching(
        /^CHECKPOINT_WRITE_FAILED the checkpoint cannot be written, the newest is update-00000003: ENOSPC/,
      ),
    ]);
    expect(notes).toEqual(["there was no room for a checkpoint: 2 older checkpoints were removed"]);
    expect(readdirSync(directory)).toEqual(["update-00000003"]);
    for (const version of [5, 6, 7, 8, 9]) await store.write(run, ofSize(version, 60_000));
    expect(notes.length).toBeGreaterThan(1);
    const newest = await new CheckpointStore(directory).newest();
    expect(newest?.manifest).toMatchObject({ version: 9, protocol: "x".repeat(60_000) });
  });
});
