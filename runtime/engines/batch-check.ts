import type { NDArray } from "../array.js";
import type { Problem } from "../errors.js";
import { RunError } from "../errors.js";
import { bindLengths, isStatic } from "../graph/lengths.js";
import type { Dim } from "../graph/types.js";
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
  const lengths: Record<string, number> = { N: batch.rows };
  for (const feed of needed) {
    const problem = feedProblem(feed, batch, lengths);
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

/** What is wrong with one feed; learns the named lengths of its shape. */
function feedProblem(feed: Feed, { rows, feeds }: Batch, lengths: Record<string, number>): string | undefined {
  const given: Partial<NDArray> | undefined = Object.hasOwn(feeds, feed.name) ? feeds[feed.name] : undefined;
  const title = `${feed.kind} "${feed.name}"`;
  if (given === undefined) return `a batch has no ${title}`;
  const { data, shape }: { readonly data?: unknown; readonly shape?: unknown } = given;
  // Integers and flags alike come as Int32Array.
  const Expected = feed.dtype === "float32" ? Float32Array : Int32Array;
  if (!(data instanceof Expected) || !Array.isArray(shape)) {
    return `${title} is ${typeName(data ?? given)}, expected ${Expected.name} (${feed.dtype}) with its shape`;
  }
  // The native binding refuses shared memory with a bare "Invalid argument".
  if (data.buffer instanceof SharedArrayBuffer) {
    return `${title} lies in shared memory, expected a private array to which the rows were copied`;
  }
  return elementsProblem(feed, rows, data) ?? shapeProblem(feed, { shape, data }, lengths);
}

/** Where the shape of a row is known beforehand, the elements are as well. */
function elementsProblem({ kind, name, shape }: Feed, rows: number, data: NDArray["data"]): string | undefined {
  const known: readonly Dim[] = shape;
  if (!isStatic(known)) return undefined;
  const expected = kind === "normalizer" ? 1 : rows * sizeOf(known);
  if (data.length === expected) return undefined;
  const whole = kind === "normalizer" ? "" : ` for ${rows} rows of shape [${known.join(",")}]`;
  return `${kind} "${name}" has ${data.length} elements, expected ${expected}${whole}`;
}

function shapeProblem(feed: Feed, { shape, data }: NDArray, lengths: Record<string, number>): string | undefined {
  const title = `${feed.kind} "${feed.name}"`;
  const expected: readonly Dim[] = feed.kind === "normalizer" ? [] : ["N", ...feed.shape];
  const problem = bindLengths(expected, shape, lengths);
  if (problem !== undefined) return `${title} has shape [${shape.join(",")}]: ${problem}`;
  if (data.length === sizeOf(shape)) return undefined;
  return `${title} has ${data.length} elements, expected ${sizeOf(shape)} for its shape [${shape.join(",")}]`;
}

function typeName(value: unknown): string {
  return typeof value === "object" && value !== null ? value.constructor.name : typeof value;
}
