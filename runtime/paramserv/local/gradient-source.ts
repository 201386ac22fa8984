import type { RowBatch } from "./batch-reader.js";

/** Where in the run a batch belongs; counted from 0. */
export interface BatchPlace {
  readonly epoch: number;
  readonly batch: number;
}

export type Scalars = Readonly<Record<string, number>>;

/** What turns weights and a batch into gradients: a compiled network on an engine, or a user function. */
export interface GradientSource {
  /** The flat weights that `step` reads; private to the worker. */
  readonly weights: Float32Array;
  /** The flat mean gradients that `step` writes; frozen parameters and padding stay 0. */
  readonly gradients: Float32Array;
  step(batch: RowBatch, at: BatchPlace): Promise<Scalars>;
}

/** What turns weights and a batch of validation rows into scalars. */
export interface Evaluator {
  readonly weights: Float32Array;
  evaluate(batch: RowBatch): Promise<Scalars>;
}
