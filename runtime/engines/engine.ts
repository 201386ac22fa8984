import type { NDArray } from "../array.js";
import type { TrainingProgram } from "../program/types.js";

/** Arrays of one batch by feed name; axis 0 of columns and masks counts the rows. */
export interface Batch {
  readonly rows: number;
  readonly feeds: Readonly<Record<string, NDArray>>;
}

/** A loss or metric over the rows of a batch: its value is sum / weight. */
export interface ScalarMean {
  readonly sum: number;
  readonly weight: number;
}

/** By the program's scalar names. */
export type StepResult = Readonly<Record<string, ScalarMean>>;

export interface EngineOptions {
  /** Operator threads of this session. Default 1: parallel workers beat parallel operators (ARCHITECTURE.md). */
  readonly threads?: number;
}

/** Who turns a TrainingProgram into numbers. Chosen by name from the table in `engines/index.ts`. */
export interface Engine {
  readonly name: string;
  /** The target whose programs it executes. */
  readonly target: string;
  open(program: TrainingProgram, options?: EngineOptions): Promise<Session>;
}

/** One worker's running program. Not reentrant: await each call before the next. */
export interface Session {
  /** The flat variables that all calls read (layout of the program). Write to it before a step. */
  readonly weights: Float32Array;
  /** What `step` writes, `program.pushed` floats: gradients, then the next state. Padding stays 0. */
  readonly pushed: Float32Array;
  step(batch: Batch): Promise<StepResult>;
  evaluate(batch: Batch): Promise<StepResult>;
  /** The weight of each row, by scalar name; needs data columns only. Throws where the program has no `weigh`. */
  weigh(batch: Batch): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}
