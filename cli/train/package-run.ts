import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { ModelFileError, type Problem, RunError, UsageError } from "../../runtime/errors.js";
import { commandLineOf } from "../../runtime/options/arguments.js";
import { requireRegularFile } from "../../runtime/regular-file.js";
import { scriptOptions } from "../../runtime/script/script-options.js";
import { type ExitCode, exitCodes } from "../exit.js";
import { dashed, type OptionValues } from "../options.js";
import { seenFrom } from "../paths.js";
import type { trainOptions } from "../training-options.js";
import { say } from "../ui.js";

type TrainChoices = OptionValues<typeof trainOptions>;

function invalid(directory: string, problem: Omit<Problem, "code" | "at">): ModelFileError {
  return new ModelFileError({ code: "CLI_PACKAGE_INVALID", at: { file: directory }, ...problem });
}

function readManifest(directory: string): unknown {
  const file = join(directory, "package.json");
  if (!existsSync(file)) {
    const hint = "paramserv convert MODEL -o DIR makes a training package";
    throw invalid(directory, { message: "found a directory without package.json, expected a training package", hint });
  }
  try {
    requireRegularFile(file);
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(directory, { message: `its package.json cannot be read: ${reason}` });
  }
}

function dependsOnParamserv(manifest: unknown): boolean {
  const dependencies =
    typeof manifest === "object" && manifest !== null && "dependencies" in manifest ? manifest.dependencies : undefined;
  return typeof dependencies === "object" && dependencies !== null && "paramserv" in dependencies;
}

/** Where a dependency of the package is installed: in it, or above it as in a workspace. */
function installed(directory: string, name: string): string | undefined {
  try {
    return dirname(createRequire(resolve(directory, "package.json")).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Makes sure that the directory is a training package whose dependencies are installed; returns where TypeScript is. */
function checkPackage(directory: string): string {
  if (!dependsOnParamserv(readManifest(directory))) {
    throw invalid(directory, {
      message: 'its package.json has no dependency "paramserv", so it is no training package',
    });
  }
  const missing = ["paramserv", "typescript"].filter((name) => installed(directory, name) === undefined);
  const typescript = installed(directory, "typescript");
  if (missing.length > 0 || typescript === undefined) {
    const message = `its ${missing.length === 1 ? "dependency" : "dependencies"} ${missing.join(" and ")} cannot be found`;
    throw invalid(directory, { message, hint: `run npm install in ${directory} first` });
  }
  return typescript;
}

/**
 * Runs a script of the package and hands on the interrupts that this process gets. A Ctrl-C at the terminal reaches the
 * script twice then, from the terminal and from here; training scripts take two within a moment for one.
 */
async function runScript(directory: string, args: readonly string[], stdout: "inherit" | 2): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ["ignore", stdout, "inherit"],
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  const end = (): void => void child.kill("SIGKILL");
  process.on("SIGINT", forward);
  process.on("SIGTERM", forward);
  process.on("exit", end);
  try {
    return await new Promise((done, failed) => {
      child.on("error", failed);
      child.on("exit", (status, signal) => done(status ?? (signal === "SIGINT" || signal === "SIGTERM" ? 130 : 3)));
    });
  } finally {
    process.off("SIGINT", forward);
    process.off("SIGTERM", forward);
    process.off("exit", end);
  }
}

function exitCodeOf(status: number): ExitCode {
  return Object.values(exitCodes).find((code) => code === status) ?? exitCodes.failed;
}

/** The command line of the package's script; options that it does not take are an error. */
function scriptArguments(directory: string, choices: TrainChoices): readonly string[] {
  const { config: _read, ...given } = choices;
  const problems = Object.entries(given)
    .filter(([name, value]) => value !== undefined && !Object.hasOwn(scriptOptions, name))
    .map(([name]): Problem => {
      const message = "a training package decides this itself, expected only options that it takes";
      const hint = `edit model.ts or train.ts in ${directory}`;
      return { code: "CLI_OPTION_INVALID", at: { path: dashed(name) }, message, hint };
    });
  if (problems.length > 0) throw new UsageError(problems);
  return commandLineOf(scriptOptions, given, (path) => seenFrom(directory, path));
}

/** Compiles a training package with its own TypeScript; false if that was interrupted. */
export async function compilePackage(directory: string): Promise<boolean> {
  const typescript = checkPackage(directory);
  say(`compiling ${join(directory, "tsconfig.json")}`);
  const compiled = await runScript(directory, [join(typescript, "bin/tsc"), "-p", "."], 2);
  if (compiled === exitCodes.interrupted) return false;
  if (compiled === 0) return true;
  const message = "its TypeScript does not compile; the compiler's messages are above";
  throw new RunError({ code: "CLI_PACKAGE_FAILED", at: { file: directory }, message });
}

/** Compiles a training package and runs its training, as `npm start` in it does. */
export async function trainPackage(directory: string, choices: TrainChoices): Promise<ExitCode> {
  const args = scriptArguments(directory, choices);
  if (!(await compilePackage(directory))) return exitCodes.interrupted;
  say(`running ${join(directory, "dist/train.js")}; it names files as they are seen from ${directory}`);
  return exitCodeOf(await runScript(directory, ["--enable-source-maps", "dist/train.js", ...args], "inherit"));
}
