import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { fingerprintRows, type OpenOptions, openCheckpoints, parseBest } from "../../runtime/checkpoints/index.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";
import { arrays, run, snapshotOf, wholeVersion } from "./snapshots.js";

const { path: root } = temporaryDirectory();
let out = "";
let directory = "";
let count = 0;
beforeEach(() => {
  out = join(root, `run-${count++}`);
  directory = join(out, "checkpoints");
});

const names = () => readdirSync(directory).sort();

/** A run that writes checkpoints after these numbers of updates, and ends. */
async function ran(
  versions: readonly number[],
  options: Partial<OpenOptions> = {},
  ending: "completed" | "aborted" | "failed" = "aborted",
) {
  const opened = await openCheckpoints({ directory, run, arrays, ...options });
  for (const version of versions) await opened.write(snapshotOf(version));
  await opened.close(ending);
}

const resumed = (changes: Partial<OpenOptions> = {}) => openCheckpoints({ resume: out, run, arrays, ...changes });

describe("the checkpoints of a run", () => {
  it("are its own while it runs", async () => {
    const opened = await openCheckpoints({ directory, run, arrays });
    expect(opened.resume).toBeUndefined();
    await opened.write(snapshotOf(1));
    expect((await problemsOf(resumed()))[0]).toMatch(/^CHECKPOINT_LOCKED /);
    await opened.close("aborted");
    expect(names()).toEqual(["update-00000001"]);
  });

  it("are gone on from, in the directory or its folder", async () => {
    await ran([1, 2]);
    for (const resume of [out, directory]) {
      const opened = await resumed({ resume });
      expect(opened.resume && (await wholeVersion(opened.resume))).toBe(2);
      await opened.close("aborted");
    }
    const opened = await resumed();
    await opened.write(snapshotOf(3));
    await opened.close("aborted");
    expect(names()).toEqual(["update-00000001", "update-00000002", "update-00000003"]);
  });

  it("may be gone on from in another directory, and stay", async () => {
    await ran([1, 2]);
    const other = join(root, `run-${count++}`);
    const opened = await resumed({ directory: other });
    expect(opened.resume?.manifest.version).toBe(2);
    await opened.write(snapshotOf(3));
    await opened.close("completed");
    expect(readdirSync(other)).toEqual(["update-00000003"]);
    expect(names()).toEqual(["update-00000001", "update-00000002"]);
  });

  it.each([
    ["completed", ["update-00000003"]],
    ["aborted", ["update-00000001", "update-00000002", "update-00000003"]],
    ["failed", ["update-00000001", "update-00000002", "update-00000003"]],
  ] as const)("that is %s keep what they should", async (ending, kept) => {
    await ran([1, 2, 3], {}, ending);
    expect(names()).toEqual(kept);
  });

  it("leave nothing where none was written", async () => {
    await ran([]);
    expect(existsSync(out)).toBe(false);
    mkdirSync(out);
    await ran([]);
    expect(readdirSync(out)).toEqual([]);
  });

  it("are not another run's", async () => {
    await ran([1, 2]);
    expect(await problemsOf(ran([1]))).toEqual(["CHECKPOINT_EXISTS found 2 checkpoints of another run, expected none"]);
    expect(names()).toEqual(["update-00000001", "update-00000002"]);
    const opened = await openCheckpoints({ directory, run, arrays, replace: true });
    expect(names()).toEqual(["lock", "update-00000001", "update-00000002"]);
    await opened.write(snapshotOf(1));
    await opened.close("aborted");
    expect(names()).toEqual(["update-00000001"]);
  });

  it("that are not there are told, and nothing is made", async () => {
    const missing = ["CHECKPOINT_MISSING found no checkpoint there, expected one to go on from"];
    expect(await problemsOf(resumed())).toEqual(missing);
    expect(existsSync(out)).toBe(false);
    mkdirSync(directory, { recursive: true });
    expect(await problemsOf(resumed())).toEqual(missing);
  });

  it("cannot be written to a file's place", async () => {
    writeFileSync(out, "");
    expect((await problemsOf(ran([1])))[0]).toMatch(/^RESULT_DIRECTORY_UNWRITABLE checkpoints could not be written/);
  });

  it("are released after an error", async () => {
    await ran([1]);
    await problemsOf(resumed({ run: { ...run, network: "m" } }));
    expect(names()).toEqual(["update-00000001"]);
    await (await resumed()).close("aborted");
    rmSync(join(directory, "update-00000001/manifest.json"));
    expect((await problemsOf(resumed()))[0]).toMatch(/^CHECKPOINT_DAMAGED /);
    expect(names()).toEqual(["update-00000001"]);
  });
});

describe("a run that goes on from a checkpoint", () => {
  const differs = async (changes: Partial<OpenOptions>) => {
    await ran([3]);
    const problems = await problemsOf(resumed(changes));
    return problems.map((text) => text.replace(/^CHECKPOINT_RUN_DIFFERENT /, ""));
  };
  const { training } = run.data;
  const sum = "c".repeat(64);

  it("has to have the same network", async () => {
    expect(await differs({ run: { ...run, network: "m" } })).toEqual(['found network "m", expected "n"']);
  });

  it("has to compile to the same graphs", async () => {
    expect(await differs({ run: { ...run, program: sum } })).toEqual([
      'network "n" compiles to other graphs than the run\'s did, expected the same',
    ]);
  });

  it("has to have the same options, each told", async () => {
    const options = { utype: "ASP", epochs: 4, k: 3, agg: { type: "sgd", options: { momentum: 0.8 } }, seed: 1 };
    expect(await differs({ run: { ...run, options } })).toEqual([
      'option utype is "ASP", expected "BSP" as the run had it',
      "option k is 3, expected 2 as the run had it",
      "option agg.options.momentum is 0.8, expected 0.9 as the run had it",
      "option seed is 1, expected not given as the run had it",
    ]);
  });

  it("may be longer, but not shorter than it is already", async () => {
    await ran([3]);
    for (const epochs of [3, 5, 400]) {
      const opened = await resumed({ run: { ...run, options: { ...run.options, epochs } } });
      expect(opened.resume?.manifest.epoch).toBe(3);
      await opened.close("aborted");
    }
    const short = { ...run, options: { ...run.options, epochs: 2 } };
    expect(await problemsOf(resumed({ run: short }))).toEqual([
      "CHECKPOINT_RUN_DIFFERENT option epochs is 2, expected at least 3, which the run has come to",
    ]);
  });

  it("has to have the same rows", async () => {
    const other = { rows: 10, columns: { "features/data": sum } };
    expect(await differs({ run: { ...run, data: { training: other } } })).toEqual([
      "the rows to learn from differ in features/data, expected those of the run",
    ]);
    const more = { ...run, data: { training: { ...training, rows: 11 }, validation: training } };
    expect(await problemsOf(resumed({ run: more }))).toEqual([
      "CHECKPOINT_RUN_DIFFERENT found 11 rows to learn from, expected 10",
      "CHECKPOINT_RUN_DIFFERENT found 10 rows to validate with, expected no",
    ]);
  });

  it("has to want the arrays that there are", async () => {
    const wanted = new Map([...arrays, ["conv1.bias", [4]], ["optimizer/square/conv1.bias", [3]]] as const);
    wanted.delete("scalar");
    expect(await differs({ arrays: wanted })).toEqual([
      'array "conv1.bias": the checkpoint has one of [3], expected one of [4]',
      'array "scalar": the checkpoint has one of [], expected none',
      'array "optimizer/square/conv1.bias": the checkpoint has none, expected one of [3]',
    ]);
  });

  it("is told all of it at once", async () => {
    const other = { network: "m", options: { ...run.options, k: 1 }, data: { training: { rows: 1, columns: {} } } };
    expect(await differs({ run: other })).toEqual([
      'found network "m", expected "n"',
      "option k is 1, expected 2 as the run had it",
      "found 1 rows to learn from, expected 10",
    ]);
  });
});

describe("the fingerprint of rows", () => {
  const column = (data: Float32Array | Int32Array, shape = [data.length]) => ({ shape, data });
  const of = (data: Float32Array | Int32Array, shape?: number[]) =>
    fingerprintRows(2, { features: { data: column(data, shape) }, labels: {} }).columns["features/data"];

  it("is of names, types, shapes and bytes", () => {
    const floats = Float32Array.of(1, 2, 3, 4);
    const all = [of(floats), of(floats, [2, 2]), of(Int32Array.of(1, 2, 3, 4)), of(Float32Array.of(1, 2, 3, 5))];
    expect(new Set(all).size).toBe(4);
    expect(of(Float32Array.from(floats))).toBe(of(floats));
    expect(of(new Float32Array([0, 1, 2, 3, 4]).subarray(1))).toBe(of(floats));
    const { columns } = fingerprintRows(2, { features: { a: column(floats) }, labels: { a: column(floats) } });
    expect(Object.keys(columns)).toEqual(["features/a", "labels/a"]);
  });

  it("of very many bytes sees the first, the last and pieces between", { timeout: 60_000 }, () => {
    const floats = new Float32Array(2 ** 26 + 1000);
    const first = of(floats);
    const changed = [0, floats.length - 1, 3 * 2 ** 24].map((at) => {
      floats[at] = 1;
      const sum = of(floats);
      floats[at] = 0;
      return sum;
    });
    expect(new Set([first, ...changed.slice(0, 2)]).size).toBe(3);
  });
});

describe("what is the best", () => {
  it.each([
    ["validation.accuracy", { metric: "accuracy", mode: "max" }],
    ["accuracy", { metric: "accuracy", mode: "max" }],
    ["loss", { metric: "loss", mode: "min" }],
    ["validation.loss", { metric: "loss", mode: "min" }],
    ["aux", { metric: "aux", mode: "min" }],
    ["rmse:min", { metric: "rmse", mode: "min" }],
    ["validation.loss:max", { metric: "loss", mode: "max" }],
  ] as const)("is read: %s", (text, rule) => expect(parseBest(text, ["aux"])).toEqual(rule));

  it.each(["", "validation.", "train.loss", ":min", "loss:least"])("is refused: %j", async (text) => {
    expect((await problemsOf(Promise.resolve().then(() => parseBest(text, []))))[0]).toMatch(
      /^CLI_OPTION_INVALID found /,
    );
  });
});
