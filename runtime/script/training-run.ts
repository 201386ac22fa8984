import type { ReadProgress } from "../data/source.js";
import type { ParamservResult, TrainingEvent } from "../paramserv/types.js";
import { progressReporter, type Reporter } from "../report/reporter.js";
import { formatSummary } from "../report/summary.js";
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
  /** Says something to the person at the terminal, a line each. */
  readonly say: (...lines: readonly string[]) => void;
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
}

/** Lines for people, on stderr; with `json` only on a terminal, beside the JSON lines on stdout. */
function reportersFor(json: boolean): readonly Reporter[] {
  if (!json) return [progressReporter()];
  return [progressReporter({ json }), ...(process.stderr.isTTY ? [progressReporter()] : [])];
}

/**
 * Shows a training as it goes, stops it at Ctrl-C, and closes with a summary or the last JSON line, on stdout. Returns
 * the exit status: 0 done, 130 stopped.
 */
export async function runTraining(
  { json, statistics }: TrainingRunOptions,
  train: (tools: TrainingTools) => Promise<TrainingOutcome>,
): Promise<0 | 130> {
  const reporters = reportersFor(json);
  const close = () => {
    for (const reporter of reporters) reporter.close();
  };
  const say = (...lines: readonly string[]) => {
    close();
    for (const line of lines) process.stderr.write(`${line}\n`);
  };
  const interrupts = watchInterrupts(say);
  let epochs: number | undefined;
  const onEvent = (event: TrainingEvent) => {
    if (event.event === "start") {
      epochs = event.epochs;
      interrupts.begin();
    }
    for (const reporter of reporters) reporter.onEvent(event);
  };
  const onProgress = readProgress((text) => {
    for (const reporter of reporters) reporter.progress(text);
  });
  try {
    const { result, files } = await train({ signal: interrupts.signal, onEvent, onProgress, say });
    close();
    for (const reporter of reporters) reporter.result(result, files);
    const summary = { files, statistics, ...(epochs === undefined ? {} : { epochs }) };
    if (files.length === 0) say("nothing was kept: no update had been applied yet");
    else if (!json) process.stdout.write(`${formatSummary(result, summary)}\n`);
    return result.status === "aborted" ? 130 : 0;
  } finally {
    close();
    interrupts.release();
  }
}
