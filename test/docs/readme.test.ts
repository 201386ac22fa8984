import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root, runCli, runNode, scratchDirectory } from "../cli/run-cli.js";
import { commandsOf, type Fence, fencesOf } from "./fences.js";

/** What README shows is run as it is written, in a folder that holds the fixtures as the clone does. */
const scratch = scratchDirectory();
const readme = join(root, "README.md");
const fences = fencesOf(readme);
const commands = fences.filter(({ language }) => language === "sh").flatMap(({ text }) => commandsOf(text));
/** Blocks that the tests of the packed tarball run, since they install packages, and lines that `.ci/run` begins with. */
const elsewhere = ["Install", "Own the code"];

beforeAll(() => {
  symlinkSync(join(root, "fixtures"), join(scratch, "fixtures"));
  mkdirSync(join(scratch, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(scratch, "node_modules/paramserv"));
  symlinkSync(join(root, "node_modules/@types/node"), join(scratch, "node_modules/@types/node"));
  writeFileSync(join(scratch, "package.json"), '{ "private": true, "type": "module" }\n');
});

describe("the commands of README", () => {
  const direct = fences
    .filter(({ language, section }) => language === "sh" && !elsewhere.includes(section))
    .flatMap(({ text }) => commandsOf(text));
  const ours = direct.filter((line) => line.startsWith("npx paramserv "));

  test("are run, all of them, here or in .ci/run", () => {
    const ci = readFileSync(join(root, ".ci/run"), "utf8");
    const others = direct.filter((line) => !ours.includes(line)).flatMap((line) => line.split(" && "));
    expect(others.length).toBeGreaterThan(2);
    expect(others.filter((command) => !ci.includes(command))).toEqual([]);
    expect(ours.length).toBeGreaterThan(3);
    expect(commands.length).toBeGreaterThan(direct.length);
  });

  test.each(ours)(
    "%s",
    async (line) => {
      const { status, stdout, stderr } = await runCli(line.split(" ").slice(2), { cwd: scratch, timeout: 120_000 });
      expect(status, stderr).toBe(0);
      const file = /--(?:html|svg) (\S+)/.exec(line)?.[1];
      expect(file === undefined ? stdout !== "" : existsSync(join(scratch, file))).toBe(true);
      const out = /--out (\S+)/.exec(line)?.[1];
      const isFolder = line.startsWith("npx paramserv train ");
      const made = isFolder ? ["model.safetensors", "model.onnx"] : [""];
      const results = out === undefined ? [] : made.map((file) => join(scratch, out, file));
      expect(results.filter((file) => !existsSync(file))).toEqual([]);
    },
    150_000,
  );
});

describe("the code of README", () => {
  const code = fences.filter(({ language }) => language === "ts");
  const programs = code.filter(({ section }) => section === "As a library");

  test("is programs, and an excerpt of what convert prints for LeNet", () => {
    expect(programs).toHaveLength(2);
    const excerpts = code.filter((fence) => !programs.includes(fence));
    expect(excerpts).toHaveLength(1);
    const printed = readFileSync(join(root, "test/golden/typescript/lenet/model.ts"), "utf8").split("\n");
    const shown = (excerpts[0] as Fence).text.split("\n").filter((line) => line !== "…");
    expect(shown.filter((line) => !printed.includes(line))).toEqual([]);
  });

  test.each(programs.map(({ text }, index) => [index + 1, text] as const))(
    "program %i compiles and runs",
    async (index, text) => {
      const file = `program${index}`;
      const after = text.includes("epochs }")
        ? "console.log(epochs.at(-1)?.train.loss, Object.keys(weights).length);\n"
        : "";
      writeFileSync(join(scratch, `${file}.ts`), text + after);
      const strict = ["--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext", "--types", "node"];
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      const compiled = await runNode([tsc, ...strict, `${file}.ts`], { cwd: scratch });
      expect(compiled.stdout).toBe("");
      const { status, stdout, stderr } = await runNode([`${file}.js`], { cwd: scratch });
      expect(status, stderr).toBe(0);
      const [loss, variables] = stdout.trim().split(" ").map(Number);
      if (after !== "") expect(loss).toBeLessThan(0.2);
      if (after !== "") expect(variables).toBe(4);
    },
    120_000,
  );
});
