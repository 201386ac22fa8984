import { installedVersion } from "../runtime/installation.js";
import { type FailurePrinter, reportError } from "../runtime/script/errors.js";
import { endWithReader } from "../runtime/script/interrupts.js";
import { commands } from "./commands/index.js";
import { type ExitCode, exitCodes, exitWith } from "./exit.js";
import { parseCommandLine } from "./parser.js";
import { writeProduct } from "./ui.js";

async function run(args: readonly string[]): Promise<ExitCode> {
  const request = parseCommandLine(args, { commands, version: installedVersion(), columns: process.stdout.columns });
  if (request.kind === "print") {
    writeProduct(request.text);
    return exitCodes.done;
  }
  const command = commands[request.command];
  return command === undefined ? exitCodes.bug : command.run(request.target, request.given);
}

/** What `--json` prints when the command fails, where one was called that has the option. */
function failurePrinter(args: readonly string[]): FailurePrinter | undefined {
  const name = args.find((arg) => !arg.startsWith("-")) ?? "";
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const wants = args.findLast((arg) => /^--(no-)?json(=|$)/.test(arg));
  return wants === "--json" || wants === "--json=true" ? command?.failure : undefined;
}

/** Runs the command line and ends the process with its exit status. */
export async function main(args: readonly string[]): Promise<void> {
  const options = { debug: args.includes("--debug"), onStdout: failurePrinter(args) };
  endWithReader();
  process.on("uncaughtException", (error) => void exitWith(reportError(error, options)));
  try {
    await exitWith(await run(args));
  } catch (error) {
    await exitWith(reportError(error, options));
  }
}
