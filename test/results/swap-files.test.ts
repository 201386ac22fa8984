import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeFilesAtomically } from "../../runtime/results/atomic-files.js";
import { checkResultDirectory } from "../../runtime/results/check-directory.js";
import { isResult, readResult } from "../../runtime/results/index.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";

/** What the next renames do; by default what they say. */
const renames = vi.hoisted(() => ({ done: 0, failAt: Number.POSITIVE_INFINITY, stopAt: Number.POSITIVE_INFINITY }));

vi.mock("node:fs/promises", async (load) => {
  const actual = await load<typeof import("node:fs/promises")>();
  const rename = async (from: string, to: string): Promise<void> => {
    const index = renames.done++;
    if (index === renames.failAt) throw new Error("no rename");
    // A process that was killed does nothing any more, not even fail.
    if (index === renames.stopAt) await new Promise(() => {});
    return actual.rename(from, to);
  };
  return { ...actual, rename };
});

const { path: root } = temporaryDirectory();
const names = ["a.bin", "b.bin", "run.json"];

function save(directory: string, text: string): Promise<void> {
  const bytes = (name: string) => new TextEncoder().encode(`${text} ${name}`);
  return writeFilesAtomically(names.map((name) => ({ path: join(directory, name), chunks: [bytes(name)] })));
}

/** The words before the names in all files that are there: one where they belong together. */
function found(directory: string): readonly (string | undefined)[] {
  const files = names.filter((name) => readdirSync(directory).includes(name));
  return files.map((name) => readFileSync(join(directory, name), "utf8").split(" ")[0]);
}

const whole = (text: string) => [text, text, text];

describe("replacing the files of a folder", () => {
  let directory = "";
  let count = 0;
  beforeEach(async () => {
    directory = join(root, `folder-${count++}`);
    Object.assign(renames, { failAt: Number.POSITIVE_INFINITY, stopAt: Number.POSITIVE_INFINITY });
    await save(directory, "old");
    renames.done = 0;
  });

  it.each([0, 1, 2, 3, 4, 5])("puts the old files back where rename %i fails", async (failAt) => {
    renames.failAt = failAt;
    expect(await problemsOf(save(directory, "new"))).toEqual([
      "RESULT_WRITE_FAILED the result cannot be written: no rename",
    ]);
    expect(found(directory)).toEqual(whole("old"));
    expect(readdirSync(directory).sort()).toEqual(names);
  });

  it.each([0, 1, 2, 3, 4, 5])("is a whole result or none where the process ends at rename %i", async (stopAt) => {
    renames.stopAt = stopAt;
    void save(directory, "new");
    await vi.waitFor(() => expect(renames.done).toBe(stopAt + 1));
    expect(new Set(found(directory)).size).toBeLessThanOrEqual(1);
    if (stopAt > 0) {
      expect(readdirSync(directory)).not.toContain("run.json");
      expect(isResult(directory)).toBe(true);
      expect(await problemsOf(readResult(directory))).toEqual([
        "RESULT_FILE_MISSING a save that was to replace this result was cut short",
      ]);
    }
    // The next save puts the old result back before it does anything; here it fails at its own first rename.
    const restored = stopAt === 0 ? 0 : Math.min(stopAt, names.length);
    Object.assign(renames, { done: 0, stopAt: Number.POSITIVE_INFINITY, failAt: restored });
    await problemsOf(save(directory, "next"));
    expect(found(directory)).toEqual(whole("old"));
    renames.failAt = Number.POSITIVE_INFINITY;
    await save(directory, "next");
    expect(found(directory)).toEqual(whole("next"));
  });

  it("removes what a killed process has left, and nothing else", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const ours = [`.a.bin.${pid}-0123456789ab.tmp`, ".b.bin.paramserv-old"];
    const others = [`.a.bin.${process.pid}-0123456789ab.tmp`, `.c.bin.${pid}-0123456789ab.tmp`, ".a.bin.tmp"];
    for (const name of [...ours, ...others]) writeFileSync(join(directory, name), "left");
    await save(directory, "new");
    expect(readdirSync(directory).sort()).toEqual([...names, ...others].sort());
    expect(found(directory)).toEqual(whole("new"));
  });

  it("refuses what is no file in its place before anything is touched", async () => {
    const folder = join(root, `blocked-${count}`);
    mkdirSync(join(folder, "b.bin"), { recursive: true });
    symlinkSync("elsewhere", join(folder, "run.json"));
    writeFileSync(join(folder, "a.bin"), "old a.bin");
    expect(await problemsOf(save(folder, "new"))).toEqual([
      "RESULT_DIRECTORY_UNWRITABLE found a directory, expected a file that may be replaced, or nothing",
      "RESULT_DIRECTORY_UNWRITABLE found a symbolic link, expected a file that may be replaced, or nothing",
    ]);
    expect(readFileSync(join(folder, "a.bin"), "utf8")).toBe("old a.bin");
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it("is refused before a training where a result's file has a directory in its place", () => {
    mkdirSync(join(directory, "split.json"));
    expect(() => checkResultDirectory(directory, { force: true })).toThrow(/split\.json RESULT_DIRECTORY_UNWRITABLE/);
  });
});
