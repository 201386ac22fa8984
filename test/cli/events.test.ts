import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resultFiles } from "../../runtime/results/index.js";
import { type Finished, runCli, scratchDirectory } from "./run-cli.js";
import { problemsOfDescription, problemsOfEvent } from "./schemas.js";

const scratch = scratchDirectory();
const solver = "test/cli/models/small_solver.prototxt";
const lenet = "fixtures/models/lenet/lenet_solver.prototxt";
const digits = "fixtures/data/digits.npz";
const out = (name: string): string => join(scratch, name);

/** Every line of stdout, after the schema has accepted it. */
function eventsOf({ stdout }: Finished) {
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const event of events) expect(problemsOfEvent(event), JSON.stringify(event)).toEqual([]);
  return events;
}

describe("what train --json prints fits its schema", () => {
  it("for a run, its notes, and its event file", async () => {
    const args = ["train", lenet, "--data", digits, "-k", "2", "--epochs", "2", "--batchsize", "128", "--json"];
    const run = await runCli([...args, "--out", out("run"), "--log-dir", out("log")]);
    expect(run.status, run.stderr).toBe(0);
    const events = eventsOf(run);
    const others = events.filter(({ event }) => event !== "note");
    expect(others.map(({ event }) => event)).toEqual(["start", "epoch", "epoch", "result"]);
    const notes = events.filter(({ event }) => event === "note");
    const [onModel, remarks] = [notes.filter(({ at }) => at !== undefined), notes.filter(({ at }) => at === undefined)];
    expect(onModel.map(({ message }) => message)).toContainEqual(expect.stringContaining("has no effect here"));
    expect(run.stderr).toContain(`${onModel.length} notes on the model, shown by: paramserv inspect ${lenet}`);
    for (const { message } of remarks) expect(run.stderr).toContain(message);
    // inv: 0.01 · (1 + 0.0001 · k)^−0.75; 1,437 rows in updates of 2 · 128 are 6 an epoch.
    const rates = others.map(({ learning_rate }) => learning_rate);
    const expected = [0, 5, 11, 11].map((iteration) => 0.01 * (1 + 0.0001 * iteration) ** -0.75);
    for (const [index, rate] of expected.entries()) expect(rates[index]).toBeCloseTo(rate, 12);
    expect(others.map(({ updates }) => updates)).toEqual([undefined, 6, 12, 12]);
    expect(readdirSync(out("log"))).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\./)]);
  });

  it("for a failure, whose text is on stderr, too", async () => {
    writeFileSync(out("bad.csv"), "1,2\n1,x\n");
    const failures: readonly (readonly [args: readonly string[], code: string])[] = [
      [["nowhere.prototxt", "--data", digits], "MODEL_FILE_MISSING"],
      [[solver, "--data", "nowhere.npz"], "DATA_FILE_MISSING"],
      [[solver, "--data", digits, "--epochs", "none", "-k", "0"], "CLI_OPTION_INVALID"],
      [[solver, "--data", digits, "--no-such-option"], "CLI_OPTION_UNKNOWN"],
      [[solver, "--data", digits, "--log-dir", out("bad.csv")], "LOG_DIRECTORY_UNWRITABLE"],
      [[scratch], "CLI_PACKAGE_INVALID"],
    ];
    for (const [args, code] of failures) {
      const run = await runCli(["train", ...args, "--json", "--out", out("none")]);
      const events = eventsOf(run);
      expect(events.map(({ event }) => event)).toEqual(["error"]);
      expect(events[0].exit).toBe(2);
      for (const problem of events[0].problems) expect(problem.code).toBe(code);
      expect(run.status).toBe(2);
      for (const { message } of events[0].problems) expect(run.stderr).toContain(message);
      expect(existsSync(out("none"))).toBe(false);
    }
    const plain = await runCli(["train", "nowhere.prototxt", "--data", digits]);
    expect([plain.status, plain.stdout]).toEqual([2, ""]);
  });

  it("for a failure in the middle of a run", async () => {
    const args = [
      "train",
      solver,
      "--data",
      digits,
      "-k",
      "1",
      "--learning-rate",
      "1e30",
      "--out",
      out("far"),
      "--json",
    ];
    const run = await runCli(args);
    const events = eventsOf(run).filter(({ event }) => event !== "note");
    expect(events.at(-1)).toMatchObject({ event: "error", exit: 3, problems: [{ code: "TRAINING_DIVERGED" }] });
    expect(events[0]).toMatchObject({ event: "start" });
    expect(run.status).toBe(3);
  });
});

describe("what evaluate and regress print with --json when they fail fits the schema of events", () => {
  it.each([
    [["evaluate", "nowhere", "--data", digits], "RESULT_FILE_MISSING"],
    [["evaluate", "nowhere"], "CLI_OPTION_MISSING"],
    [["regress", "nowhere"], "REGRESS_FOLDER_INVALID"],
    [["regress", "nowhere", "--no-such-option"], "CLI_OPTION_UNKNOWN"],
  ] as const)("%j", async (args, code) => {
    const run = await runCli([...args, "--json"]);
    const events = eventsOf(run);
    expect(events).toMatchObject([{ event: "error", exit: 2, problems: [{ code }] }]);
    expect(run.status).toBe(2);
  });
});

describe("what inspect --json prints fits its schema", () => {
  it.each([
    [[lenet], 0],
    [["fixtures/bad/caffe/missing_bottom.prototxt"], 2],
    [["nowhere"], 2],
    [[lenet, "--no-such-option"], 2],
  ] as const)("%j", async (args, status) => {
    const run = await runCli(["inspect", ...args, "--json"]);
    expect(run.status).toBe(status);
    const description = JSON.parse(run.stdout);
    expect(problemsOfDescription(description)).toEqual([]);
    const worst = description.problems.some(({ severity }: { severity: string }) => severity === "error");
    expect(worst).toBe(status !== 0);
  });

  it("and the schemas refuse what is something else", () => {
    expect(problemsOfEvent({ event: "epoch", epoch: 1, loss: 1 })).not.toEqual([]);
    expect(problemsOfEvent({ event: "no such event" })).not.toEqual([]);
    expect(problemsOfEvent({ event: "note", message: "m", code: "no code" })).not.toEqual([]);
    expect(problemsOfDescription({ event: "error", problems: [], exit: 2 })).not.toEqual([]);
  });
});

describe("a reader that stops reading", () => {
  /** Closes stdout as `head` does when it has seen a text. */
  const until = (text: string) => ({
    onOutput: (child: { readonly stdout: { destroy(): unknown } | null }, sofar: { readonly stdout: string }) => {
      if (sofar.stdout.includes(text)) child.stdout?.destroy();
    },
  });

  it("ends a training after its updates, with its weights", async () => {
    const args = ["train", solver, "--data", digits, "-k", "2", "--epochs", "100000", "--json", "--out", out("headed")];
    const run = await runCli(args, until('"epoch":2'));
    expect([run.status, run.signal], run.stderr).toEqual([130, null]);
    expect(readdirSync(out("headed")).sort()).toEqual(Object.values(resultFiles).sort());
    expect(run.stderr).not.toMatch(/EPIPE|^\s+at /m);
  });

  it("ends everything else with status 0", async () => {
    // More than a pipe holds, so that it is written when nobody reads any more.
    const dump = ["inspect", lenet, "--dump", "all"];
    for (const args of [dump, ["inspect", lenet, "--json"], ["train", "--help"]]) {
      const run = await runCli(args, until("\n"));
      expect([run.status, run.signal, run.stderr], args.join(" ")).toEqual([0, null, ""]);
    }
  });
});
