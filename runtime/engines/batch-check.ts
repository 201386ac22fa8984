import type { Problem } from "../errors.js";
import { RunError } from "../errors.js";
import type { Feed, TrainingProgram } from "../program/types.js";
import { sizeOf } from "../shape.js";
import type { Batch } from "./engine.js";

/**
 * Throws one ENGINE_BATCH_INVALID with every way in which a batch does not fit its program, before native code sees it.
 * `needed` are the feeds that the graph to be run takes; a batch may bring masks that an evaluation leaves unread.
 */
export function checkBatch(program: TrainingProgram, batch: Batch, needed: readonly Feed[]): void {
  const problems: string[] = [];
  if (!Number.isSafeInteger(batch.rows) || batch.rows < 1) {
    problems.push(`a batch has ${batch.rows} rows, expected a whole number of at least 1`);
  }
  for (const feed of needed) {
    const problem = feedProblem(feed, batch);
    if (problem !== undefined) problems.push(problem);
  }
  for (const name of Object.keys(batch.feeds)) {
    if (!program.feeds.some((feed) => feed.name === name)) {
      problems.push(
        `a batch brings "${name}", expected only ${program.feeds.map((feed) => `"${feed.name}"`).join(", ")}`,
      );
    }
  }
  if (problems.length === 0) return;
  throw new RunError(
    problems.map((text): Problem => ({ code: "ENGINE_BATCH_INVALID", message: `program "${program.name}": ${text}` })),
  );
}

function feedProblem(feed: Feed, { rows, feeds }: Batch): string | undefined {
  const data: unknown = Object.hasOwn(feeds, feed.name) ? feeds[feed.name] : undefined;
  if (data === undefined) return `a batch has no ${feed.kind} "${feed.name}"`;
  const Expected = feed.dtype === "int32" ? Int32Array : Float32Array;
  if (!(data instanceof Expected)) {
    return `${feed.kind} "${feed.name}" is ${typeName(data)}, expected ${Expected.name} (${feed.dtype})`;
  }
  // The native binding refuses shared memory with a bare "Invalid argument".
  if (data.buffer instanceof SharedArrayBuffer) {
    return `${feed.kind} "${feed.name}" lies in shared memory, expected a private array to which the rows were copied`;
  }
  const expected = rows * sizeOf(feed.shape);
  if (data.length === expected) return undefined;
  return `${feed.kind} "${feed.name}" has ${data.length} elements, expected ${expected} for ${rows} rows of shape [${feed.shape.join(",")}]`;
}

function typeName(value: unknown): string {
  return typeof value === "object" && value !== null ? value.constructor.name : typeof value;
}
