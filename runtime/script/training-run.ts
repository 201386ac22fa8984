import type { ReadProgress } from "../data/source.js";
import { formatNote, type Note } from "../errors.js";
import type { ParamservResult, TrainingEvent } from "../paramserv/types.js";
import { formatNumberOf } from "../report/format.js";
import { progressReporter, type Reporter } from "../report/reporter.js";
import { formatSummary } from "../report/summary.js";
import { checkLogDirectory, type TensorboardWriter, tensorboardWriter } from "../report/tensorboard.js";
import { watchInterrupts } from "./interrupts.js";
import { readProgress } from "./read-progress.js";

/** What a training is given to show itself and to be stopped. */
export interface TrainingTools {
  /** Fires at the first Ctrl-C; give it to `paramserv()`, which then ends with the weights of the last update. */
  readonly signal: AbortSignal;
  /** Shows the run as it goes; give it to `paramserv()`. */
  readonly onEvent: (event: TrainingEvent) => void;
  /** Shows how far a long read is; give it to `readDataset()`. */
  readonly onProgress: (progress: ReadProgress) => void;
  /** Says something to the person at the terminal, a line each: a text, or a note on a file. */
  readonly say: (...notes: readonly (string | Note)[]) => void;
  /** Tells programs each of several notes, and the person how many there are and where to see them: `the model, shown by …`. */
  readonly fold: (notes: readonly Note[], about: string) => void;
}

/** What a training returns. */
export interface TrainingOutcome {
  readonly result: ParamservResult;
  /** What was written; nothing where the run ended before anything was learned. */
  readonly files: readonly string[];
}

export interface TrainingRunOptions {
  /** JSON lines on stdout in place of the summary. */
  readonly json: boolean;
  /** Adds the table of where the workers' time went to the summary. */
  readonly statistics: boolean;
  /** Directory for TensorBoard's event files. Default: none are written. */
  readonly logDirectory?: string | undefined;
}

/** Lines for people, on stderr; with `json` only on a terminal, beside the JSON lines on stdout. */
function reportersFor(json: boolean): readonly Reporter[] {
  if (!json) return [progressReporter()];
  return [progressReporter({ json }), ...(process.stderr.isTTY ? [progressReporter()] : [])];
}

/** All that a run tells: progress, epochs and notes, for people, for programs and for TensorBoard. */
function openOutput({ json, logDirectory }: Pick<TrainingRunOptions, "json" | "logDirectory">) {
  if (logDirectory !== undefined) checkLogDirectory(logDirectory);
  const reporters = reportersFor(json);
  let log: TensorboardWriter | undefined;
  const clear = () => {
    for (const reporter of reporters) reporter.close();
  };
  const say: TrainingTools["say"] = (...notes) => {
    clear();
    for (const note of notes) {
      process.stderr.write(`${typeof note === "string" ? note : formatNote(note)}\n`);
      for (const reporter of reporters) reporter.note(note);
    }
  };
  return {
    say,
    fold(notes: readonly Note[], about: string) {
      if (notes.length === 0) return;
      clear();
      process.stderr.write(`${formatNumberOf(notes.length, "note")} on ${about}\n`);
      for (const reporter of reporters) for (const note of notes) reporter.note(note);
    },
    onEvent(event: TrainingEvent) {
      // Not before: a run that cannot begin leaves no file.
      if (event.event === "start" && logDirectory !== undefined) {
        log = tensorboardWriter({ directory: logDirectory, onProblem: say });
      }
      for (const reporter of reporters) reporter.onEvent(event);
      log?.onEvent(event);
    },
    onProgress: readProgress((text) => {
      for (const reporter of reporters) reporter.progress(text);
    }),
    result({ result, files }: TrainingOutcome) {
      clear();
      if (files.length === 0) say("nothing was kept: no update had been applied yet");
      for (const reporter of reporters) reporter.result(result, files);
    },
    close() {
      clear();
      log?.close();
    },
  };
}

/**
 * Shows a training as it goes, stops it at Ctrl-C, and closes with a summary or the last JSON line, on stdout. Returns
 * the exit status: 0 done, 130 stopped.
 */
export async function runTraining(
  { json, statistics, logDirectory }: TrainingRunOptions,
  train: (tools: TrainingTools) => Promise<TrainingOutcome>,
): Promise<0 | 130> {
  const { say, fold, onProgress, ...output } = openOutput({ json, logDirectory });
  const interrupts = watchInterrupts(say);
  let epochs: number | undefined;
  const onEvent = (event: TrainingEvent) => {
    if (event.event === "start") {
      epochs = event.epochs;
      interrupts.begin();
    }
    output.onEvent(event);
  };
  try {
    const outcome = await train({ signal: interrupts.signal, onEvent, onProgress, say, fold });
    output.result(outcome);
    const { result, files } = outcome;
    const summary = { files, statistics, ...(epochs === undefined ? {} : { epochs }) };
    if (files.length > 0 && !json) process.stdout.write(`${formatSummary(result, summary)}\n`);
    return result.status === "aborted" ? 130 : 0;
  } finally {
    output.close();
    interrupts.release();
  }
}
