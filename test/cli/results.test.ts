import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadInMemory, readDataset } from "../../runtime/data/index.js";
import { root, runCli, scratchDirectory } from "./run-cli.js";
import { problemsOfEvaluation } from "./schemas.js";

const scratch = scratchDirectory();
const out = (name: string): string => join(scratch, name);
const digits = "fixtures/data/digits.npz";

/** Runs to the end, or says why not. */
async function done(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(args);
  expect(status, stderr).toBe(0);
  return stdout;
}

async function refused(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(args);
  expect(status, stderr).toBe(2);
  expect(stdout).toBe("");
  return stderr;
}

interface Recorded {
  readonly rows: readonly number[];
  readonly accuracy: number;
  readonly loss: number;
  readonly told: readonly number[];
  readonly scores: readonly (readonly number[])[];
}

describe("LeNet with mean and scale, against Python's onnxruntime on raw pixels", () => {
  const recorded: Recorded = JSON.parse(readFileSync(join(root, "fixtures/results/lenet.json"), "utf8"));
  const result = out("lenet");
  let last: { readonly validation: Readonly<Record<string, number>> };

  beforeAll(async () => {
    const models = out("models");
    const from = join(root, "fixtures/models/lenet");
    mkdirSync(models);
    const net = readFileSync(join(from, "lenet_train_test.prototxt"), "utf8");
    writeFileSync(
      join(models, "lenet_train_test.prototxt"),
      net.replaceAll("scale: 0.0625", "scale: 0.0625 mean_value: 4.88"),
    );
    cpSync(join(from, "lenet_solver.prototxt"), join(models, "lenet_solver.prototxt"));
    const args = ["--data", digits, "--epochs", "4", "-k", "2", "--out", result];
    await done("train", join(models, "lenet_solver.prototxt"), ...args);
    last = JSON.parse(readFileSync(join(result, "history.jsonl"), "utf8").trimEnd().split("\n").at(-1) ?? "");
  });

  it("the run's validation is what Python finds", () => {
    expect(JSON.parse(readFileSync(join(result, "split.json"), "utf8")).validation.taken).toEqual(recorded.rows);
    expect(last.validation.accuracy).toBeCloseTo(recorded.accuracy, 12);
    expect(last.validation.loss).toBeCloseTo(recorded.loss, 4);
  });

  it("evaluate --split repeats the run's last figures to the last digit, and counts what Python tells", async () => {
    const found = JSON.parse(await done("evaluate", result, "--data", digits, "--split", "--json"));
    expect(problemsOfEvaluation(found)).toEqual([]);
    expect(found).toMatchObject({ event: "evaluation", rows: 360, figures: last.validation });
    const { labels } = await loadInMemory(await readDataset(join(root, digits)));
    const actual = recorded.rows.map((row) => labels.labels?.data[row] ?? -1);
    const counts = new Map<string, number>();
    for (const [index, told] of recorded.told.entries()) {
      const key = `${actual[index]} ${told}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const { accuracy, classes, confusion } = found.labels.label;
    expect(accuracy).toBeCloseTo(recorded.accuracy, 12);
    const cells = confusion.map((one: Record<string, number>) => [`${one.actual} ${one.told}`, one.count]);
    expect(new Map(cells)).toEqual(counts);
    const three = classes[3];
    const [right, all, own] = [counts.get("3 3") ?? 0, recorded.told, actual].map((list) =>
      typeof list === "number" ? list : list.filter((digit) => digit === 3).length,
    );
    expect(three).toEqual({
      class: 3,
      support: own,
      precision: (right ?? 0) / (all ?? 0),
      recall: (right ?? 0) / (own ?? 0),
      f1: expect.closeTo((2 * (right ?? 0)) / ((all ?? 0) + (own ?? 0)), 12),
    });
  });

  it("evaluate takes all rows without --split, and prints tables", async () => {
    const text = await done("evaluate", result, "--data", digits);
    expect(text).toMatch(/^Evaluated LeNet on 1,797 rows\.\n {2}loss {6}0\.\d{4}\n {2}accuracy {2}0\.\d{4}\n/);
    expect(text).toMatch(/^label {12}precision {2}recall {6}F1 {2}support$/m);
    expect(text).toMatch(/^is \\ told/m);
  });

  it("predict gives Python's scores of raw pixels, row by row", async () => {
    const file = out("scores.npz");
    expect(await done("predict", result, "--data", digits, "--out", file, "--top", "2")).toBe(`${file}\n`);
    const [scored, classes] = [
      { shape: [10], dtype: "float32" },
      { shape: [2], dtype: "int32" },
    ] as const;
    const inputs = { prob: scored, prob_top: classes, prob_top_scores: scored };
    const { features } = await loadInMemory(await readDataset(file, { shapes: { inputs, labels: {} } }));
    const { prob, prob_top: top, prob_top_scores: best } = features;
    expect([prob?.shape, top?.shape, best?.shape]).toEqual([
      [1797, 10],
      [1797, 2],
      [1797, 2],
    ]);
    expect(recorded.rows.map((row) => top?.data[2 * row])).toEqual(recorded.told);
    for (const [index, scores] of recorded.scores.entries()) {
      const row = recorded.rows[index] ?? -1;
      for (const [digit, score] of scores.entries()) {
        expect(Math.abs((prob?.data[10 * row + digit] ?? -1) - score)).toBeLessThan(1e-4);
      }
      const sorted = [...scores].sort((a, b) => b - a);
      expect(best?.data[2 * row + 1]).toBeCloseTo(sorted[1] ?? -1, 4);
    }
  });

  it("refuses to look for held out rows in another file, and to write over a file", async () => {
    const csv = out("other.csv");
    writeFileSync(csv, `${Array.from({ length: 3 }, () => `${Array(64).fill(1).join(",")},2`).join("\n")}\n`);
    const stderr = await refused("evaluate", result, "--data", csv, "--split", "--sample-shape", "8,8");
    expect(stderr).toContain(`${csv} RESULT_SPLIT_DIFFERENT: it is not the file whose rows were held out`);
    await done("evaluate", result, "--data", csv, "--sample-shape", "8,8");
    const there = out("there.csv");
    writeFileSync(there, "mine");
    expect(await refused("predict", result, "--data", digits, "--out", there)).toContain("CLI_OUTPUT_EXISTS");
    expect(readFileSync(there, "utf8")).toBe("mine");
    await done("predict", result, "--data", digits, "--out", there, "--force");
    expect(readFileSync(there, "utf8").split("\n", 1)[0]).toBe(
      "row,prob_0,prob_1,prob_2,prob_3,prob_4,prob_5,prob_6,prob_7,prob_8,prob_9",
    );
  });

  it("finds the result of a package, and says what is no result", async () => {
    const package_ = out("package");
    mkdirSync(package_);
    writeFileSync(join(package_, "package.json"), "{}");
    expect(await refused("evaluate", package_, "--data", digits)).toContain(
      "RESULT_FILE_MISSING: it was not trained yet",
    );
    cpSync(result, join(package_, "elsewhere"), { recursive: true });
    await done("evaluate", package_, "--data", digits, "--json");
    expect(await refused("predict", out("nowhere"), "--data", digits, "--out", out("x.csv"))).toContain(
      "RESULT_FILE_MISSING: found nothing there, expected a result folder",
    );
    expect(await refused("predict", result, "--data", digits, "--out", out("x.txt"))).toContain("--out");
    expect(existsSync(out("x.csv"))).toBe(false);
  });
});

describe("labels that are words", () => {
  const flowers = out("flowers.csv");
  const result = out("flowers");
  const line = (kind: string, index: number) => {
    const place = ["iris", "lily", "rose"].indexOf(kind);
    return `${place + (index % 7) / 20},${-place + (index % 5) / 20},${kind}`;
  };
  const lines = Array.from({ length: 90 }, (_, index) => line(["rose", "iris", "lily"][index % 3] ?? "", index));
  const net = `name: "Flowers"
layer { name: "rows" type: "MemoryData" top: "data" top: "kind"
  memory_data_param { batch_size: 10 channels: 2 height: 1 width: 1 } }
layer { name: "scores" type: "InnerProduct" bottom: "data" top: "scores"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "scores" bottom: "kind" top: "loss" }
`;

  beforeAll(async () => {
    writeFileSync(flowers, `a,b,kind\n${lines.join("\n")}\n`);
    writeFileSync(out("flowers.prototxt"), net);
    const args = ["--label-column", "kind", "--epochs", "60", "--learning-rate", "0.1", "-k", "1", "--out", result];
    await done("train", out("flowers.prototxt"), "--data", flowers, ...args);
  });

  it("keep their class numbers in a file that holds only some of them", async () => {
    const some = out("some.csv");
    writeFileSync(some, `a,b,kind\n${lines.filter((one) => !one.endsWith("iris")).join("\n")}\n`);
    const found = JSON.parse(await done("evaluate", result, "--data", some, "--label-column", "kind", "--json"));
    const { accuracy, classes } = found.labels.kind;
    expect(classes).toMatchObject([
      { class: 0, name: "iris", support: 0, recall: null },
      { class: 1, name: "lily", support: 30 },
      { class: 2, name: "rose", support: 30 },
    ]);
    expect(accuracy).toBe(1);
    expect(await done("evaluate", result, "--data", some, "--label-column", "kind")).toMatch(/^lily +1\.0000/m);
  });

  it("that the training did not have are refused with their line", async () => {
    const strange = out("strange.csv");
    writeFileSync(strange, "a,b,kind\n1,1,rose\n1,1,tulip\n");
    const stderr = await refused("evaluate", result, "--data", strange, "--label-column", "kind");
    expect(stderr).toContain(`strange.csv:3 DATA_CELL_INVALID: label column 3 ("kind") is "tulip"`);
    expect(stderr).toContain('expected a class name of "iris", "lily", "rose"');
  });

  it("are what predict calls the best classes; the labels need not be there", async () => {
    const table = out("best.csv");
    const words = await refused("predict", result, "--data", flowers, "--out", table);
    expect(words).toMatch(/flowers\.csv:2 DATA_CELL_INVALID: column 3 \("kind"\) holds no number in any of \d+ rows/);
    expect(words).toContain("hint: --label-column NAME leaves the column with the labels out");
    expect(words.match(/DATA_/g)).toHaveLength(1);
    const numbered = out("numbered.csv");
    writeFileSync(numbered, "a,b,kind\n1,2,0\n2,3,1\n");
    const wide = await refused("predict", result, "--data", numbered, "--out", table);
    expect(wide).toContain(`${numbered} DATA_SHAPE_MISMATCH`);
    expect(wide).toContain("; the network was trained on rows of [2]\n  hint: --label-column NAME leaves");
    await done("predict", result, "--data", flowers, "--label-column", "kind", "--out", table, "--top", "1");
    const [head, ...rows] = readFileSync(table, "utf8").trimEnd().split("\n");
    expect(head).toBe("row,prob_class_1,prob_score_1");
    expect(rows.map((row) => row.split(",")[1])).toEqual(lines.map((one) => one.split(",")[2]));
    const bare = out("bare.csv");
    writeFileSync(bare, `a,b\n${lines.map((one) => one.split(",").slice(0, 2).join(",")).join("\n")}\n`);
    await done("predict", result, "--data", bare, "--out", out("bare-best.csv"), "--top", "1");
    expect(readFileSync(out("bare-best.csv"), "utf8")).toBe(readFileSync(table, "utf8"));
    await done("predict", result, "--data", bare, "--out", out("all.csv"));
    expect(readFileSync(out("all.csv"), "utf8").split("\n", 1)[0]).toBe("row,prob_iris,prob_lily,prob_rose");
  });
});
