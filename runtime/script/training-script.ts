import { camelCase } from "../options/row.js";
import { checkResultDirectory } from "../results/check-directory.js";
import { completion } from "./completed.js";
import { failureLine, reportError } from "./errors.js";
import { helpText, parseFlags } from "./flags.js";
import { endWithReader } from "./interrupts.js";
import { recordLaunch, withMachine } from "./launch.js";
import { withLaunchNote } from "./resumable.js";
import { type FlagDefaults, type ServerFlags, scriptOptions, type TrainingFlags } from "./script-options.js";
import { runTraining, type TrainingOutcome, type TrainingTools } from "./training-run.js";

export interface TrainingScript {
  /** The first line of `--help`. */
  readonly description: string;
  /** What the options are where the command line says nothing. */
  readonly defaults: FlagDefaults;
}

/** What the body of a script is given. */
export interface TrainingContext extends TrainingTools {
  /** The command line over the defaults: which data, how long, where to. */
  readonly flags: TrainingFlags;
  /** The part of the flags that `paramserv()` takes as it is: `k`, `utype`, `freq`, `seed`, … */
  readonly options: ServerFlags;
}

type Body = (context: TrainingContext) => Promise<TrainingOutcome>;

/**
 * Runs a training script: reads the command line, answers `--help`, shows progress, handles Ctrl-C, prints the closing
 * summary (or JSON lines) and sets the exit status: 0 done, 2 the input is at fault, 3 the run failed, 70 a defect, 130
 * stopped by Ctrl-C. Errors are shown without their stack; `--debug` adds it. A result directory that holds files is
 * refused before anything is done, unless `--force` is given. The training itself is `body`.
 */
export async function trainingScript({ description, defaults }: TrainingScript, body: Body): Promise<void> {
  // Errors then name the lines of the TypeScript files.
  process.setSourceMapsEnabled(true);
  endWithReader();
  const args = process.argv.slice(2);
  try {
    const parsed = parseFlags(args, defaults);
    if (parsed.kind === "help") {
      process.stdout.write(`${helpText(description, defaults)}\n`);
      return;
    }
    const { flags, options, script } = parsed;
    const complete = flags.resume === undefined ? undefined : await completion(flags.out, flags.epochs);
    if (complete !== undefined) {
      process.stderr.write(`${complete}\n`);
      return;
    }
    process.exitCode = await runTraining(
      { json: script.json, statistics: script.stats, logDirectory: script.logDirectory },
      (tools) => {
        checkResultDirectory(flags.out, { force: flags.force ?? false });
        const noting = { directory: flags.out, asked: flags, record: () => record(flags) };
        return withLaunchNote(noting, tools.onEvent, (onEvent) => body({ flags, options, ...tools, onEvent }));
      },
    );
  } catch (error) {
    const onStdout = args.includes("--json") ? failureLine : undefined;
    process.exitCode = reportError(error, { debug: args.includes("--debug"), onStdout });
  }
}

/**
 * Notes how the script was started: all that its flags say, so that a change of its defaults is told when the run goes on.
 */
function record(flags: TrainingFlags): void {
  const options = Object.fromEntries(
    Object.keys(scriptOptions).map((name) => [name, flags[camelCase(name) as keyof TrainingFlags]]),
  );
  const target = process.cwd();
  recordLaunch({ directory: flags.out, kind: "package", target, table: scriptOptions, options: withMachine(options) });
}
