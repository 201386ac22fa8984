import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, scratchDirectory } from "./run-cli.js";

const directory = scratchDirectory();
const solver = "fixtures/models/lenet/lenet_solver.prototxt";
const data = ["--data", "fixtures/data/digits.npz", "-k", "1", "--epochs", "1", "--json"];

const lossOf = (stdout: string): number => {
  const line = stdout.split("\n").find((text) => text.includes('"event":"epoch"')) ?? "{}";
  const event = JSON.parse(line);
  return event.train?.loss ?? event.loss;
};

describe("--from", () => {
  test("goes on with the weights of a result, says so, and exports them", async () => {
    const first = join(directory, "first");
    const one = await runCli(["train", solver, ...data, "--out", first]);
    expect(one.status).toBe(0);
    const two = await runCli(["train", solver, ...data, "--from", first, "--out", join(directory, "second")]);
    expect(two.status).toBe(0);
    expect(two.stderr).toContain(
      `weights: 8 of 8 arrays start from ${first}/model.safetensors; the optimizer and its schedule start anew`,
    );
    expect(lossOf(two.stdout)).toBeLessThan(lossOf(one.stdout) / 2);
    const exported = await runCli([
      "convert",
      solver,
      "--target",
      "onnx",
      "--from",
      first,
      "-o",
      join(directory, "onnx"),
    ]);
    expect(exported.status).toBe(0);
    const weights = readFileSync(join(first, "model.safetensors"));
    const onnx = readFileSync(join(directory, "onnx/model.onnx"));
    // The last bytes of the weights file are those of ip2.weight; they stand in the model as they are.
    expect(onnx.includes(weights.subarray(weights.length - 4096))).toBe(true);
  });

  test("weights that are not there are told before anything is read", async () => {
    const run = await runCli(["train", solver, ...data, "--from", "nowhere", "--out", join(directory, "none")]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("nowhere MODEL_FILE_MISSING: found nothing there");
  });

  test("a target that needs weights says how to give them", async () => {
    const run = await runCli(["convert", solver, "--target", "onnx", "-o", join(directory, "bare")]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain("TARGET_WEIGHTS_MISSING: found no weights for conv1.weight");
    expect(run.stderr).toContain("hint: --from FILE names trained weights");
  });
});
