import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { checkWritable, makeDirectories } from "../directories.js";
import { type Problem, RunError } from "../errors.js";
import type { EpochRecord, Means, ProgressRecord, TrainingEvent } from "../paramserv/types.js";
import { type ScalarPoint, scalarRecord, versionRecord } from "./event-file.js";

export interface TensorboardOptions {
  /** Made where it is not there. TensorBoard takes one directory for one run. */
  readonly directory: string;
  /** Told once when the file cannot be written any more; nothing is written after that. Default: thrown to who sent the event. */
  readonly onProblem?: (problem: Problem) => void;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** The end of the file's name. Default: the machine's name. */
  readonly host?: string;
}

export interface TensorboardWriter {
  /** The event file. */
  readonly file: string;
  /** Give this to `paramserv({ onEvent })`, or call it from there. */
  onEvent(event: TrainingEvent): void;
  /** Closes the file; may be called again. */
  close(): void;
}

/**
 * Writes a run as TensorBoard's event file, `events.out.tfevents.<seconds>.<host>`. By epoch: `train/loss` and the other
 * means of the training, `validation/…` those of the validation, `learning_rate`. Beside them, at most about ten times a
 * second and by the number of updates made: `updates/train/loss` and the other means over the epoch so far, and
 * `updates/learning_rate`.
 *
 * @throws RunError LOG_DIRECTORY_UNWRITABLE when the file cannot be made, before anything is trained
 * @example const log = tensorboardWriter({ directory: "runs/lenet" });
 * await paramserv({ ...options, onEvent: log.onEvent });
 * log.close();
 */
export function tensorboardWriter(options: TensorboardOptions): TensorboardWriter {
  const { directory, onProblem, now = Date.now, host = hostname() } = options;
  const { file, descriptor } = openEventFile(directory, now() / 1000, host);
  let open = true;
  let updates = -1;
  const close = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  const write = (step: number, points: readonly ScalarPoint[]): void => {
    if (!open) return;
    try {
      writeWhole(descriptor, scalarRecord(now() / 1000, step, points));
    } catch (cause) {
      close();
      const problem = writeProblem(file, cause);
      if (onProblem === undefined) throw new RunError(problem, { cause });
      onProblem(problem);
    }
  };
  return {
    file,
    onEvent(event) {
      if (event.event === "epoch") write(event.epoch, epochPoints(event));
      // Several batches may be learned from between two updates.
      if (event.event !== "progress" || event.updates === updates) return;
      updates = event.updates;
      write(updates, updatePoints(event));
    },
    close,
  };
}

function epochPoints({ train, validation = {}, learning_rate }: EpochRecord): readonly ScalarPoint[] {
  return [...points("train", train), ...points("validation", validation), ...ratePoint("learning_rate", learning_rate)];
}

function updatePoints({ train, learning_rate }: ProgressRecord): readonly ScalarPoint[] {
  return [...points("updates/train", train), ...ratePoint("updates/learning_rate", learning_rate)];
}

function points(group: string, means: Means): readonly ScalarPoint[] {
  return Object.entries(means).map(([name, value]) => ({ tag: `${group}/${name}`, value }));
}

function ratePoint(tag: string, value: number | undefined): readonly ScalarPoint[] {
  return value === undefined ? [] : [{ tag, value }];
}

const unwritable = { code: "LOG_DIRECTORY_UNWRITABLE", what: "TensorBoard's event files" } as const;

/**
 * Makes sure that an event file can be written to a directory; leaves nothing.
 *
 * @throws RunError LOG_DIRECTORY_UNWRITABLE
 */
export function checkLogDirectory(directory: string): void {
  checkWritable(directory, unwritable);
}

/** A new file with its first record. Runs that begin within a second get a number at the end of the name. */
function openEventFile(directory: string, seconds: number, host: string) {
  const name = `events.out.tfevents.${Math.floor(seconds)}.${host}`;
  checkLogDirectory(directory);
  makeDirectories(directory);
  for (let number = 1; ; number++) {
    const file = join(directory, number === 1 ? name : `${name}.${number}`);
    const descriptor = openNew(file);
    if (descriptor === undefined) continue;
    try {
      writeWhole(descriptor, versionRecord(seconds));
      return { file, descriptor };
    } catch (cause) {
      closeSync(descriptor);
      rmSync(file);
      const message = `${unwritable.what} could not be written to it: ${reasonOf(cause)}`;
      throw new RunError({ code: unwritable.code, at: { file: directory }, message }, { cause });
    }
  }
}

/** Undefined where there is such a file. */
function openNew(file: string): number | undefined {
  try {
    return openSync(file, "wx");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  }
}

/** One call may write a part only, where the disk is nearly full. */
function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function writeProblem(file: string, cause: unknown): Problem {
  const message = `could not be written any more: ${reasonOf(cause)}`;
  return { code: "LOG_WRITE_FAILED", at: { file }, message, hint: "the training goes on without it" };
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
