import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { defineCommand } from "../../cli/command.js";
import { readConfig } from "../../cli/config-file.js";
import { trainOptions } from "../../cli/training-options.js";
import { isBaseError, UsageError } from "../../runtime/errors.js";
import { defineConfig } from "../../runtime/options/config.js";
import { root, runCli, scratchDirectory } from "./run-cli.js";

const scratch = scratchDirectory();
const solver = join(root, "test/cli/models/small_solver.prototxt");
const digits = join(root, "fixtures/data/digits.npz");

function write(name: string, text: string): string {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
}

afterEach(() => {
  for (const name of readdirSync(scratch)) rmSync(join(scratch, name), { recursive: true });
});

async function thrownBy(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (isBaseError(error)) return error.message;
    throw error;
  }
  throw new Error("expected an error");
}

describe("a configuration file", () => {
  it("gives the options that are not typed, found in the current directory", async () => {
    write("paramserv.config.json", JSON.stringify({ data: digits, epochs: 2, k: 1, out: "made", json: true }));
    const { status, stdout, stderr } = await runCli(["train", solver, "--epochs", "1"], { cwd: scratch });
    expect(status, stderr).toBe(0);
    expect(stderr).toContain("options from paramserv.config.json\n");
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event !== "note");
    expect(events.map(({ event }) => event)).toEqual(["start", "epoch", "result"]);
    expect(readdirSync(join(scratch, "made"))).toContain("model.onnx");
  });

  it("may be a module, typed by defineConfig, and TypeScript where Node reads it", async () => {
    mkdirSync(join(scratch, "node_modules"));
    symlinkSync(root, join(scratch, "node_modules/paramserv"));
    const text = 'import { defineConfig } from "paramserv";\nexport default defineConfig({ epoch: 3 });\n';
    write("package.json", '{ "type": "module" }');
    write("paramserv.config.js", text);
    const js = await runCli(["train", solver], { cwd: scratch });
    expect(js.status).toBe(2);
    expect(js.stderr).toContain("paramserv.config.js (epoch) CLI_OPTION_UNKNOWN: there is no such option");
    expect(js.stderr).toContain("hint: did you mean epochs?");
    rmSync(join(scratch, "paramserv.config.js"));
    write("paramserv.config.ts", text);
    const ts = await runCli(["train", solver], { cwd: scratch });
    expect(ts.status).toBe(2);
    const read = Boolean((process.features as { typescript?: unknown }).typescript);
    expect(ts.stderr).toContain(
      read
        ? "paramserv.config.ts (epoch) CLI_OPTION_UNKNOWN"
        : `CLI_CONFIG_INVALID: Node ${process.version} reads no TypeScript, expected a .js or .json file, or Node ≥ 22.18`,
    );
  });

  it("has every mistake told at once, with its file and key, beside those of the command line", async () => {
    const wrong = {
      utype: "BPS",
      epochs: "3",
      sampleShape: [8, 0],
      "learning-rate": 1,
      inputShape: { data: [1, 8, 8] },
    };
    const file = write("wrong.json", JSON.stringify(wrong));
    const command = defineCommand({
      ...{
        describe: "",
        target: { name: "MODEL", describe: "" },
        options: trainOptions,
        configurable: true,
        examples: [],
      },
      run: () => Promise.resolve(0 as const),
    });
    const run = (): Promise<unknown> => command.run("x", { config: file, k: "many" });
    await expect(run()).rejects.toBeInstanceOf(UsageError);
    expect((await thrownBy(run)).split("\n")).toEqual([
      `${file} (utype) CLI_OPTION_INVALID: found "BPS", expected one of "BSP", "ASP", "SSP", "SBP", "HOGWILD"`,
      "  hint: did you mean BSP?",
      `${file} (epochs) CLI_OPTION_INVALID: found "3", expected a whole number ≥ 1`,
      `${file} (sampleShape) CLI_OPTION_INVALID: found [8, 0], expected a list of axis lengths ≥ 1, such as [1, 28, 28]`,
      `${file} (learning-rate) CLI_OPTION_UNKNOWN: there is no such option`,
      "  hint: did you mean learningRate?",
      '-k CLI_OPTION_INVALID: found "many", expected a whole number ≥ 1 and ≤ 1024',
    ]);
  });

  it("names files from where it lies", async () => {
    const file = write(
      "near.json",
      JSON.stringify({ data: "rows.npz", valData: "/abs.npz", out: "made", dump: "graph" }),
    );
    expect((await readConfig(trainOptions, file))?.values).toEqual({
      ...{ data: join(scratch, "rows.npz"), "val-data": "/abs.npz", out: join(scratch, "made"), dump: "graph" },
    });
  });

  it("gives way to a typed option that excludes its own", async () => {
    const file = write("share.json", JSON.stringify({ validation: 0.5, batchsize: 8 }));
    let seen: object = {};
    const command = defineCommand({
      ...{
        describe: "",
        target: { name: "MODEL", describe: "" },
        options: trainOptions,
        configurable: true,
        examples: [],
      },
      run: ({ options }) => {
        seen = options;
        return Promise.resolve(0 as const);
      },
    });
    await command.run("x", { config: file, "val-data": "v.npz", "global-batchsize": "64" });
    expect(seen).toEqual({ config: file, "val-data": "v.npz", "global-batchsize": 64 });
  });

  it.each([
    ["gone.json", undefined, /gone\.json CLI_CONFIG_INVALID: found nothing there/],
    ["text.json", "{ epochs: 1 }", /text\.json CLI_CONFIG_INVALID: it is no JSON: /],
    ["list.json", "[1]", /list\.json CLI_CONFIG_INVALID: found another value, expected an object of options/],
    [
      "none.mjs",
      "export const epochs = 1;",
      /none\.mjs CLI_CONFIG_INVALID: found no value, .*\n {2}hint: export default/,
    ],
    ["fails.mjs", 'throw new Error("no");', /fails\.mjs CLI_CONFIG_INVALID: it cannot be run: Error: no/],
  ])("that cannot be read is told: %s", async (name, text, expected) => {
    const file = text === undefined ? join(scratch, name) : write(name, text);
    expect(await thrownBy(() => readConfig(trainOptions, file))).toMatch(expected);
  });

  it.each([
    ["ends.mjs", "process.exit(0);"],
    ["waits.mjs", "await new Promise(() => {});"],
  ])("that ends the process, or never settles, is told and no success: %s", async (name, text) => {
    const { status, stderr } = await runCli(["train", solver, "--config", write(name, text)]);
    expect(status).toBe(2);
    expect(stderr).toContain(`${name} CLI_CONFIG_INVALID: it ended the process, expected an object of options`);
  });

  it("keeps the types of its options", () => {
    expect(defineConfig({ utype: "ASP", inputShape: { data: [1, 8, 8] } })).toEqual({
      utype: "ASP",
      inputShape: { data: [1, 8, 8] },
    });
    // @ts-expect-error: a misspelt strategy does not compile
    defineConfig({ utype: "BPS" });
    // @ts-expect-error: nor does an option that there is not
    defineConfig({ epoch: 1 });
  });
});
