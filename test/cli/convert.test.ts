import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors, resultFiles } from "../../runtime/results/index.js";
import { root, runCli, runNode, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const lenet = "fixtures/models/lenet/lenet_solver.prototxt";
const solver = "test/cli/models/small_solver.prototxt";
const digits = "fixtures/data/digits.npz";

function filesOf(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), "utf8")]));
}

/** Makes a dependency available as npm install would, without asking a registry. */
function install(directory: string): void {
  mkdirSync(join(directory, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(directory, "node_modules/paramserv"));
  for (const name of ["typescript", "@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(directory, "node_modules", name));
  }
}

describe("convert", () => {
  it("writes the same bytes twice", async () => {
    const [one, two] = [join(scratch, "one"), join(scratch, "two")];
    const first = await runCli(["convert", lenet, "-o", one]);
    expect(first.status, first.stderr).toBe(0);
    expect((await runCli(["convert", lenet, "-o", two])).status).toBe(0);
    expect(Object.keys(filesOf(one))).toEqual(
      expect.arrayContaining(["model.ts", "train.ts", "solver.ts", "package.json"]),
    );
    expect(filesOf(one)).toEqual(filesOf(two));
    expect(first.stdout.trimEnd().split("\n")).toEqual(
      expect.arrayContaining([join(one, "model.ts"), join(one, "train.ts"), join(one, "package.json")]),
    );
    expect(first.stderr).toContain(`cd ${one} && npm install && npm start -- --data FILE`);
  });

  it("depends on the installation it runs from, or on what --runtime says", async () => {
    const [own, other] = [join(scratch, "own"), join(scratch, "other")];
    await runCli(["convert", lenet, "-o", own]);
    await runCli(["convert", lenet, "-o", other, "--runtime", "^0.1.0"]);
    expect(JSON.parse(filesOf(own)["package.json"] ?? "").dependencies.paramserv).toBe(`file:${relative(own, root)}`);
    expect(JSON.parse(filesOf(other)["package.json"] ?? "").dependencies.paramserv).toBe("^0.1.0");
  });

  it("prints what it is asked for as defaults, and what the net's own file says with its line", async () => {
    const directory = join(scratch, "asked");
    const asked = ["--sample-shape", "4,4", "--label-column", "digit", "--learning-rate", "0.05", "--threads", "2"];
    const more = ["--global-batchsize", "8", "--val-data", "fixtures/data/digits.npz", "--input", "data=x"];
    const { status, stderr } = await runCli(["convert", lenet, "-o", directory, ...asked, ...more]);
    expect(status, stderr).toBe(0);
    const { "train.ts": train = "", "solver.ts": rule = "" } = filesOf(directory);
    for (const line of [
      "      sampleShape: [4, 4], // of one row of the data",
      '      labelColumn: "digit", // CSV: the column of the labels, by name or number from 1',
      '      input: { data: "x" }, // ',
      `      valData: "${relative(directory, join(root, digits))}", // `,
      "      threads: 2, // ",
      "      scale: 0.0625, // lenet_train_test.prototxt:12",
    ]) {
      expect(train).toContain(line);
    }
    expect(train).not.toContain("validation:");
    expect(rule).toContain("learningRate: 0.05,");
    expect(rule).toContain("export const globalBatchsize = 8;");
  });

  it("tells with --check whether a package is up to date, and writes nothing", async () => {
    const directory = join(scratch, "checked");
    const args = ["convert", lenet, "-o", directory];
    const missing = await runCli([...args, "--check"]);
    expect(missing.status).toBe(1);
    expect(missing.stdout).toContain(`missing  ${join(directory, "model.ts")}`);
    await runCli(args);
    const fresh = await runCli([...args, "--check"]);
    expect({ status: fresh.status, stdout: fresh.stdout }).toEqual({ status: 0, stdout: "" });
    const other = await runCli([...args, "--check", "--utype", "ASP"]);
    expect(other.status).toBe(1);
    expect(other.stdout).toContain(`stale    ${join(directory, "train.ts")}`);
    writeFileSync(join(directory, "model.ts"), "// mine\n");
    const before = filesOf(directory);
    const edited = await runCli([...args, "--check"]);
    expect(edited.status).toBe(1);
    expect(edited.stdout).toBe(`stale    ${join(directory, "model.ts")}\n`);
    expect(filesOf(directory)).toEqual(before);
  });

  it("keeps edited files unless it is forced", async () => {
    const directory = join(scratch, "edited");
    const args = ["convert", lenet, "-o", directory];
    await runCli(args);
    const { "model.ts": original = "" } = filesOf(directory);
    writeFileSync(join(directory, "model.ts"), "// mine\n");
    expect((await runCli(args)).status).toBe(2);
    expect(filesOf(directory)["model.ts"]).toBe("// mine\n");
    expect((await runCli([...args, "--force"])).status).toBe(0);
    expect(filesOf(directory)["model.ts"]).toBe(original);
  });
});

/** What was learned, without what the file says of its run. */
function weightsIn(directory: string) {
  return readSafetensors(readFileSync(join(directory, "model.safetensors")), directory).tensors;
}

describe("a converted package", () => {
  const directory = join(scratch, "package");
  const npm = join(dirname(process.execPath), "../lib/node_modules/npm/bin/npm-cli.js");

  it("asks for npm install before it can be trained", async () => {
    const options = ["--data", digits, "-k", "2", "--epochs", "2"];
    const converted = await runCli(["convert", solver, "-o", directory, ...options]);
    expect(converted.status, converted.stderr).toBe(0);
    expect(converted.stderr).toContain(`cd ${directory} && npm install && npm start\n`);
    const early = await runCli(["train", directory]);
    expect(early.status).toBe(2);
    expect(early.stderr).toContain(`hint: run npm install in ${directory} first`);
  });

  it("trains with npm start on the data it was converted for", async () => {
    install(directory);
    const run = await runNode([npm, "start", "--silent", "--", "--json"], { cwd: directory });
    expect(run.status, run.stderr).toBe(0);
    const events = run.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event !== "note");
    expect(events.map(({ event }) => event)).toEqual(["start", "epoch", "epoch", "result"]);
    expect(events[2].train.loss).toBeLessThan(events[1].train.loss);
    expect(readdirSync(join(directory, "result")).sort()).toEqual(Object.values(resultFiles).sort());
  });

  it("trains through the command line to the weights that the model file itself gives", async () => {
    const [direct, packaged] = [join(scratch, "direct"), join(scratch, "packaged")];
    const options = ["--data", digits, "-k", "2", "--epochs", "2", "--json"];
    const own = await runCli(["train", directory, ...options, "--out", packaged]);
    expect(own.status, own.stderr).toBe(0);
    expect(JSON.parse(own.stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({ event: "result" });
    const run = await runCli(["train", solver, ...options, "--out", direct]);
    expect(run.status, run.stderr).toBe(0);
    expect(weightsIn(packaged)).toEqual(weightsIn(direct));
  });

  it("takes every option of train, and data of another size", async () => {
    const rows = Array.from({ length: 40 }, (_, row) => {
      const pixels = Array.from({ length: 16 }, (_pixel, at) => (row * 7 + at * 3) % 16);
      return [row % 10, ...pixels].join(",");
    });
    const names = ["digit", ...Array.from({ length: 16 }, (_, at) => `p${at}`)].join(",");
    writeFileSync(join(scratch, "rows.csv"), [names, ...rows, ""].join("\n"));
    const data = [
      "--data",
      join(scratch, "rows.csv"),
      "--label-column",
      "digit",
      "--sample-shape",
      "4,4",
      "--seed",
      "5",
    ];
    const learning = ["--learning-rate", "0.1", "--momentum", "0", "--weight-decay", "0", "--aggregation", "mean"];
    const length = ["--epochs", "2", "-k", "2", "--global-batchsize", "8"];
    const run = [...length, "--no-reshuffle", "--threads", "1", "--validation", "0.3"];
    const args = [...data, ...learning, ...run, "--utype", "BSP", "--engine", "onnxruntime", "--mode", "LOCAL"];
    const [direct, packaged] = [join(scratch, "direct csv"), join(scratch, "packaged csv")];
    const own = await runCli(["train", directory, ...args, "-o", packaged]);
    expect(own.status, own.stderr).toBe(0);
    const model = await runCli(["train", solver, ...args, "-o", direct]);
    expect(model.status, model.stderr).toBe(0);
    expect(weightsIn(packaged)).toEqual(weightsIn(direct));
    const again = await runCli(["train", directory, ...args, "-o", packaged]);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("CLI_OUTPUT_NOT_EMPTY");
    expect((await runCli(["train", directory, ...args, "-o", packaged, "--force"])).status).toBe(0);
  });

  it("hands an interrupt on to the package's training", async () => {
    let sent: number | undefined;
    const kept = join(scratch, "kept");
    const run = await runCli(["train", directory, "--data", digits, "--epochs", "100000", "--out", kept], {
      onOutput: (child, { stderr }) => {
        if (sent !== undefined || !/^epoch +2\//m.test(stderr)) return;
        sent = performance.now();
        child.kill("SIGINT");
      },
    });
    expect(run.status, run.stderr).toBe(130);
    expect(performance.now() - (sent ?? 0)).toBeLessThan(2000);
    expect(readdirSync(kept)).toContain("model.onnx");
  });

  it("is told apart from TypeScript that does not compile", async () => {
    const text = readFileSync(join(directory, "model.ts"), "utf8");
    writeFileSync(join(directory, "model.ts"), `${text}\nconst wrong: number = "text";\nvoid wrong;\n`);
    const run = await runCli(["train", directory]);
    writeFileSync(join(directory, "model.ts"), text);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain("model.ts(");
    expect(run.stderr).toContain("CLI_PACKAGE_FAILED: its TypeScript does not compile");
  });
});
