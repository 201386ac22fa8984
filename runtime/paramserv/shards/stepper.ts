import type { Kernels } from "../../kernels/kernels.js";
import { makeOptimizer } from "../../optimizers/table.js";
import type { OptimizerConfig } from "../../optimizers/types.js";
import type { VariableBuffer } from "../../program/types.js";
import type { Scratch } from "./memory.js";
import type { Chunk } from "./plan.js";

/** Floats of a chunk at most: a few arrays of 64 KiB stay in a core's cache between sum, update and commit. */
const longestChunk = 16_384;

/** Where in a run a step is. */
export interface StepAt {
  /** Updates before this one, for bias corrections. */
  readonly updates: number;
  /** Batches before this one on the longest path, for schedules. */
  readonly iteration: number;
}

interface TrainedChunk extends Chunk {
  readonly lr: number;
  readonly decay: number;
}

/** An optimizer on chunks. */
export interface Stepper {
  /** Sums over all chunks that are made before the update. */
  readonly reductions: number;
  readonly chunks: readonly Chunk[];
  /** Doubles for the sums of all chunks. */
  readonly partials: number;
  reduce(reduction: number, chunk: number, arrays: Scratch, at: StepAt, partials: Float64Array): void;
  /** In place. */
  update(chunk: number, arrays: Scratch, at: StepAt, partials: Float64Array): void;
}

export function stepChunks(layout: VariableBuffer): readonly TrainedChunk[] {
  const ranges: TrainedChunk[] = [];
  for (const { offset, length, lr, decay, role } of layout.variables) {
    if (role !== "trained") continue;
    const last = ranges.at(-1);
    const start = last !== undefined && last.lr === lr && last.decay === decay ? last.start : offset;
    if (last !== undefined && start === last.start) ranges.pop();
    ranges.push({ role: "trained", start, end: offset + length, lr, decay });
  }
  return ranges.flatMap((range) => [...cut(range)]);
}

export function stateChunks({ trained, pushed }: VariableBuffer): readonly Chunk[] {
  return [...cut({ role: "state", start: trained, end: pushed } as const)];
}

function* cut<Part extends Chunk>(part: Part): Generator<Part> {
  for (let at = part.start; at < part.end; at += longestChunk) {
    yield { ...part, start: at, end: Math.min(at + longestChunk, part.end) };
  }
}

/** Where a user function makes the updates. */
export function noStepper(layout: VariableBuffer): Stepper {
  return { reductions: 0, chunks: stepChunks(layout), partials: 0, reduce: () => {}, update: () => {} };
}

export function makeStepper(config: OptimizerConfig, layout: VariableBuffer, kernels: Kernels): Stepper {
  const optimizer = makeOptimizer(config, kernels);
  const chunks = stepChunks(layout);
  return {
    reductions: 0,
    chunks,
    partials: 0,
    reduce: () => {},
    update(index, { weights, gradients, slots }, { iteration }) {
      const { lr, decay } = chunks[index] ?? { lr: 0, decay: 0 };
      optimizer.update({
        weights,
        gradients,
        slots,
        rate: optimizer.rate(iteration) * lr,
        decay: optimizer.weightDecay * decay,
        iteration,
      });
    },
  };
}
