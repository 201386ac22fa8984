import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { trainOptions } from "../../cli/training-options.js";
import { discardLaunch, readLaunch, recordLaunch } from "../../runtime/script/launch.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";

const { path: root } = temporaryDirectory();
let folder = "";
let count = 0;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = join(root, `project-${count++}`);
  mkdirSync(folder);
  for (const name of ["net.prototxt", "rows.csv"]) writeFileSync(at(name), "");
});

const options = { data: "", k: 3, "learning-rate": 0.1, input: { a: "x" }, json: true, force: true, seed: undefined };
const record = () =>
  recordLaunch({
    ...{ directory: at("out"), kind: "model", target: at("net.prototxt"), table: trainOptions },
    options: { ...options, data: at("rows.csv"), out: at("out") },
  });
const read = (resume = at("out"), given: { target?: string; options: Record<string, unknown> } = { options: {} }) =>
  readLaunch(resume, given);
const problems = (...args: Parameters<typeof read>) => problemsOf(Promise.resolve().then(() => read(...args)));

describe("how a run was started", () => {
  it("is read again from the directory of its result, without what is said of the command line alone", () => {
    record();
    const expected = {
      ...{ directory: at("out"), kind: "model", target: at("net.prototxt") },
      options: { k: 3, "learning-rate": 0.1, input: { a: "x" }, data: at("rows.csv") },
    };
    expect(read()).toEqual(expected);
    expect(read(at("out/checkpoints"))).toEqual(expected);
  });

  it("finds files where they were, or as far from the result as they were", () => {
    record();
    const before = folder;
    folder = join(root, `project-${count++}`);
    renameSync(before, folder);
    expect(read()).toMatchObject({ target: at("net.prototxt"), options: { data: at("rows.csv") } });
  });

  it("tells all that has moved, and takes new places", async () => {
    record();
    for (const name of ["net.prototxt", "rows.csv"]) renameSync(at(name), at(`moved-${name}`));
    expect(await problems()).toEqual([
      "MODEL_FILE_MISSING found nothing there, expected the model file that the run was started with",
      "DATA_FILE_MISSING found nothing there, expected the file that the run was given as --data",
    ]);
    const given = { target: at("moved-net.prototxt"), options: { data: at("moved-rows.csv") } };
    expect(read(at("out"), given)).toMatchObject({ target: given.target, options: { k: 3 } });
  });

  it("is missing, damaged or of another version", async () => {
    expect((await problems())[0]).toMatch(/^CHECKPOINT_MISSING /);
    record();
    const file = at("out/checkpoints/launch.json");
    const text = readFileSync(file, "utf8");
    for (const bad of ["{", "{}", text.replace('"model"', '"modal"'), text.replace('"absolute"', '"abs"')]) {
      writeFileSync(file, bad);
      expect(await problems()).toEqual(["CHECKPOINT_DAMAGED it does not say how the run was started"]);
    }
    writeFileSync(file, text.replace('"format": 1', '"format": 2'));
    expect((await problems())[0]).toMatch(/^CHECKPOINT_FORMAT_DIFFERENT /);
  });

  it("is taken back where there is no checkpoint, and stays where there is one", () => {
    record();
    mkdirSync(at("out/checkpoints/update-00000001"));
    discardLaunch(at("out"));
    expect(existsSync(at("out/checkpoints/launch.json"))).toBe(true);
    rmSync(at("out/checkpoints/update-00000001"), { recursive: true });
    discardLaunch(at("out"));
    expect(existsSync(at("out"))).toBe(false);
    discardLaunch(at("out"));
  });
});
