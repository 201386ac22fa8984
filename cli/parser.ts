import yargs, { type Argv } from "yargs";
import { UsageError } from "../runtime/errors.js";
import type { Command } from "./command.js";
import { helpFor } from "./help.js";
import type { OptionRow } from "./options.js";
import { missingTarget, usageProblems } from "./usage-problems.js";

/** What the parser found, by option name; undecoded. */
type Given = Readonly<Record<string, unknown>>;

/** What the command line asks for: to print a text, or to run a command. */
export type Request =
  | { readonly kind: "print"; readonly text: string }
  | {
      readonly kind: "run";
      readonly command: string;
      readonly target: string;
      readonly given: Readonly<Record<string, unknown>>;
    };

export interface ParserOptions {
  readonly commands: Readonly<Record<string, Command>>;
  readonly version: string;
  /** Columns of the terminal; 100 where there is none. */
  readonly columns?: number | undefined;
}

/** What yargs needs to know of an option. Values have no type: they stay text, because the option table decodes them. */
function yargsOption(row: OptionRow) {
  return {
    ...(row.kind === "flag" ? { type: "boolean" as const } : {}),
    ...(row.alias === undefined ? {} : { alias: row.alias }),
  };
}

function addCommand(parser: Argv, name: string, command: Command, onCall: (given: Given) => void): void {
  const { target, options, describe } = command;
  parser.command(
    target === undefined ? name : target.optional ? `${name} [${target.name}]` : `${name} <${target.name}>`,
    describe,
    (builder) => {
      if (target !== undefined) builder.positional(target.name, { type: "string" });
      for (const [option, row] of Object.entries(options)) builder.option(option, yargsOption(row));
      return builder;
    },
    onCall,
  );
}

/** The parser of everything but the commands. */
function openParser({ version }: ParserOptions): Argv {
  return yargs([])
    .scriptName("paramserv")
    .locale("en")
    .parserConfiguration({
      "camel-case-expansion": false,
      "dot-notation": false,
      "duplicate-arguments-array": true,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "greedy-arrays": false,
    })
    .exitProcess(false)
    .option("debug", { type: "boolean" })
    .help(false)
    .version("version", "", version)
    .strict()
    .demandCommand(1);
}

/** Stands for the argument `-` while yargs reads: it takes `-` for an option without a name. */
const dash = "\0-";

const shown = (text: string): string => text.replaceAll(dash, "-");

function withDashes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDashes);
  return typeof value === "string" ? shown(value) : value;
}

/**
 * Reads the command line. Throws a UsageError with the nearest known word for a command or option that does not
 * exist; the values of options are decoded by the command.
 */
export function parseCommandLine(args: readonly string[], options: ParserOptions): Request {
  const { commands } = options;
  const help = helpFor(args, options);
  if (help !== undefined) return { kind: "print", text: help };
  let request: Extract<Request, { kind: "run" }> | undefined;
  const parser = openParser(options).fail((message, error) => {
    const ours = message === null && error.name !== "YError";
    throw ours ? error : new UsageError(usageProblems(shown(message ?? error.message), args, commands));
  });
  for (const [name, command] of Object.entries(commands)) {
    addCommand(parser, name, command, (given) => {
      const all = Object.fromEntries(Object.entries(given).map(([option, value]) => [option, withDashes(value)]));
      const target = command.target === undefined ? "" : String(all[command.target.name] ?? "");
      request = { kind: "run", command: name, target, given: all };
    });
  }
  let printed = "";
  parser.parseSync(
    args.map((arg) => (arg === "-" ? dash : arg)),
    {},
    (_error: unknown, _argv: unknown, output: string) => {
      printed = output;
    },
  );
  const about = request === undefined ? undefined : commands[request.command]?.target;
  if (request?.target === "" && about !== undefined && about.optional !== true) {
    throw new UsageError(missingTarget(request.command, commands));
  }
  return request ?? { kind: "print", text: printed };
}
