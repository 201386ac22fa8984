import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkWritable } from "../../runtime/directories.js";
import { CompileError, isBaseError, ModelFileError, RunError } from "../../runtime/errors.js";
import { resolveEpochs } from "../../runtime/script/epochs.js";
import { describeError } from "../../runtime/script/errors.js";
import { parseFlags } from "../../runtime/script/flags.js";
import { helpText } from "../../runtime/script/help.js";

function problemsOf(args: readonly string[], defaults = {}): string[] {
  try {
    parseFlags(args, defaults);
  } catch (error) {
    if (isBaseError(error)) return error.message.split("\n").filter((line) => !line.startsWith("  hint"));
    throw error;
  }
  return [];
}

describe("the flags of a training script", () => {
  test("are decoded over the defaults", () => {
    const { flags, script } = parseFlags(["--data", "x.npz", "-k", "3", "--epochs=5", "--json", "--utype", "ASP"], {
      data: "digits.npz",
      seed: 7,
    });
    expect(flags).toEqual({
      data: "x.npz",
      labels: undefined,
      input: {},
      label: {},
      epochs: 5,
      batchsize: undefined,
      k: 3,
      utype: "ASP",
      freq: "BATCH",
      scheme: "DISJOINT_RANDOM",
      seed: 7,
      out: "result",
    });
    expect(script).toEqual({ json: true, help: false, stats: false, debug: false, logDirectory: undefined });
  });

  test("are checked all at once", () => {
    const args = [
      "--epochs",
      "ten",
      "-k",
      "0",
      "--utype",
      "bsp",
      "--nope",
      "--seed",
      "-1",
      "stray",
      "--json=1",
      "--out",
    ];
    expect(problemsOf(args, { data: "x" }).sort()).toEqual([
      '--epochs CLI_OPTION_INVALID: found "ten", expected a whole number ≥ 1',
      '--json CLI_OPTION_INVALID: found "1", expected no value',
      "--nope CLI_OPTION_UNKNOWN: there is no such option",
      "--out CLI_OPTION_INVALID: found no value, expected DIR",
      '--seed CLI_OPTION_INVALID: found "-1", expected a whole number ≥ 0',
      '--utype CLI_OPTION_INVALID: found "bsp", expected one of BSP, ASP',
      '-k CLI_OPTION_INVALID: found "0", expected a whole number ≥ 1',
      "stray CLI_ARGUMENT_INVALID: the script takes options only, found an argument",
    ]);
  });

  test("name arrays, once for each input and label", () => {
    const args = ["--input", "image=x", "--input", "tokens=t=1", "--label=digit=y"];
    const { flags } = parseFlags(args, { data: "x" });
    expect(flags).toMatchObject({ input: { image: "x", tokens: "t=1" }, label: { digit: "y" } });
    const odd = parseFlags(["--input", "__proto__=x", "--input", "toString=y"], { data: "x" }).flags.input;
    expect(Object.entries(odd)).toEqual([
      ["__proto__", "x"],
      ["toString", "y"],
    ]);
  });

  test.each([
    [["--input", "image"], '--input CLI_OPTION_INVALID: found "image"'],
    [["--input", "=x"], '--input CLI_OPTION_INVALID: found "=x"'],
    [["--input", "image="], '--input CLI_OPTION_INVALID: found "image="'],
    [["--input"], "--input CLI_OPTION_INVALID: found no value"],
    [["--input", "a=x", "--input", "a=y"], '--input CLI_OPTION_INVALID: found "a=x" and "a=y"'],
    [["--input", "a=x", "--input", "b"], '--input CLI_OPTION_INVALID: found "a=x" and "b"'],
  ])("that are no pairs are refused: %j", (args, found) => {
    expect(problemsOf(args, { data: "x" })).toEqual([`${found}, expected NAME=ARRAY, each name once`]);
  });

  test("need data where the script has none of its own, but not for --help", () => {
    expect(problemsOf([])).toEqual(["--data CLI_OPTION_MISSING: required, and not given"]);
    expect(parseFlags(["--help"], {}).script.help).toBe(true);
  });

  test("named like a property of every object are unknown too", () => {
    expect(problemsOf(["--toString", "--constructor"], { data: "x" })).toHaveLength(2);
  });

  test("are all in the help text, with their defaults", () => {
    const text = helpText("Trains LeNet.", { data: "digits.npz", k: 2 });
    expect(text).toMatch(/^Trains LeNet\.\n/);
    for (const flag of [
      "--data FILE",
      "--input NAME=ARRAY",
      "--label NAME=ARRAY",
      "--labels FILE",
      "--epochs N",
      "-k N",
      "--scheme NAME",
      "-h, --help",
    ]) {
      expect(text).toContain(flag);
    }
    expect(text).toContain("[digits.npz]");
    expect(text).toContain("BSP, ASP [BSP]");
  });
});

test("iterations become epochs that see at least as many rows", () => {
  expect(resolveEpochs({ iterations: 10000, batchsize: 64, rows: 60000 })).toBe(11);
  expect(resolveEpochs({ iterations: 10, batchsize: 10, rows: 100 })).toBe(1);
  expect(resolveEpochs({ iterations: 1, batchsize: 1, rows: 1000 })).toBe(1);
  expect(resolveEpochs({ iterations: 5, batchsize: 2, rows: 0 })).toBe(10);
});

describe("the directory for results", () => {
  const home = mkdtempSync(join(tmpdir(), "paramserv-out-"));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test("is tried before training, and nothing is left", () => {
    checkWritable(join(home, "a/b/c"));
    expect(readdirSync(home)).toEqual([]);
    checkWritable(home);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each(["file/result", "file", `${"x".repeat(300)}/result`])("%s that cannot be is an error", (path) => {
    writeFileSync(join(home, "file"), "");
    expect(() => checkWritable(join(home, path))).toThrow(/RESULT_DIRECTORY_UNWRITABLE/);
    expect(readdirSync(home)).toEqual(["file"]);
  });

  test.skipIf(process.platform !== "linux")("in /proc is an error and no hang", () => {
    expect(() => checkWritable("/proc/nothing/result")).toThrow(/RESULT_DIRECTORY_UNWRITABLE/);
  });
});

describe("an error is told without its stack", () => {
  test("one of ours as it is, with the status of its code", () => {
    const error = new ModelFileError({
      code: "MODEL_FILE_MISSING",
      at: { file: "x.prototxt" },
      message: "no such file",
    });
    const { problems } = error;
    expect(describeError(error)).toEqual({ text: "x.prototxt MODEL_FILE_MISSING: no such file", problems, status: 2 });
    expect(describeError(new RunError({ code: "INTERNAL", at: { path: "x" }, message: "m" })).status).toBe(70);
  });

  test("a mistake in the user's code with the line that led to it", () => {
    const root = new URL("../..", import.meta.url).pathname;
    const stack = `Error\n    at f (${root}runtime/x.ts:1:1)\n    at file:///home/me/lenet/model.ts:31:15\n    at node:internal/x:1:1`;
    const problem = { code: "LAYER_OPTION_INVALID", message: "no units" } as const;
    const mistake = Object.assign(new CompileError(problem), { stack });
    expect(describeError(mistake).text).toBe(
      "LAYER_OPTION_INVALID: no units\n  called from /home/me/lenet/model.ts:31:15",
    );
    expect(describeError(mistake).problems).toEqual([
      { ...problem, at: { file: "/home/me/lenet/model.ts", line: 31, column: 15 } },
    ]);
    expect(describeError(Object.assign(new RunError(problem), { stack })).text).toBe("LAYER_OPTION_INVALID: no units");
  });

  test("one of the operating system as a failed run", () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    error.stack = "";
    const problems = [{ code: "CLI_SYSTEM_FAILED", message: error.message }];
    expect(describeError(error)).toEqual({ text: `CLI_SYSTEM_FAILED: ${error.message}`, problems, status: 3 });
  });

  test("any other as a defect", () => {
    const { text, status } = describeError(new TypeError("x is not a function"));
    expect(text).toMatch(/^INTERNAL: TypeError: x is not a function\n/);
    expect(text).not.toMatch(/^\s+at /m);
    expect(status).toBe(70);
    expect(describeError("text").text).toContain("INTERNAL: text");
  });
});
