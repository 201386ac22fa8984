import yargs, { type Argv } from "yargs";
import { ModelFileError } from "../runtime/errors.js";
import type { Command } from "./command.js";
import type { OptionRow } from "./options.js";
import { commonOptions, missingTarget, usageProblems } from "./usage-problems.js";

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

const description = "Trains models on a parameter server, and prints them as TypeScript packages to own and edit.";

/** What kind of value an option takes, for the help text. */
function valueLabel(row: OptionRow): string {
  switch (row.kind) {
    case "choice":
      return ` [${row.choices.join(" | ")}]`;
    case "shape":
      return " [C,H,W]";
    case "text":
    case "pairs":
      return ` [${row.placeholder}]`;
    case "integer":
    case "number":
      return ` [${row.kind}]`;
    case "flag":
      return "";
  }
}

/** What yargs needs to know of an option. Values have no type: they stay text, because the option table decodes them. */
function yargsOption(row: OptionRow) {
  return {
    describe: `${row.describe}${valueLabel(row)}`,
    ...(row.kind === "flag" ? { type: "boolean" as const } : {}),
    ...(row.alias === undefined ? {} : { alias: row.alias }),
    ...(row.default === undefined ? {} : { defaultDescription: row.default }),
    group: `${row.group ?? "Options"}:`,
  };
}

function addCommand(parser: Argv, name: string, command: Command, onCall: (given: Given) => void): void {
  const { target, options, examples, epilogue, describe } = command;
  parser.command(
    target === undefined ? name : `${name} <${target.name}>`,
    describe,
    (builder) => {
      builder.usage(
        `$0 ${[name, target?.name, "[options]"].filter((word) => word !== undefined).join(" ")}\n\n${describe}`,
      );
      if (target !== undefined) builder.positional(target.name, { type: "string", describe: target.describe });
      for (const [option, row] of Object.entries(options)) builder.option(option, yargsOption(row));
      for (const [line, meaning] of examples) builder.example(line, meaning);
      if (epilogue !== undefined) builder.epilogue(epilogue);
      return builder;
    },
    onCall,
  );
}

/** The parser of everything but the commands. */
function openParser({ version, columns = 100 }: ParserOptions): Argv {
  return yargs([])
    .scriptName("paramserv")
    .usage(`$0 COMMAND …\n\n${description}`)
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
    .wrap(Math.min(columns, 110))
    .option("debug", { type: "boolean", describe: "print the stack of an error" })
    .help("help", "show this help")
    .alias("help", "h")
    .version("version", "print the version", version)
    .group(commonOptions, "General:")
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
 * Reads the command line. Throws a ModelFileError with the nearest known word for a command or option that does not
 * exist; the values of options are decoded by the command.
 */
export function parseCommandLine(args: readonly string[], options: ParserOptions): Request {
  const { commands } = options;
  let request: Extract<Request, { kind: "run" }> | undefined;
  const parser = openParser(options).fail((message, error) => {
    const ours = message === null && error.name !== "YError";
    throw ours ? error : new ModelFileError(usageProblems(shown(message ?? error.message), args, commands));
  });
  for (const [name, command] of Object.entries(commands)) {
    addCommand(parser, name, command, (given) => {
      const all = Object.fromEntries(Object.entries(given).map(([option, value]) => [option, withDashes(value)]));
      const target = command.target === undefined ? "" : String(all[command.target.name]);
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
  if (request?.target === "" && commands[request.command]?.target !== undefined) {
    throw new ModelFileError(missingTarget(request.command, commands));
  }
  return request ?? { kind: "print", text: printed };
}
