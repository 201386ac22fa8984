import { checkWritable } from "../directories.js";
import { failureLine, reportError } from "./errors.js";
import type { FlagDefaults, TrainingFlags } from "./flag-table.js";
import { parseFlags } from "./flags.js";
import { helpText } from "./help.js";
import { endWithReader } from "./interrupts.js";
import { runTraining, type TrainingOutcome, type TrainingTools } from "./training-run.js";

export interface TrainingScript {
  /** The first line of `--help`. */
  readonly description: string;
  /** What the options are where the command line says nothing. */
  readonly defaults: FlagDefaults;
}

/** What the body of a script is given. */
export interface TrainingContext extends TrainingTools {
  readonly flags: TrainingFlags;
}

type Body = (context: TrainingContext) => Promise<TrainingOutcome>;

/**
 * Runs a training script: reads the command line, answers `--help`, shows progress, handles Ctrl-C, prints the closing
 * summary (or JSON lines) and sets the exit status: 0 done, 2 the input is at fault, 3 the run failed, 70 a defect, 130
 * stopped by Ctrl-C. Errors are shown without their stack; `--debug` adds it. The training itself is `body`.
 */
export async function trainingScript({ description, defaults }: TrainingScript, body: Body): Promise<void> {
  // Errors then name the lines of the TypeScript files.
  process.setSourceMapsEnabled(true);
  endWithReader();
  const args = process.argv.slice(2);
  try {
    const { flags, script } = parseFlags(args, defaults);
    if (script.help) {
      process.stdout.write(`${helpText(description, defaults)}\n`);
      return;
    }
    const options = { json: script.json, statistics: script.stats, logDirectory: script.logDirectory };
    process.exitCode = await runTraining(options, (tools) => {
      checkWritable(flags.out);
      return body({ flags, ...tools });
    });
  } catch (error) {
    const onStdout = args.includes("--json") ? failureLine : undefined;
    process.exitCode = reportError(error, { debug: args.includes("--debug"), onStdout });
  }
}
