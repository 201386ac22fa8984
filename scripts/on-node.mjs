/**
 * Runs tests on other versions of Node, which npm's registry has as packages: the oldest supported one and the newest.
 *
 *   npm run test:nodes                      what starts processes, threads and the engine, on 20.19.0 and 26
 *   node scripts/on-node.mjs 24 -- test/graph
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The first of `engines`, and the newest that the tests were run on. */
const supported = ["20.19.0", "26"];
/** Commands and packages as processes, worker threads over shared memory with kernels, the engine's native library. */
const smoke = [
  "test/cli/train",
  "test/cli/inspect",
  "test/typescript/run-package",
  "test/paramserv/local",
  "test/engines",
];

const args = process.argv.slice(2);
const split = args.indexOf("--");
const versions = split < 0 ? args : args.slice(0, split);
const tests = split < 0 ? smoke : args.slice(split + 1);

function run(program, programArgs, cwd) {
  const { status, error } = spawnSync(program, programArgs, { cwd, stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

for (const version of versions.length > 0 ? versions : supported) {
  const folder = mkdtempSync(join(tmpdir(), "paramserv-node-"));
  try {
    const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
    run(
      "npm",
      ["install", "--prefix", folder, "--no-audit", "--no-fund", "--prefer-offline", `${name}@${version}`],
      folder,
    );
    const node = join(folder, "node_modules", name, "bin/node");
    run(node, ["--version"], root);
    run(node, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...tests], root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
