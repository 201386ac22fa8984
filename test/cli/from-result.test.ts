import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const path = (name: string): string => join(scratch, name);

const net = `name: "kinds"
layer { name: "rows" type: "Input" top: "data" top: "kind" input_param { shape { dim: 8 dim: 4 } shape { dim: 8 } } }
layer { name: "scores" type: "InnerProduct" bottom: "data" top: "scores" inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "scores" bottom: "kind" top: "loss" }
layer { name: "accuracy" type: "Accuracy" bottom: "scores" bottom: "kind" top: "accuracy" }
`;

/** Rows of four numbers, the largest of which says the class. */
function table(words: readonly string[], kinds: readonly number[], rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const kind = kinds[row % kinds.length] ?? 0;
    const values = Array.from({ length: 4 }, (_value, at) => (at === kind ? 3 : Math.sin(row * 5 + at)));
    return [...values, words[kind]].join(",");
  });
  return ["a,b,c,d,kind", ...lines, ""].join("\n");
}

async function train(out: string, data: string, ...options: readonly string[]) {
  const args = ["train", path("net.prototxt"), "--data", path(data), "--out", path(out), "-k", "1", "--epochs", "20"];
  const run = await runCli([...args, "--learning-rate", "0.05", ...options]);
  expect(run.status, run.stderr).toBe(0);
  return run;
}

const recordOf = (out: string) => JSON.parse(readFileSync(path(`${out}/run.json`), "utf8"));

describe("a training that starts from a result", () => {
  const words = ["cat", "dog", "eel"];

  beforeAll(async () => {
    writeFileSync(path("net.prototxt"), net);
    writeFileSync(path("all.csv"), table(words, [0, 1, 2], 90));
    writeFileSync(path("later.csv"), table(words, [1, 2], 60));
    writeFileSync(path("numbers.csv"), table(["0", "1", "2"], [0, 1, 2], 30));
    await train("first", "all.csv");
  });

  it("numbers words as the result did, also where the new data lack one", async () => {
    await train("second", "later.csv", "--from", path("first"));
    expect(recordOf("second").classNames).toEqual({ kind: words });
    const alone = recordOf("second").kept.validation;
    expect(alone.accuracy).toBe(1);
  });

  it("says where rows to validate with were learned from, and how to hold out the same", async () => {
    const same = await train("same", "all.csv", "--from", path("first"));
    expect(same.stderr).not.toContain("learned from");
    const other = await train("other", "all.csv", "--from", path("first"), "--seed", "9");
    expect(other.stderr).toMatch(
      /first note: \d+ of the 18 rows to validate with are rows that its weights were learned from\n {2}hint: --seed 0,/,
    );
  });

  it("says how numbers are taken for classes that have names", async () => {
    const { stderr } = await runCli(["evaluate", path("first"), "--data", path("numbers.csv")]);
    expect(stderr).toContain('labels "kind" are numbers, taken as 0 = "cat", 1 = "dog", 2 = "eel"');
    const named = await runCli(["evaluate", path("first"), "--data", path("all.csv")]);
    expect(named.stderr).not.toContain("are numbers");
  });
});
