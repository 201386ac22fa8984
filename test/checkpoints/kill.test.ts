import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { versionOf } from "../../runtime/checkpoints/names.js";
import type { EpochRecord } from "../../runtime/paramserv/types.js";
import { random as randomOf } from "../../runtime/random.js";
import { runNode } from "../cli/run-cli.js";
import { temporaryDirectory } from "../data/files.js";

/**
 * A training that is killed at random moments and gone on with ends with the same weights and figures as one that was never
 * stopped, bit for bit. CHECKPOINT_KILLS=20 makes so many kills.
 */
const kills = Number(process.env.CHECKPOINT_KILLS ?? 4);

const { path: root } = temporaryDirectory();
const bin = new URL("../../dist/cli/bin.js", import.meta.url).pathname;
const start = [
  ...["train", "test/cli/models/small_solver.prototxt", "--data", "fixtures/data/digits.npz"],
  ...["-k", "2", "--epochs", "3", "--checkpointing", "2", "--json"],
];

const weightsOf = (directory: string) =>
  createHash("sha256")
    .update(readFileSync(join(directory, "model.safetensors")))
    .digest("hex");

/** What the epochs said, but for times. */
function epochsOf(directory: string): readonly unknown[] {
  const lines = readFileSync(join(directory, "history.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => {
    const { epoch, updates, learning_rate, train, validation } = JSON.parse(line) as EpochRecord;
    return { epoch, updates, learning_rate, train, validation };
  });
}

/** The checkpoints that are there. */
function versionsIn(directory: string): readonly number[] {
  const folder = join(directory, "checkpoints");
  return existsSync(folder) ? readdirSync(folder).flatMap((name) => versionOf(name) ?? []) : [];
}

it(`is as if never stopped after ${kills} kills`, { timeout: 1_200_000 }, async () => {
  const whole = join(root, "whole");
  const reference = await runNode([bin, ...start, "--out", whole], { timeout: 300_000 });
  expect(reference.status, reference.stderr).toBe(0);
  const duration = reference.seconds * 1000;
  const random = randomOf(2, "kills");
  let done = 0;
  for (let attempt = 0; done < kills; attempt++) {
    const directory = join(root, `killed-${attempt}`);
    for (;;) {
      const goesOn = versionsIn(directory).length > 0;
      const args = goesOn ? ["train", "--resume", directory, "--json"] : [...start, "--out", directory, "--force"];
      const timeout = done < kills ? random.uniform() * duration : 300_000;
      const { status, signal, stderr } = await runNode([bin, ...args], { timeout });
      if (signal === "SIGKILL") {
        done++;
        continue;
      }
      expect(status, stderr).toBe(0);
      break;
    }
    expect(weightsOf(directory)).toBe(weightsOf(whole));
    expect(epochsOf(directory)).toEqual(epochsOf(whole));
    // Nothing that a killed write has left.
    expect(readdirSync(join(directory, "checkpoints")).sort()).toEqual(["launch.json", "update-00000135"]);
  }
});
