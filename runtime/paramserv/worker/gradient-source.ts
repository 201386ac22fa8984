import type { StepResult } from "../../engines/engine.js";
import type { LossPart } from "../scalars.js";
import type { RowBatch } from "./batch-reader.js";
import type { UpdateTotals } from "./update-totals.js";

/** Where in the run a batch belongs; counted from 0. */
export interface BatchPlace {
  readonly epoch: number;
  readonly batch: number;
  /** Which copy of the data the rows are of: dropout masks differ by it. */
  readonly copy: number;
  /** Of the update that the batch makes with those of other workers; absent where it stands for itself. */
  readonly totals?: UpdateTotals;
}

/** What turns weights and a batch into gradients: a compiled network on an engine, or a user function. */
export interface GradientSource {
  /** The flat variables that `step` reads; private to the worker. */
  readonly weights: Float32Array;
  /** What `step` writes and a push carries: the flat mean gradients, then the next state. Padding stays 0. */
  readonly pushed: Float32Array;
  /** What the total loss is made of. */
  readonly losses: readonly LossPart[];
  step(batch: RowBatch, at: BatchPlace): Promise<StepResult>;
}

/** What turns weights and a batch of validation rows into scalars. */
export interface Evaluator {
  readonly weights: Float32Array;
  readonly losses: readonly LossPart[];
  evaluate(batch: RowBatch): Promise<StepResult>;
}
