import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { versionOf } from "../../runtime/checkpoints/names.js";
import { random as randomOf } from "../../runtime/random.js";
import { runNode } from "../cli/run-cli.js";
import { temporaryDirectory } from "../data/files.js";

/**
 * A training that is killed at random moments and gone on with ends with the same weights as one that was never stopped, bit
 * for bit. Off until the local server writes checkpoints: `CHECKPOINT_KILLS=20` says how many kills to make.
 */
const kills = Number(process.env.CHECKPOINT_KILLS ?? 0);

const { path: root } = temporaryDirectory();
const bin = new URL("../../dist/cli/bin.js", import.meta.url).pathname;
const start = [
  ...["train", "fixtures/models/lenet/lenet_solver.prototxt", "--data", "fixtures/data/digits.npz"],
  ...["-k", "2", "--epochs", "3", "--seed", "3", "--checkpointing", "2", "--json"],
];

const weightsOf = (directory: string) =>
  createHash("sha256")
    .update(readFileSync(join(directory, "model.safetensors")))
    .digest("hex");

/** The checkpoints that are there. */
function versionsIn(directory: string): readonly number[] {
  const folder = join(directory, "checkpoints");
  return existsSync(folder) ? readdirSync(folder).flatMap((name) => versionOf(name) ?? []) : [];
}

it.skipIf(kills === 0)(`is as if never stopped after ${kills} kills`, { timeout: 1_200_000 }, async () => {
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
  }
});
