import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeResult } from "../../cli/inspect-result.js";
import { readConfig as readRegressConfig } from "../../cli/regress/config-file.js";
import { readRecord } from "../../cli/regress/record.js";
import { readDataset } from "../../runtime/data/index.js";
import { readResult } from "../../runtime/results/index.js";
import { openSafetensors } from "../../runtime/weights/safetensors.js";
import { problemsOf, temporaryDirectory } from "../data/files.js";

const { path: root } = temporaryDirectory();

/** A pipe that nobody writes to: opening it would never end. */
function pipe(...parts: readonly string[]): string {
  const path = join(root, ...parts);
  mkdirSync(join(path, ".."), { recursive: true });
  execFileSync("mkfifo", [path]);
  return path;
}

it("pipes are refused in place of files, at once", async () => {
  const found = /found a special file, expected a regular file|is a special file, expected a file/;
  expect(await problemsOf(readDataset(pipe("rows.csv")))).toEqual([
    expect.stringMatching(/^DATA_FILE_MISSING .* is a special file, expected a file$/),
  ]);
  expect(await problemsOf(openSafetensors(pipe("w.safetensors")))).toEqual([expect.stringMatching(found)]);
  pipe("result", "run.json");
  expect(await problemsOf(readResult(join(root, "result")))).toEqual([expect.stringMatching(found)]);
  pipe("shown", "model.safetensors");
  expect(await problemsOf(describeResult(join(root, "shown")))).toEqual([expect.stringMatching(found)]);
  pipe("regress.json");
  expect(() => readRegressConfig(root)).toThrow(found);
  pipe(".regress", "m", "record.json");
  expect(readRecord(root, "m")).toMatch(found);
});
