import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** The repository, and the built command line that the tests run as users do. */
export const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const bin = join(root, "dist/cli/bin.js");

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunOptions {
  /** Default: the repository, so that fixtures have short names. */
  readonly cwd?: string;
  /** Called with all stderr and stdout so far whenever more of it comes. */
  readonly onOutput?: (child: ChildProcess, sofar: { readonly stdout: string; readonly stderr: string }) => void;
  /** Closes the reading end of stdout before anything is written to it. */
  readonly closesStdout?: boolean;
  /** Milliseconds after which the process is killed. Default 40,000. */
  readonly timeout?: number;
}

/** The environment of the user without what a package manager or a test runner puts there. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|FORCE_COLOR)/i.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}

/** Runs a Node program to its end. */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: options.cwd ?? root,
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const sofar = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      sofar[stream] += text;
      options.onOutput?.(child, sofar);
    });
  }
  if (options.closesStdout) child.stdout.destroy();
  const killer = setTimeout(() => child.kill("SIGKILL"), options.timeout ?? 40_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(killer);
      resolve({ status, signal, ...sofar, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/** Runs `paramserv` with these arguments. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  if (!existsSync(bin)) throw new Error("dist/cli/bin.js is missing: npm run build");
  return runNode([bin, ...args], options);
}

/** A directory of its own for the tests of one file, removed after them. */
export function scratchDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "paramserv-cli-")));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
