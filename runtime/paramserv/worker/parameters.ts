import type { SlotId } from "../protocol/types.js";

/** The step of a worker's own copy of the model between two pushes. */
export interface LocalStep {
  readonly slot: SlotId;
  /** All variables; those that a step changes are changed in place. */
  readonly weights: Float32Array;
  /** Mean gradients of one batch, then the next state. */
  readonly pushed: Float32Array;
  /** Steps that the model and its optimizer have seen before this one, and batches. */
  readonly updates: number;
  readonly iteration: number;
  /** Worker, epoch and batch, for messages. */
  readonly where: string;
}

/**
 * Where a worker's parameters come from and its gradients go to: shared memory, or a server elsewhere. The worker's loop
 * knows nothing else of either.
 */
export interface Parameters {
  /** Fills `weights` with the server's; where a push has several batches, also what local steps start from. */
  pull(slot: SlotId, weights: Float32Array): void | Promise<void>;
  /** Adds what a batch gave to what the next push carries, or starts that anew. The state that it carries is that after the last. */
  collect(slot: SlotId, pushed: Float32Array, anew: boolean): void;
  /** Steps the worker's own copy. */
  step(step: LocalStep): Promise<void>;
  /** Lays ready what the push carries, when all its batches are in. */
  push(push: PushedItem): PushOutcome | Promise<PushOutcome>;
  /** Bytes of a pull and of a push. */
  readonly bytes: { readonly pull: number; readonly push: number };
}

/** What is pushed: the item's place in the run as it was granted. */
export interface PushedItem {
  readonly slot: SlotId;
  readonly version: number;
  readonly iteration: number;
  readonly rows: number;
}

export interface PushOutcome {
  /** False where gradients are not finite numbers: none of them is applied. */
  readonly finite: boolean;
}
