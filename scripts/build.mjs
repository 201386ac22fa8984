// Builds dist/: the WebAssembly kernels (AssemblyScript), then the TypeScript sources (tsc).
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const require = createRequire(import.meta.url);

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

// What an older source left behind would be published.
rmSync(join(root, "dist"), { recursive: true, force: true });
mkdirSync(join(root, "dist"));
const kernels =
  "runtime/kernels/kernels.as.ts --outFile dist/kernels.wasm -O3 --noAssert --runtime stub --enable simd --enable threads " +
  "--importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536";
run(join(dirname(require.resolve("assemblyscript/package.json")), "bin/asc.js"), kernels.split(" "));
run(join(dirname(require.resolve("typescript/package.json")), "bin/tsc"), ["-p", "tsconfig.build.json"]);
chmodSync(join(root, "dist/cli/bin.js"), 0o755);
