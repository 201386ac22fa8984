import type { Session } from "../../engines/engine.js";
import type { Kernels } from "../../kernels/kernels.js";
import { keyOf } from "../../kernels/threefry.js";
import type { Feed, TrainingProgram } from "../../program/types.js";
import { sizeOf } from "../../shape.js";
import type { RowBatch } from "./batch-reader.js";
import type { BatchPlace, Evaluator, GradientSource } from "./gradient-source.js";

type MaskFeed = Extract<Feed, { kind: "mask" }>;
type Feeds = Record<string, Float32Array | Int32Array>;

interface EngineRun {
  readonly session: Session;
  readonly program: TrainingProgram;
  readonly kernels: Kernels;
  /** Shared memory for one row of a mask, as the kernels need it. */
  readonly scratch: Float32Array;
  readonly seed: number;
  readonly copy: number;
}

/** The gradients of a compiled network. */
export function engineGradients(run: EngineRun): GradientSource {
  const { session, program } = run;
  const masks = program.feeds.filter((feed) => feed.kind === "mask");
  const buffers = masks.map(() => new Float32Array(0));
  return {
    weights: session.weights,
    gradients: session.gradients,
    step(batch, place) {
      const feeds = dataFeeds(program, batch);
      for (const [index, feed] of masks.entries()) {
        const length = batch.rows.length * sizeOf(feed.shape);
        if ((buffers[index]?.length ?? 0) < length) buffers[index] = new Float32Array(length);
        const buffer = buffers[index]?.subarray(0, length) ?? new Float32Array(length);
        fillMask({ run, feed, index, rows: batch.rows, place, into: buffer });
        feeds[feed.name] = buffer;
      }
      return session.step({ rows: batch.rows.length, feeds });
    },
  };
}

/** The evaluation of a compiled network. */
export function engineEvaluator(session: Session, program: TrainingProgram): Evaluator {
  return {
    weights: session.weights,
    evaluate: (batch) => session.evaluate({ rows: batch.rows.length, feeds: dataFeeds(program, batch) }),
  };
}

/** Floats of the largest row of a dropout mask. */
export function longestMask(program: TrainingProgram | undefined): number {
  return Math.max(
    0,
    ...(program?.feeds ?? []).filter((feed) => feed.kind === "mask").map(({ shape }) => sizeOf(shape)),
  );
}

function dataFeeds({ feeds }: TrainingProgram, { features, labels }: RowBatch): Feeds {
  const arrays: Feeds = {};
  for (const { kind, name } of feeds)
    if (kind !== "mask") arrays[name] = kind === "features" ? features.data : labels.data;
  return arrays;
}

/**
 * A row's mask depends on the seed, the epoch and the row alone, not on the worker, the batch or the order: so k workers
 * drop what one worker would, and a run can be repeated with another k. Where every worker has all rows, each has masks
 * of its own (`copy`).
 */
function fillMask(fill: {
  readonly run: EngineRun;
  readonly feed: MaskFeed;
  readonly index: number;
  readonly rows: Int32Array;
  readonly place: BatchPlace;
  readonly into: Float32Array;
}): void {
  const { run, feed, index, rows, place, into } = fill;
  const length = sizeOf(feed.shape);
  const row = run.scratch.subarray(0, length);
  const key = keyOf(run.seed, index, place.epoch, run.copy);
  for (const [at, stream] of rows.entries()) {
    run.kernels.mask({ out: row, key, stream, rate: feed.rate });
    into.set(row, at * length);
  }
}
