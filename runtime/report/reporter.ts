import type { Note } from "../errors.js";
import type { ParamservResult, TrainingEvent } from "../paramserv/types.js";
import type { JsonEvent } from "./events.js";
import { epochEvent, jsonLine, noteEvent, resultEvent } from "./json.js";
import { epochLine, progressLine, startLine } from "./lines.js";

/** What a reporter needs of a stream; `process.stdout` and `process.stderr` are such. */
export interface ReportStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal; may change while it runs. */
  readonly columns?: number;
}

export interface ReporterOptions {
  /** One JSON object a line instead of lines for people. Default false. */
  readonly json?: boolean;
  /** Where it goes. Default: `process.stdout` for JSON, else `process.stderr`, so that stdout carries the product only. */
  readonly stream?: ReportStream;
  /** Default: on a terminal, unless NO_COLOR is set (no-color.org). */
  readonly color?: boolean;
  /** Width to keep within. Default: that of the terminal at each line, 80 where it does not say. */
  readonly columns?: number;
}

export interface Reporter {
  /** Give this to `paramserv({ onEvent })`. */
  onEvent(event: TrainingEvent): void;
  /** Shows how far something else is, on the progress line. Only on a terminal. */
  progress(text: string): void;
  /** What is said to a person, as a line of JSON mode. Nothing otherwise. */
  note(note: string | Note): void;
  /** The last line of JSON mode. Nothing otherwise: the closing summary is `formatSummary`. */
  result(result: ParamservResult, files: readonly string[]): void;
  /** Removes the progress line. Call it before anything else is written to the stream; may be called again. */
  close(): void;
}

const clearLine = "\r\u001b[K";

function jsonReporter(stream: ReportStream): Reporter {
  const print = (event: JsonEvent) => stream.write(jsonLine(event));
  return {
    onEvent(event) {
      if (event.event === "start") print(event);
      if (event.event === "epoch") print(epochEvent(event));
    },
    progress() {},
    note: (note) => print(noteEvent(note)),
    result: (result, files) => print(resultEvent(result, files)),
    close() {},
  };
}

function wantsColor(stream: ReportStream): boolean {
  return stream.isTTY === true && (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";
}

function lineReporter(stream: ReportStream, options: ReporterOptions): Reporter {
  const rewrites = stream.isTTY === true && process.env.TERM !== "dumb";
  const color = options.color ?? wantsColor(stream);
  const dim = (text: string) => (color ? `\u001b[2m${text}\u001b[22m` : text);
  let epochs: number | undefined;
  let learningRate: number | undefined;
  let drawn = false;
  const close = () => {
    if (drawn) stream.write(clearLine);
    drawn = false;
  };
  const line = (text: string) => {
    close();
    stream.write(`${text}\n`);
  };
  const draw = (text: (columns: number) => string) => {
    if (!rewrites) return;
    // The last column stays free: a terminal may wrap when it is written to.
    const columns = Math.max(1, (options.columns ?? stream.columns ?? 80) - 1);
    stream.write(`${clearLine}${dim(text(columns))}`);
    drawn = true;
  };
  return {
    onEvent(event) {
      switch (event.event) {
        case "start":
          epochs = event.epochs;
          learningRate = event.learning_rate;
          if (rewrites) line(dim(startLine(event)));
          return;
        case "epoch":
          line(epochLine(event, { epochs, learningRate }));
          learningRate = event.learning_rate;
          return;
        case "progress":
          return draw((columns) => progressLine(event, epochs, columns));
      }
    },
    progress: (text) => draw((columns) => text.slice(0, columns)),
    note() {},
    result() {},
    close,
  };
}

/**
 * Shows a training run as it goes. On a terminal: one rewriting progress line, and a permanent line an epoch with loss,
 * val loss, val accuracy and rate. Elsewhere: the epoch lines only. With `json`: one object a line ({@link JsonEvent}), for
 * the start, each epoch and the result.
 *
 * Example: `const reporter = progressReporter(); await paramserv({ …, onEvent: reporter.onEvent }); reporter.close();`
 */
export function progressReporter(options: ReporterOptions = {}): Reporter {
  if (options.json === true) return jsonReporter(options.stream ?? process.stdout);
  return lineReporter(options.stream ?? process.stderr, options);
}
