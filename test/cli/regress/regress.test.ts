import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DOMParser, type Element } from "@xmldom/xmldom";
import { beforeAll, describe, expect, it } from "vitest";
import type { RegressReport } from "../../../cli/regress/types.js";
import { root, runCli, scratchDirectory } from "../run-cli.js";
import { filesOf, makeFolder, recordOf, smallNet, write } from "./folder.js";

const scratch = scratchDirectory();
const name = "small/solver.prototxt";
let stored: Readonly<Record<string, string>> = {};

/** A folder of its own with the record of the model in it. */
function storedFolder(at: string): string {
  const directory = join(scratch, at);
  for (const [path, content] of Object.entries(stored)) write(directory, path, content);
  return directory;
}

async function report(directory: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = await runCli(["regress", directory, "--json", ...args]);
  if (!stdout.startsWith("{")) throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Omit<RegressReport, "status">), status };
}

/** Changes a file of a folder; the text to change has to be there. */
function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
}

beforeAll(async () => {
  const directory = makeFolder(join(scratch, "first"));
  const before = await runCli(["regress", directory]);
  expect(before.status).toBe(1);
  expect(before.stdout).toMatch(/^small\/solver\.prototxt +new +new +new /m);
  expect(before.stdout).toContain("import: no record is stored");
  expect(before.stdout).toContain("1 of 1 model is new; --update stores what was found");
  expect(Object.keys(filesOf(directory))).toHaveLength(2);
  const updated = await runCli(["regress", directory, "--update"]);
  expect(updated.status).toBe(0);
  expect(updated.stdout).toContain(`1 record in ${directory} updated: ${name}`);
  expect(updated.stdout).not.toContain("no record is stored");
  stored = filesOf(directory);
});

describe("regress", () => {
  it("stores the package without its manifest, and the training with its settings", () => {
    const folder = `.regress/${name}`;
    const paths = Object.keys(stored).filter((path) => path.startsWith(".regress"));
    expect(paths).toContain(`${folder}/typescript/model.ts`);
    expect(paths).not.toContain(`${folder}/typescript/.paramserv.json`);
    const record = JSON.parse(stored[`${folder}/record.json`] ?? "");
    expect(record).toMatchObject({
      format: 1,
      files: ["small/net.prototxt", name],
      training: { rows: "synthetic", settings: { steps: 5, k: 2, batchsize: 8, seed: 0 } },
    });
    expect(record.training.updates).toHaveLength(5);
    const losses = record.training.updates.map((update: Record<string, number>) => update["train.loss"]);
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    expect(Object.keys(record.training.weights)).toEqual([
      "conv1.weight",
      "conv1.bias",
      "ip1.weight",
      "ip1.bias",
      "ip2.weight",
      "ip2.bias",
    ]);
    expect(JSON.stringify(stored)).not.toContain(scratch);
  });

  it("finds the same bits again, from another directory too, and writes nothing", async () => {
    const directory = storedFolder("same");
    const { status, stdout } = await runCli(["regress", "same"], { cwd: scratch });
    expect(stdout).toMatch(/^small\/solver\.prototxt +same +same +same /m);
    expect(stdout).toContain("1 model, all as stored");
    expect(status).toBe(0);
    const { status: updated, updated: names } = await report(directory, "--update");
    expect({ updated, names }).toEqual({ updated: 0, names: [] });
    expect(filesOf(directory)).toEqual(stored);
  });

  it("names the line of a package that is generated otherwise, and of a file that is not any more", async () => {
    const directory = storedFolder("code");
    const folder = join(directory, ".regress", name, "typescript");
    edit(join(folder, "model.ts"), "units: 8", "units: 9");
    writeFileSync(join(folder, "old.ts"), "// once\n");
    const { status, models } = await report(directory);
    expect(status).toBe(1);
    expect(models[0]?.states).toEqual({ import: "same", code: "differs", training: "same" });
    const line = readFileSync(join(folder, "model.ts"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes("units: 9"));
    expect(models[0]?.findings).toMatchObject([
      {
        part: "code",
        at: { file: join(folder, "model.ts"), line: line + 1 },
        message: "generated otherwise, 2 lines of the diff",
      },
      { part: "code", at: { file: join(folder, "old.ts") }, message: "this file is not generated any more" },
    ]);
    expect(models[0]?.findings[0]?.diff?.join("\n")).toMatch(/^-const ip1 = .*units: 9.*\n\+const ip1 = .*units: 8/m);
    expect((await report(directory, "--update")).updated).toEqual([name]);
    expect(filesOf(directory)).toEqual(stored);
  });

  it("says which update learns otherwise, and by how much; within the tolerance is close", async () => {
    const directory = storedFolder("training");
    const file = recordOf(directory);
    const record = JSON.parse(readFileSync(file, "utf8"));
    record.training.updates[2]["train.loss"] *= 1 + 3e-5;
    writeFileSync(file, JSON.stringify(record));
    const close = await runCli(["regress", directory]);
    expect(close.status).toBe(0);
    expect(close.stdout).toMatch(/^small\/solver\.prototxt +same +same +within 3e-5 /m);
    edit(join(directory, ".regress", name, "typescript/model.ts"), "units: 8", "units: 9");
    expect((await report(directory, "--update")).updated).toEqual([name]);
    expect(JSON.parse(readFileSync(file, "utf8")).training.updates[2]["train.loss"]).toBe(
      record.training.updates[2]["train.loss"],
    );
    record.training.updates[2]["train.loss"] *= 1.01;
    writeFileSync(file, JSON.stringify(record));
    const { status, models } = await report(directory);
    expect(status).toBe(1);
    expect(models[0]?.states).toEqual({ import: "same", code: "same", training: "differs" });
    expect(models[0]?.findings).toHaveLength(1);
    expect(models[0]?.findings[0]?.message).toMatch(
      /^update 3 of 5: train\.loss is \S+ instead of \S+ \(0\.99 % off\)$/,
    );
    write(directory, "regress.json", '{ "tolerance": { "relative": 0.1 } }');
    expect((await report(directory)).status).toBe(0);
  });

  it("says where a model stops importing; its net is not taken for a model, and its record is kept", async () => {
    const directory = storedFolder("broken");
    edit(join(directory, "small/solver.prototxt"), "base_lr", "base_rate");
    const { status, models, gone } = await report(directory, "--update");
    expect(status).toBe(1);
    expect(gone).toEqual([]);
    expect(models.map((model) => model.name)).toEqual([name]);
    expect(models[0]?.states).toEqual({ import: "failed", code: "none", training: "none" });
    expect(models[0]?.findings.at(-1)).toMatchObject({
      code: "PROTOTXT_FIELD_UNKNOWN",
      at: { file: join(directory, "small/solver.prototxt"), line: 2 },
    });
    expect(readFileSync(recordOf(directory), "utf8")).toBe(stored[`.regress/${name}/record.json`]);
  });

  it("names the layer of a variable that is other, and what a changed model is read from", async () => {
    const directory = storedFolder("variables");
    writeFileSync(join(directory, "small/net.prototxt"), smallNet("bias_term: false"));
    const { models } = await report(directory);
    const messages = models[0]?.findings.map(({ message }) => message) ?? [];
    expect(messages).toContain("the variable ip1.bias is not there any more");
  });

  it("names records whose model is gone, and removes them with --update", async () => {
    const directory = storedFolder("gone");
    rmSync(join(directory, "small/solver.prototxt"));
    const first = await report(directory);
    expect(first.status).toBe(1);
    expect(first.gone).toEqual([name]);
    expect(first.models.map((model) => model.name)).toEqual(["small/net.prototxt"]);
    const { status, updated } = await report(directory, "--update");
    expect({ status, updated }).toEqual({ status: 0, updated: ["small/net.prototxt", name] });
    expect(Object.keys(filesOf(directory)).some((path) => path.includes("solver.prototxt"))).toBe(false);
  });

  it("checks only the models that --only names", async () => {
    const directory = storedFolder("only");
    write(directory, "other/net.prototxt", smallNet());
    const { status, models } = await report(directory, "--only", "small/");
    expect({ status, names: models.map((model) => model.name) }).toEqual({ status: 0, names: [name] });
    const none = await runCli(["regress", directory, "--only", "resnet"]);
    expect(none.status).toBe(2);
    expect(none.stderr).toContain('REGRESS_FOLDER_INVALID: found no model whose path holds "resnet"');
    expect(none.stderr).toContain(`hint: the models are other/net.prototxt, ${name}`);
  });

  it("ends a training that takes longer than --timeout", async () => {
    const directory = storedFolder("timeout");
    write(directory, "regress.json", '{ "steps": 100000 }');
    const { status, models } = await report(directory, "--timeout", "1.5");
    expect(status).toBe(1);
    expect(models[0]?.states.training).toBe("failed");
    expect(models[0]?.findings.at(-1)?.message).toBe("not done after 1.5 s: --timeout gives it longer");
  });

  it("ends at Ctrl-C with nothing written", async () => {
    const directory = storedFolder("interrupted");
    write(directory, "regress.json", '{ "steps": 100000 }');
    let sent = false;
    const { status, stdout } = await runCli(["regress", directory, "--update", "--junit", join(directory, "x.xml")], {
      onOutput: (child, { stderr }) => {
        if (sent || !stderr.includes("1/1")) return;
        sent = true;
        setTimeout(() => child.kill("SIGINT"), 1500);
      },
    });
    expect(status).toBe(130);
    expect(stdout).toContain("interrupted after 0 models; nothing was written");
    const { "regress.json": _, ...files } = filesOf(directory);
    expect(files).toEqual(stored);
  });

  it("trains on the rows that regress.json names, and says when the record is of others", async () => {
    const directory = storedFolder("rows");
    const rows = Array.from({ length: 16 }, (_, row) => [
      ...Array.from({ length: 36 }, (_, i) => (row * i) % 7),
      row % 4,
    ]);
    write(directory, "rows.csv", `${rows.map((row) => row.join(",")).join("\n")}\n`);
    write(directory, "small/regress.json", '{ "data": "../rows.csv", "k": 1 }');
    const few = await report(directory);
    expect(few.models[0]?.findings.map(({ message }) => message)).toEqual([
      "trained with k 1, the record is of k 2",
      "trained on rows.csv rows, the record is of synthetic rows",
    ]);
    expect((await report(directory, "--update")).status).toBe(0);
    const record = JSON.parse(readFileSync(recordOf(directory), "utf8"));
    expect(record.training.rows).toBe("rows.csv");
    const squares = rows
      .slice(0, 8)
      .flatMap((row) => row.slice(0, 36))
      .reduce((sum, x) => sum + x * x, 0);
    expect(record.training.columns.data).toEqual({ shape: [8, 1, 6, 6], norm: Math.sqrt(squares) });
    write(directory, "small/regress.json", '{ "data": "../rows.csv", "k": 3 }');
    const more = await report(directory);
    expect(more.models[0]?.findings[0]?.message).toContain("the data have 16 rows, expected at least 24");
  });

  it("refuses a regress.json that is wrong, with every problem and its place", async () => {
    const directory = storedFolder("config");
    const config = {
      step: 3,
      k: 0,
      batchsize: 65_537,
      tolerance: { relativ: 1 },
      targets: ["dml"],
      convert: { utype: "BPS", epoch: 1 },
      models: { "small/nets.prototxt": {}, [name]: { inputShape: [0] } },
    };
    write(directory, "regress.json", JSON.stringify(config));
    const { status, stdout, stderr } = await runCli(["regress", directory]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    const file = join(directory, "regress.json");
    for (const line of [
      `${file} (step) REGRESS_CONFIG_INVALID: there is no such key\n  hint: did you mean steps?`,
      `${file} (k) REGRESS_CONFIG_INVALID: found 0, expected a whole number from 1 to 1024`,
      `${file} (batchsize) REGRESS_CONFIG_INVALID: found 65537, expected a whole number from 1 to 65536`,
      `${file} (tolerance.relativ) REGRESS_CONFIG_INVALID: there is no such key`,
      `${file} (targets) REGRESS_CONFIG_INVALID: found ["dml"], expected a list of typescript, onnx`,
      `${file} (convert.utype) REGRESS_CONFIG_INVALID: found "BPS", expected one of`,
      `${file} (convert.epoch) REGRESS_CONFIG_INVALID: there is no such option\n  hint: did you mean epochs?`,
      `${file} (models.small/nets.prototxt) REGRESS_CONFIG_INVALID: there is no such file`,
      `${file} (models.${name}.inputShape) REGRESS_CONFIG_INVALID: found [0], expected axis lengths`,
    ]) {
      expect(stderr).toContain(line);
    }
    write(directory, "regress.json", "{");
    expect((await runCli(["regress", directory])).stderr).toContain(
      `${file} REGRESS_CONFIG_INVALID: it cannot be read as JSON`,
    );
  });

  it("prints the package by the options of regress.json, and leaves out what it excludes", async () => {
    const directory = storedFolder("convert");
    write(directory, "spare/net.prototxt", smallNet());
    const config = { convert: { utype: "ASP", data: "rows.csv" }, exclude: ["spare/net.prototxt"] };
    write(directory, "regress.json", JSON.stringify(config));
    const { models } = await report(directory);
    expect(models.map((model) => model.name)).toEqual([name]);
    const diff = models[0]?.findings.flatMap((finding) => finding.diff ?? []).join("\n");
    expect(diff).toContain("ASP");
    expect(diff).toContain("rows.csv");
  });

  it("takes a record that cannot be used for a difference, which --update mends", async () => {
    const directory = storedFolder("damaged");
    writeFileSync(recordOf(directory), '{ "format": 1, "files": [{}] }');
    expect((await report(directory)).models[0]?.states.import).toBe("differs");
    writeFileSync(recordOf(directory), '{ "format": 1, "files": [], "training": {} }');
    const { status, models } = await report(directory);
    expect(status).toBe(1);
    expect(models[0]?.states.import).toBe("differs");
    expect(models[0]?.findings[0]?.message).toBe("the stored record: it is no whole record of format 1");
    await report(directory, "--update");
    expect(filesOf(directory)).toEqual(stored);
  });

  it("refuses a folder that is none, or holds no model", async () => {
    const missing = await runCli(["regress", join(scratch, "nowhere")]);
    expect(missing.stderr).toContain("REGRESS_FOLDER_INVALID: found nothing, expected a folder of models");
    const empty = await runCli(["regress", join(root, "docs")]);
    expect(empty.stderr).toContain("REGRESS_FOLDER_INVALID: found no file that a format recognises");
    expect([missing.status, empty.status]).toEqual([2, 2]);
  });

  it("writes JUnit XML that a parser reads, a test case for each part", async () => {
    const directory = storedFolder("junit");
    const junit = join(scratch, "reports/regress.xml");
    edit(join(directory, ".regress", name, "typescript/model.ts"), 'name: "ip1"', 'name: "<ip1>&"');
    write(directory, ".regress/old/net.prototxt/record.json", '{ "format": 1, "files": [] }');
    expect((await report(directory, "--junit", junit)).status).toBe(1);
    const onError = (level: string, message: string) => {
      throw new Error(`${level}: ${message}`);
    };
    const xml = new DOMParser({ onError }).parseFromString(readFileSync(junit, "utf8"), "application/xml");
    const attributes = (of: Element | undefined) => [...(of?.attributes ?? [])].map((one) => [one.name, one.value]);
    const found = (of: Element | undefined) => Object.fromEntries(attributes(of));
    const [testsuite] = xml.getElementsByTagName("testsuite");
    expect(found(testsuite)).toMatchObject({ name: directory, tests: "4", failures: "2", errors: "0", skipped: "0" });
    const cases = [...xml.getElementsByTagName("testcase")];
    const [imported, code, training, gone] = cases.map(found);
    const failures = cases.map((one) => one.getElementsByTagName("failure")[0]);
    expect(imported).toMatchObject({ classname: name, name: "import" });
    expect(code).toMatchObject({ classname: name, name: "code" });
    expect(training).toMatchObject({ classname: name, name: "training" });
    expect(gone).toMatchObject({ classname: "old/net.prototxt" });
    expect(failures.map((one) => found(one).type)).toEqual([undefined, "differs", undefined, "gone"]);
    expect(found(failures[1]).message).toBe("generated otherwise, 2 lines of the diff");
    expect(failures[1]?.textContent).toContain('name: "<ip1>&"');
  });
});
