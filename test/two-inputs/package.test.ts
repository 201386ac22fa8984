import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NDArray } from "paramserv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeFiles } from "../../generators/targets/index.js";
import { emitTypescript } from "../../generators/targets/typescript/index.js";
import type { JsonEvent } from "../../runtime/report/events.js";
import { runCli } from "../cli/run-cli.js";
import { bytesOf, npyBytes, npzBytes } from "../data/files.js";
import { imported } from "../typescript/models.js";
import { rowsOfDigits, twoInputs } from "./network.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let directory = "";

function npy({ shape, data }: NDArray): Uint8Array {
  return npyBytes({ descr: data instanceof Int32Array ? "<i4" : "<f4", shape, data: bytesOf(data) });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "paramserv-two-"));
  const { features, labels } = await rowsOfDigits(360);
  const columns = Object.entries({ ...features, ...labels }).map(([name, column]) => [name, npy(column)] as const);
  writeFileSync(join(directory, "rows.npz"), npzBytes(Object.fromEntries(columns)));
  const renamed = columns.map(([name, bytes]) => [name === "text" ? "words" : name === "next" ? "goal" : name, bytes]);
  writeFileSync(join(directory, "renamed.npz"), npzBytes(Object.fromEntries(renamed)));
  const files = emitTypescript(imported(twoInputs(), { training: { batchsize: 24 } }), {
    runtime: "file:.",
    k: 2,
    seed: 1,
  });
  writeFiles(join(directory, "package"), files, { force: false });
  // What npm install does with a `file:` dependency and the packages of this repository.
  mkdirSync(join(directory, "package/node_modules/@types"), { recursive: true });
  for (const name of ["@types/node", "typescript"]) {
    symlinkSync(join(root, "node_modules", name), join(directory, "package/node_modules", name));
  }
  symlinkSync(root, join(directory, "package/node_modules/paramserv"));
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const train = (data: string, ...args: readonly string[]) =>
  runCli(["train", "package", "--data", data, "--json", ...args], { cwd: directory });

describe("the package of a network with two inputs and two losses", () => {
  test("reads well", async () => {
    const text = readFileSync(join(directory, "package/model.ts"), "utf8");
    await expect(text).toMatchFileSnapshot("../golden/typescript/two-inputs/model.ts");
  });

  test("is trained by the command line, its columns found by name", async () => {
    const { status, stdout, stderr } = await train("rows.npz", "--epochs", "12", "--out", "trained");
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const epochs = stdout
      .split("\n")
      .filter((line) => line.includes('"epoch":12'))
      .map((line): JsonEvent => JSON.parse(line));
    const last = epochs.find((event) => event.event === "epoch");
    expect(Object.keys(last?.train ?? {})).toEqual(expect.arrayContaining(["loss", "digit_loss", "next_loss"]));
    expect(Object.keys(last?.validation ?? {})).toEqual(expect.arrayContaining(["digit_accuracy", "next_accuracy"]));
    expect(Number(last?.train.next_accuracy)).toBeGreaterThan(0.4);
  });

  test("takes arrays of other names where they are named, and says what is missing where they are not", async () => {
    const named = ["--input", "text=words", "--label", "next=goal", "--epochs", "1", "--out", "renamed"];
    expect(await train("renamed.npz", ...named)).toMatchObject({ status: 0 });
    const { status, stderr } = await train("renamed.npz", "--epochs", "1", "--out", "unnamed");
    expect(status).toBe(2);
    expect(stderr).toContain('expected an array of the same name for the input "text"');
    expect(stderr).toContain('expected an array of the same name for the label "next"');
    expect(stderr).toContain("--label next=ARRAY");
  });

  test("is inspected as its model.ts is now, stage by stage", async () => {
    const { status, stdout } = await runCli(["inspect", "package", "--dump", "network"], { cwd: directory });
    expect(status).toBe(0);
    const network = readFileSync(join(root, "test/golden/dump/two-inputs.txt"), "utf8").split("== graph ==")[0] ?? "";
    const lines = (text: string) => text.split("\n").filter((line) => line.startsWith("  "));
    expect(lines(stdout)).toEqual(lines(network));
  });
});
