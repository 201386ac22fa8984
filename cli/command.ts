import { ModelFileError } from "../runtime/errors.js";
import type { FailurePrinter } from "../runtime/script/errors.js";
import type { ExitCode } from "./exit.js";
import { decodeOptions, type OptionTable, type OptionValues } from "./options.js";

/** What a command is called with: its decoded options and the file or directory it is about, "" where it is about none. */
export interface CommandInput<Table extends OptionTable> {
  readonly target: string;
  readonly options: OptionValues<Table>;
}

interface CommandRow<Table extends OptionTable> {
  /** The first line of its help. */
  readonly describe: string;
  /** What the command is about, as it is written in the help: `MODEL`. A command without it takes options only. */
  readonly target?: { readonly name: string; readonly describe: string };
  readonly options: Table;
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
  return {
    ...row,
    run(target, given) {
      const { values, problems } = decodeOptions(row.options, given);
      if (problems.length > 0) throw new ModelFileError(problems);
      return row.run({ target, options: values });
    },
  };
}
