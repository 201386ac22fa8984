import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  accuracy,
  dense,
  input,
  label,
  model,
  relu,
  softmax,
  softmaxCrossEntropy,
} from "../../runtime/layers/index.js";
import { problemsOfEvent } from "../cli/schemas.js";
import { imported } from "./models.js";
import { type Ended, makePackage, root, run as runIn, tsc } from "./package-runner.js";

const digits = join(root, "fixtures/data/digits.npz");

/** A small network on the digits, so that a run takes a second. */
function perceptron() {
  const data = input("data", [1, 8, 8]);
  const digit = label("label", { classes: 10 });
  const hidden = relu(dense(data, { name: "ip1", units: 32 }), { name: "relu1" });
  const scores = dense(hidden, { name: "ip2", units: 10 });
  const network = model({
    name: "Perceptron",
    inputs: [data],
    labels: [digit],
    loss: softmaxCrossEntropy(scores, digit, { name: "loss" }),
    outputs: { prob: softmax(scores, { name: "prob" }) },
    metrics: { accuracy: accuracy(scores, digit, { name: "accuracy" }) },
  });
  return imported(network, { data: { preprocessing: { data: { scale: 0.0625 } } }, training: { batchsize: 32 } });
}

let directory = "";
const run = (...[args, onOutput]: [readonly string[], Parameters<typeof runIn>[2]?]): Promise<Ended> =>
  runIn(directory, args, onOutput);
/** Results of earlier tests are written over. */
const train = (...args: readonly string[]) => run(["dist/train.js", "--force", ...args]);

beforeAll(async () => {
  directory = await makePackage(perceptron(), { data: digits, k: 2, seed: 1 });
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a generated package, compiled with tsc", () => {
  test("trains, says how well, and writes the model", async () => {
    const { status, stdout, stderr } = await train("--epochs", "10", "--out", "trained");
    expect({ status, stderr: stderr.split("\n").filter((line) => !/^(epoch|$)/.test(line)) }).toMatchObject({
      status: 0,
    });
    expect(stderr.match(/^epoch /gm)).toHaveLength(10);
    const accuracyText = /val accuracy +([0-9.]+)/.exec(stdout)?.[1];
    expect(Number(accuracyText)).toBeGreaterThan(0.85);
    expect(stdout).toContain("trained/model.safetensors");
    expect(existsSync(join(directory, "trained/model.onnx"))).toBe(true);
  });

  test("prints one JSON object a line with --json, the same for the same seed", async () => {
    const runs = [await train("--epochs", "2", "--json"), await train("--epochs", "2", "--json")];
    const events = runs.map(({ stdout }) =>
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    );
    expect(events[0]?.map(({ event }) => event).filter((event) => event !== "note")).toEqual([
      "start",
      "epoch",
      "epoch",
      "result",
    ]);
    const losses = events.map((list) =>
      list.filter(({ event }) => event === "epoch").map(({ train, validation }) => [train.loss, validation.loss]),
    );
    expect(losses[0]).toEqual(losses[1]);
    for (const event of events.flat()) expect(problemsOfEvent(event)).toEqual([]);
  });

  test("prints a failure as JSON, too, and ends quietly when nobody reads on", async () => {
    const { status, stdout } = await train("--data", "nowhere.npz", "--epochs", "x", "--json");
    const event = JSON.parse(stdout);
    expect([status, problemsOfEvent(event)]).toEqual([2, []]);
    expect(event).toMatchObject({ event: "error", exit: 2, problems: [{ code: "CLI_OPTION_INVALID" }] });
    const missing = await train("--data", "nowhere.npz", "--json");
    expect(JSON.parse(missing.stdout).problems[0].code).toBe("DATA_FILE_MISSING");
    const args = ["dist/train.js", "--epochs", "100000", "--json", "--out", "headed", "--log-dir", "headed-log"];
    const headed = await run(args, (text, _kill, closeStdout) => {
      if (text.includes('"epoch":2')) closeStdout();
    });
    expect([headed.status, headed.stderr.match(/EPIPE|^\s+at /gm)], headed.stderr).toEqual([130, null]);
    expect(existsSync(join(directory, "headed/model.onnx"))).toBe(true);
    expect(readdirSync(join(directory, "headed-log"))).toHaveLength(1);
  });

  test("answers --help without reading data", async () => {
    const { status, stdout } = await train("--help");
    expect(status).toBe(0);
    expect(stdout).toContain("Trains Perceptron");
    expect(stdout).toContain("[default: 2]");
  });

  test("reports all wrong options at once, with status 2 and no stack", async () => {
    const { status, stderr, stdout } = await train("--epochs", "0", "--utype", "XSP", "--data", "missing.npz");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.match(/CLI_OPTION_INVALID/g)).toHaveLength(2);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("reports a missing data file with status 2 and no stack", async () => {
    const { status, stderr } = await train("--data", "missing.npz");
    expect(status).toBe(2);
    expect(stderr).toContain("missing.npz");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("keeps a result that is there unless it is forced, before it reads any data", async () => {
    mkdirSync(join(directory, "kept"));
    writeFileSync(join(directory, "kept/notes.txt"), "mine");
    const { status, stderr } = await run(["dist/train.js", "--data", "missing.npz", "--out", "kept"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^kept CLI_OUTPUT_NOT_EMPTY: found 1 entry, expected an empty directory or none$/m);
    expect(stderr).not.toContain("missing.npz");
  });

  test("stops at Ctrl-C, keeps the weights and says so", async () => {
    let sent = false;
    const { status, stdout, stderr } = await run(
      ["dist/train.js", "--epochs", "100000", "--out", "stopped"],
      (text, kill) => {
        if (sent || !text.includes("epoch")) return;
        sent = true;
        kill("SIGINT");
      },
    );
    expect(stderr).toContain("stopping after the updates under way");
    expect(stdout).toMatch(/^Stopped after \d+ of 100,000 epochs/);
    expect(stdout).toContain("stopped/model.safetensors");
    expect(existsSync(join(directory, "stopped/model.safetensors"))).toBe(true);
    expect(status).toBe(130);
  });

  test("names the line of model.ts that a mistake in it is on", async () => {
    const file = join(directory, "model.ts");
    const source = readFileSync(file, "utf8");
    try {
      writeFileSync(file, source.replace("units: 32", "units: 0"));
      expect((await run([tsc])).status).toBe(0);
      const { status, stderr } = await train("--epochs", "1");
      const line = source.split("\n").findIndex((text) => text.includes("units: 32")) + 1;
      expect(stderr).toContain('layer "ip1"');
      expect(stderr).toContain(`called from model.ts:${line}:`);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(status).toBe(2);
    } finally {
      writeFileSync(file, source);
    }
  });
});
