import { commonRows } from "../runtime/options/common-options.js";
import { formatHelp } from "../runtime/options/help.js";
import type { Command } from "./command.js";
import type { ParserOptions } from "./parser.js";

const description = "Trains models on a parameter server, and prints them as TypeScript packages to own and edit.";

const { help, debug } = commonRows;
const general = {
  help,
  version: { kind: "flag", describe: "print the version", group: debug.group },
  debug,
} as const;

/** Of a command line without a command. */
function generalHelp({ commands, columns }: ParserOptions): string {
  const rows = Object.entries(commands).map(([name, { target, describe }]): [string, string] => [
    [name, ...(target === undefined ? [] : [target.name])].join(" "),
    describe,
  ]);
  return formatHelp({
    usage: "paramserv COMMAND …",
    description,
    lists: { Commands: rows },
    options: general,
    epilogue: "paramserv COMMAND --help says what a command takes.",
    columns,
  });
}

function commandHelp(name: string, command: Command, { columns }: ParserOptions): string {
  const { target, describe, options, examples, epilogue } = command;
  return formatHelp({
    usage: [
      "paramserv",
      name,
      ...(target === undefined ? [] : [target.optional ? `[${target.name}]` : target.name]),
      "[options]",
    ].join(" "),
    description: describe,
    ...(target === undefined
      ? {}
      : { lists: { Arguments: [[target.name, target.optional ? target.describe : `${target.describe} [required]`]] } }),
    options: { ...options, ...general },
    examples: examples.map(([line, meaning]) => [line.replaceAll("$0", "paramserv"), meaning]),
    ...(epilogue === undefined ? {} : { epilogue }),
    columns,
  });
}

/** The help text that a command line asks for, if it does. A word that is no command is left to the parser. */
export function helpFor(args: readonly string[], options: ParserOptions): string | undefined {
  if (!args.includes("--help") && !args.includes("-h")) return undefined;
  const name = args.find((arg) => !arg.startsWith("-"));
  if (name === undefined) return generalHelp(options);
  const command = Object.hasOwn(options.commands, name) ? options.commands[name] : undefined;
  return command === undefined ? undefined : commandHelp(name, command, options);
}
