import type { TrainingProgram } from "../program/types.js";

/** Arrays of one batch by feed name, each `rows` × the feed's shape, flat and row-major. */
export interface Batch {
  readonly rows: number;
  readonly feeds: Readonly<Record<string, Float32Array | Int32Array>>;
}

/** Means over the rows of the batch, by the program's scalar names (`loss`, `accuracy`, …). */
export type StepResult = Readonly<Record<string, number>>;

export interface EngineOptions {
  /** Operator threads of this session. Default 1: parallel workers beat parallel operators (ARCHITECTURE.md). */
  readonly threads?: number;
}

/** Who turns a TrainingProgram into numbers. Chosen by name from the table in `engines/index.ts`. */
export interface Engine {
  readonly name: string;
  open(program: TrainingProgram, options?: EngineOptions): Promise<Session>;
}

/** One worker's running program. Not reentrant: await each call before the next. */
export interface Session {
  /** The flat parameters that `step` and `evaluate` read (layout of the program). Write to it before a step. */
  readonly weights: Float32Array;
  /** The flat mean gradients that `step` writes, same layout; frozen parameters and padding stay 0. */
  readonly gradients: Float32Array;
  step(batch: Batch): Promise<StepResult>;
  evaluate(batch: Batch): Promise<StepResult>;
  close(): Promise<void>;
}
