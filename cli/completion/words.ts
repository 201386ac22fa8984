import { commonRows } from "../../runtime/options/common-options.js";
import type { Command } from "../command.js";
import { dashed, type OptionRow } from "../options.js";

/** One option as a shell completes it. */
export interface CompletedOption {
  /** With dashes: the long form first, then the letter. */
  readonly flags: readonly string[];
  readonly describe: string;
  /** What may follow: one of a few words, a file, a directory, anything, or nothing. */
  readonly value: "none" | "any" | "file" | "directory" | readonly string[];
}

/** What a shell completes after a command's name. */
export interface CompletedCommand {
  readonly name: string;
  readonly describe: string;
  readonly options: readonly CompletedOption[];
  /** The words that its argument is one of; files where there are none. */
  readonly words: readonly string[];
}

function following(row: OptionRow): CompletedOption["value"] {
  switch (row.kind) {
    case "choice":
      return row.choices;
    case "flag":
      return "none";
    case "file":
    case "directory":
      return row.kind;
    default:
      return "any";
  }
}

function completedOption([name, row]: readonly [string, OptionRow]): CompletedOption {
  const flags = [dashed(name), ...(row.alias === undefined ? [] : [dashed(row.alias)])];
  return { flags, describe: row.describe, value: following(row) };
}

/** The commands as shells complete them, from the tables that the parser reads. */
export function completedCommands(commands: Readonly<Record<string, Command>>): readonly CompletedCommand[] {
  return Object.entries(commands).map(([name, { describe, options, target }]) => ({
    name,
    describe,
    options: Object.entries({ ...options, ...commonRows }).map(completedOption),
    words: target?.choices ?? [],
  }));
}
