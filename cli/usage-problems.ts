import type { Problem } from "../runtime/errors.js";
import type { Command } from "./command.js";
import { dashed, suggest } from "./options.js";

type Commands = Readonly<Record<string, Command>>;

/** Options that every command takes. */
export const commonOptions = ["help", "version", "debug"];

function unknownOption(name: string, command: string | undefined, commands: Commands): Problem {
  const table = (command === undefined ? undefined : commands[command]?.options) ?? {};
  const aliases = Object.values(table).flatMap(({ alias }) => (alias === undefined ? [] : [alias]));
  const suggestion = suggest(name, [...Object.keys(table), ...aliases, ...commonOptions]);
  const help = `paramserv ${command === undefined ? "" : `${command} `}--help`;
  return {
    code: "CLI_OPTION_UNKNOWN",
    at: { path: dashed(name) },
    message: `${command === undefined ? "there is" : `${command} has`} no such option`,
    hint: suggestion === undefined ? `${help} lists the options` : `did you mean ${dashed(suggestion)}?`,
  };
}

function unknownCommand(name: string, commands: Commands): Problem {
  const known = Object.keys(commands);
  const suggestion = suggest(name, known);
  return {
    code: "CLI_COMMAND_UNKNOWN",
    at: { path: name },
    message: "there is no such command",
    hint: suggestion === undefined ? "paramserv --help lists the commands" : `did you mean ${suggestion}?`,
  };
}

const missingCommand: Problem = {
  code: "CLI_COMMAND_UNKNOWN",
  message: "found no command",
  hint: "paramserv --help lists the commands",
};

/** What a command is about, as a message says it. */
function takes(command: string, commands: Commands): string {
  const target = commands[command]?.target;
  return target === undefined ? `${command} takes options only` : `${command} takes one ${target.name}`;
}

/** A command without the file that it is about. */
export function missingTarget(command: string, commands: Commands): Problem {
  const message = `${takes(command, commands)}, found none`;
  return { code: "CLI_ARGUMENT_INVALID", message, hint: `paramserv ${command} --help shows examples` };
}

function surplusArgument(path: string, command: string | undefined, commands: Commands): Problem {
  const expected = command === undefined ? "paramserv takes one command" : takes(command, commands);
  return { code: "CLI_ARGUMENT_INVALID", at: { path }, message: `${expected}, found another argument` };
}

/** Turns a message of yargs about the arguments into problems of ours, which say more. */
export function usageProblems(message: string, args: readonly string[], commands: Commands): readonly Problem[] {
  const first = args.find((arg) => !arg.startsWith("-"));
  const command = first !== undefined && Object.hasOwn(commands, first) ? first : undefined;
  const unknown = /^Unknown (?:arguments?|commands?): (.*)$/s.exec(message)?.[1]?.split(", ");
  if (unknown !== undefined) {
    if (command === undefined && first !== undefined && unknown.includes(first))
      return [unknownCommand(first, commands)];
    const isOption = (name: string) => args.some((arg) => arg.startsWith("-") && arg.includes(name));
    return unknown.map((name) => (isOption(name) ? unknownOption : surplusArgument)(name, command, commands));
  }
  if (command === undefined) {
    const option = args.find((arg) => arg.startsWith("-"))?.replace(/^-+|=.*$/gs, "");
    const isKnown = option === undefined || commonOptions.includes(option);
    return [isKnown ? missingCommand : unknownOption(option, command, commands)];
  }
  if (message.startsWith("Not enough non-option arguments")) return [missingTarget(command, commands)];
  return [{ code: "CLI_OPTION_INVALID", message }];
}
