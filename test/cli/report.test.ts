import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dense, input, label, model, softmaxCrossEntropy } from "../../runtime/layers/index.js";
import { compile, initialWeights, viewsByName } from "../../runtime/program/index.js";
import { saveResult } from "../../runtime/results/index.js";
import { result } from "../report/runs.js";
import { runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const [x, kind] = [input("x", [3]), label("kind", { classes: 2 })];
const network = model({
  name: "tiny",
  inputs: [x],
  labels: [kind],
  loss: softmaxCrossEntropy(dense(x, { name: "fc", units: 2 }), kind),
});

describe("paramserv report", () => {
  const directory = join(scratch, "tiny-trained");
  const page = join(directory, "report.html");
  beforeAll(async () => {
    const program = compile(network);
    await saveResult({
      directory,
      network,
      result: result({ model: viewsByName(program, initialWeights(program, 1)) }),
    });
  });

  it("makes the page of a result again, the same", async () => {
    const before = readFileSync(page, "utf8");
    rmSync(page);
    const { status, stdout, stderr } = await runCli(["report", directory]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: `wrote ${page}\n` });
    expect(readFileSync(page, "utf8")).toBe(before);
    expect((await runCli(["report", directory, "--out", "-"])).stdout.trimEnd()).toBe(before.trimEnd());
  });

  it("writes over no file of --out without --force, and says what is no result", async () => {
    const file = join(scratch, "mine.html");
    writeFileSync(file, "mine");
    const refused = await runCli(["report", directory, "--out", file]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("CLI_OUTPUT_EXISTS");
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect((await runCli(["report", directory, "--out", file, "--force"])).status).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(readFileSync(page, "utf8"));
    const missing = await runCli(["report", join(scratch, "nothing")]);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain("RESULT_FILE_MISSING");
    expect(existsSync(join(scratch, "nothing"))).toBe(false);
  });
});
