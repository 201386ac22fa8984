import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkWritable } from "../../runtime/directories.js";
import { CompileError, isBaseError, ModelFileError, RunError, UsageError } from "../../runtime/errors.js";
import { resolveEpochs } from "../../runtime/script/epochs.js";
import { describeError } from "../../runtime/script/errors.js";
import { helpText, parseFlags } from "../../runtime/script/flags.js";

function problemsOf(args: readonly string[], defaults = {}): string[] {
  try {
    parseFlags(args, defaults);
  } catch (error) {
    if (isBaseError(error)) return error.message.split("\n").filter((line) => !line.startsWith("  hint"));
    throw error;
  }
  return [];
}

/** A command line that can be run. */
function flagsOf(args: readonly string[], defaults: Parameters<typeof parseFlags>[1] = { data: "x" }) {
  const parsed = parseFlags(args, defaults);
  if (parsed.kind !== "run") throw new Error("expected a run, got a text");
  return parsed;
}

describe("the flags of a training script", () => {
  test("are decoded over the defaults", () => {
    const args = ["--data", "x.npz", "-k", "3", "--epochs=5", "--json", "--utype", "ASP", "--learning-rate=1e-2"];
    const { flags, options, script } = flagsOf([...args, "--no-reshuffle", "--sample-shape", "8,8"], {
      data: "digits.npz",
      seed: 7,
      reshuffle: true,
    });
    const server = {
      ...{ mode: "LOCAL", utype: "ASP", freq: "EPOCH", scheme: "DISJOINT_CONTIGUOUS", aggregation: "mean" },
      ...{ reshuffle: false, k: 3, seed: 7, engine: "onnxruntime", staleness: 2, numBackupWorkers: 1, nbatches: 1 },
      ...{ modelAvg: false, nonfinite: "stop", timeout: 600, checkpointing: "NONE", keepCheckpoints: 3 },
    };
    expect(options).toEqual(server);
    const own = { data: "x.npz", epochs: 5, out: "result", learningRate: 0.01, sampleShape: [8, 8] };
    expect(flags).toEqual({ ...server, ...own });
    expect(script).toEqual({ json: true, stats: false });
  });

  test("win over a default that they exclude", () => {
    const defaults = { data: "x", batchsize: 8, valData: "v.npz" };
    expect(flagsOf(["--global-batchsize", "64"], defaults).flags).toMatchObject({ globalBatchsize: 64 });
    expect(flagsOf(["--global-batchsize", "64"], defaults).flags.batchsize).toBeUndefined();
    expect(flagsOf(["--validation", "0.5"], defaults).flags.valData).toBeUndefined();
    expect(flagsOf([], { data: "x", validation: 0.5 }).flags.validation).toBe(0.5);
    expect(flagsOf(["--val-data", "w"], { data: "x", validation: 0.5 }).flags.validation).toBeUndefined();
  });

  test("that do not go together are refused", () => {
    expect(problemsOf(["--batchsize", "8", "--global-batchsize", "64"], { data: "x" })).toEqual([
      "--batchsize CLI_OPTION_INVALID: given beside --global-batchsize, expected one of them",
    ]);
    expect(problemsOf(["--val-labels", "y.npy"], { data: "x" })).toEqual([
      "--val-data CLI_OPTION_MISSING: required beside --val-labels, and not given",
    ]);
  });

  test("have defaults that are checked, too", () => {
    const wrong = { data: "x", utype: "BPS", epoch: 3, validation: 1 };
    expect(problemsOf([], wrong as object)).toEqual([
      'defaults.utype CLI_OPTION_INVALID: found "BPS", expected one of "BSP", "ASP", "SSP", "SBP", "HOGWILD"',
      "defaults.epoch CLI_OPTION_UNKNOWN: there is no such option",
      "defaults.validation CLI_OPTION_INVALID: found 1, expected a number ≥ 0 and < 1",
    ]);
  });

  test("that are misspelt are a usage error, with the nearest that there is", () => {
    expect(() => parseFlags(["--utype", "BPS"], { data: "x" })).toThrow(UsageError);
    expect(() => parseFlags(["--utype", "BPS"], { data: "x" })).toThrow(/hint: did you mean BSP\?/);
    expect(() => parseFlags(["--learning-rat", "1"], { data: "x" })).toThrow(/hint: did you mean --learning-rate\?/);
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
      "--out CLI_OPTION_INVALID: found no value, expected a value after --out",
      '--seed CLI_OPTION_INVALID: found "-1", expected a whole number ≥ 0',
      '--utype CLI_OPTION_INVALID: found "bsp", expected one of BSP, ASP, SSP, SBP, HOGWILD',
      '-k CLI_OPTION_INVALID: found "0", expected a whole number ≥ 1 and ≤ 1024',
      "stray CLI_ARGUMENT_INVALID: the script takes options only, found an argument",
    ]);
  });

  test("name arrays, once for each input and label", () => {
    const args = ["--input", "image=x", "--input", "tokens=t=1", "--label=digit=y"];
    const { flags } = flagsOf(args);
    expect(flags).toMatchObject({ input: { image: "x", tokens: "t=1" }, label: { digit: "y" } });
    const odd = flagsOf(["--input", "__proto__=x", "--input", "toString=y"]).flags.input;
    expect(Object.entries(odd ?? {})).toEqual([
      ["__proto__", "x"],
      ["toString", "y"],
    ]);
  });

  test.each([
    [["--input", "=x"], '--input CLI_OPTION_INVALID: found "=x"'],
    [["--input", "image="], '--input CLI_OPTION_INVALID: found "image="'],
    [["--input"], "--input CLI_OPTION_INVALID: found no value"],
    [["--input", "a=x", "--input", "a=y"], '--input CLI_OPTION_INVALID: found "a=x" and "a=y"'],
    [["--input", "a=x", "--input", "b"], '--input CLI_OPTION_INVALID: found "a=x" and "b"'],
  ])("that name no arrays are refused: %j", (args, found) => {
    expect(problemsOf(args, { data: "x" })).toEqual([`${found}, expected [NAME=]ARRAY, each name once`]);
  });

  test("need data where the script has none of its own, but not for --help", () => {
    expect(problemsOf([])).toEqual(["--data CLI_OPTION_MISSING: required, and not given"]);
    expect(parseFlags(["--help"], {})).toEqual({ kind: "help" });
  });

  test("named like a property of every object are unknown too", () => {
    expect(problemsOf(["--toString", "--constructor"], { data: "x" })).toHaveLength(2);
  });

  test("are all in the help text, with their defaults", () => {
    const text = helpText("Trains LeNet.", { data: "digits.npz", k: 2 });
    expect(text).toMatch(/^npm start -- \[options\]\n\nTrains LeNet\.\n/);
    for (const flag of [
      "--data FILE",
      "--input [NAME=]ARRAY",
      "--label [NAME=]ARRAY",
      "--labels FILE",
      "--epochs N",
      "-k N",
      "--scheme NAME",
      "-h, --help",
    ]) {
      expect(text).toContain(flag);
    }
    expect(text.replace(/\s+/g, " ")).toContain("[default: digits.npz]");
    expect(text.replace(/\s+/g, " ")).toContain("(BSP, ASP, SSP, SBP, HOGWILD) [default: ASP]");
  });
});

test("iterations become epochs that see at least as many rows", () => {
  expect(resolveEpochs({ iterations: 10000, globalBatchsize: 64, rows: 60000 })).toBe(11);
  expect(resolveEpochs({ iterations: 10, globalBatchsize: 10, rows: 100 })).toBe(1);
  expect(resolveEpochs({ iterations: 1, globalBatchsize: 1, rows: 1000 })).toBe(1);
  expect(resolveEpochs({ iterations: 5, globalBatchsize: 2, rows: 0 })).toBe(10);
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
