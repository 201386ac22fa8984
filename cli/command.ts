import { UsageError } from "../runtime/errors.js";
import { decodeEach, joinProblems, overlay } from "../runtime/options/decode.js";
import type { FailurePrinter } from "../runtime/script/errors.js";
import { readConfig } from "./config-file.js";
import type { ExitCode } from "./exit.js";
import type { OptionTable, OptionValues } from "./options.js";
import { say } from "./ui.js";

/** What a command is called with: its decoded options and the file or directory it is about, "" where it is about none. */
export interface CommandInput<Table extends OptionTable> {
  readonly target: string;
  readonly options: OptionValues<Table>;
}

interface CommandRow<Table extends OptionTable> {
  /** The first line of its help. */
  readonly describe: string;
  /** What the command is about, as it is written in the help: `MODEL`. A command without it takes options only. */
  readonly target?: {
    readonly name: string;
    readonly describe: string;
    /** For shells to complete, where it is one of a few words and no file. */
    readonly choices?: readonly string[];
    /** Whether it may be left out: the command says itself when that is an error. */
    readonly optional?: true;
  };
  readonly options: Table;
  /** Options of a configuration file hold where the command line says nothing; its table then has an option `config`. */
  readonly configurable?: true;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** Further paragraphs of the help text: what is done without options. */
  readonly epilogue?: string;
  /** What `--json` prints on stdout when the command fails; absent where there is no such option. */
  readonly failure?: FailurePrinter;
  run(input: CommandInput<Table>): Promise<ExitCode>;
}

/** A command whose options are not decoded yet: a row of the command table. */
export interface Command extends Omit<CommandRow<OptionTable>, "run"> {
  run(target: string, given: Readonly<Record<string, unknown>>): Promise<ExitCode>;
}

/** Makes a command from its row; all problems with its options are thrown at once, before it runs. */
export function defineCommand<const Table extends OptionTable>(row: CommandRow<Table>): Command {
  const { options: table, configurable } = row;
  return {
    ...row,
    async run(target, given) {
      const typed = decodeEach(table, given);
      const config = configurable ? await readConfig(table, given.config) : undefined;
      const options = overlay(table, config?.values ?? {}, typed.values) as OptionValues<Table>;
      // Of what is given, not of what could be decoded: what is wrong is not missing as well.
      const joined = joinProblems(table, overlay(table, config?.given ?? {}, given));
      const problems = [...(config?.problems ?? []), ...typed.problems, ...joined];
      if (problems.length > 0) throw new UsageError(problems);
      if (config !== undefined) say(`options from ${config.file}`);
      return row.run({ target, options });
    },
  };
}
