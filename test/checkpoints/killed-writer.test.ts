import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { CheckpointStore } from "../../runtime/checkpoints/index.js";
import { random as randomOf } from "../../runtime/random.js";
import { temporaryDirectory } from "../data/files.js";

const { path: root } = temporaryDirectory();
const writer = fileURLToPath(new URL("./writer.mjs", import.meta.url));
const kills = 30;

/** Lets the writer write for a while, kills it, and returns the last number that it said it has written. */
function killedAfter(
  directory: string,
  milliseconds: number,
  isNew: boolean,
): Promise<{ from: number; wrote: number }> {
  const child = spawn(process.execPath, [writer, directory, ...(isNew ? ["new"] : [])], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said === "") setTimeout(() => child.kill("SIGKILL"), milliseconds);
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_status, signal) => {
      if (signal !== "SIGKILL") return reject(new Error(`the writer ended by itself: ${said}`));
      const numbers = (word: string) =>
        [...said.matchAll(new RegExp(`${word} (\\d+)\n`, "g"))].map(([, n]) => Number(n));
      return resolve({ from: numbers("from")[0] ?? Number.NaN, wrote: numbers("wrote").at(-1) ?? 0 });
    });
  });
}

it(`has a whole newest checkpoint after each of ${kills} kills at random moments`, { timeout: 120_000 }, async () => {
  const directory = join(root, "checkpoints");
  const random = randomOf(1, "killed-writer");
  let newest = 0;
  let unseen = 0;
  for (let round = 0; round < kills; round++) {
    // The first writes one at least; the others may be killed before they do.
    const { from, wrote } = await killedAfter(directory, round === 0 ? 400 : random.uniform() * 120, round === 0);
    expect(from).toBe(newest);
    const store = new CheckpointStore(directory, { best: { metric: "accuracy", mode: "max" } });
    const found = await store.newest();
    if (found === undefined) throw new Error("no checkpoint");
    const { version, protocol } = found.manifest;
    // What was said to be written is there; one more may be.
    expect(version).toBeGreaterThanOrEqual(Math.max(newest, wrote));
    expect(version - Math.max(newest, wrote)).toBeLessThanOrEqual(1);
    expect(protocol).toEqual({ version });
    for (const [name, value] of [["w", version] as const, ["optimizer/history/w", -version] as const]) {
      const array = new Float32Array(50_000);
      await found.read(name, array);
      expect(array.every((one) => one === value)).toBe(true);
    }
    const best = await store.best();
    if (best !== undefined) expect(best.checkpoint.manifest.version).toBe(best.best.version);
    if (readdirSync(directory).some((name) => name.startsWith(".tmp-"))) unseen++;
    newest = version;
  }
  // Else the moments were not random enough to hit a write.
  expect(unseen).toBeGreaterThan(kills / 4);
});
