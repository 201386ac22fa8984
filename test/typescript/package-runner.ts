import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { ImportedModel } from "../../generators/imported.js";
import { type ConvertOptions, writeFiles } from "../../generators/targets/index.js";
import { emitTypescript } from "../../generators/targets/typescript/index.js";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const tsc = join(root, "node_modules/typescript/bin/tsc");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of a package; `onOutput` sees what it prints as it comes. */
export function run(
  directory: string,
  args: readonly string[],
  onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void, closeStdout: () => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      onOutput?.(
        text,
        (signal) => child.kill(signal),
        () => child.stdout.destroy(),
      );
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (status) => resolve({ status, ...output }));
  });
}

/** Writes a package into a directory of its own, installs it as npm would and compiles it. */
export async function makePackage(model: ImportedModel, options: Omit<ConvertOptions, "runtime">): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "paramserv-run-"));
  writeFiles(directory, emitTypescript(model, { runtime: "file:.", ...options }), { force: false });
  // What npm install does with a `file:` dependency and the packages of this repository.
  mkdirSync(join(directory, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(directory, "node_modules/paramserv"));
  symlinkSync(join(root, "node_modules/@types/node"), join(directory, "node_modules/@types/node"));
  symlinkSync(join(root, "node_modules/typescript"), join(directory, "node_modules/typescript"));
  const compiled = await run(directory, [tsc]);
  expect(compiled.stdout).toBe("");
  expect(compiled.status).toBe(0);
  return directory;
}
