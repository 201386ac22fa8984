import type { DataType, Dim } from "../graph/types.js";
import type { Variable } from "../layers/types.js";

/** Where one variable lies in the flat buffer of all. Offsets and lengths count floats. */
export interface VariableLayout extends Variable {
  /** A multiple of 16 floats, so that every variable starts on a 64-byte line. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The flat buffer: first what is trained, then state, then what is frozen. Gradients and optimizer slots are as long as
 * the trained part; a push holds gradients and, after them, the next state: `pushed` floats. All ends are multiples of 16.
 */
export interface VariableBuffer {
  readonly variables: readonly VariableLayout[];
  /** Length of the trained part. */
  readonly trained: number;
  /** Length of the trained part and the state together. */
  readonly pushed: number;
  /** Length of everything, padding included. Padding is zero and stays zero. */
  readonly size: number;
}

/** What a batch must bring, beside the variables. */
export type Feed =
  /** A column of the data: `shape` is that of one row, which may hold named lengths other than the batch. */
  | {
      readonly kind: "features" | "labels";
      readonly name: string;
      readonly dtype: DataType;
      readonly shape: readonly Dim[];
      /** For class labels, and for tokens of an embedding: valid values are 0 … classes − 1, and `ignored`. */
      readonly classes?: number;
      readonly ignored?: number;
    }
  /** Drawn by the worker: a share of `rate` zeros, the other entries 1/(1 − rate). `shape` is that of one row. */
  | {
      readonly kind: "mask";
      readonly name: string;
      readonly dtype: "float32";
      readonly shape: readonly Dim[];
      readonly rate: number;
    }
  /** A float32 scalar `[]`: what the sum of a loss is multiplied by before differentiation; see {@link ProgramScalar}. */
  | {
      readonly kind: "normalizer";
      readonly name: string;
      readonly dtype: "float32";
      readonly shape: readonly [];
      readonly loss: string;
    };

/** A loss or metric, as the graphs put it out: a sum and a weight for each batch. */
export interface ProgramScalar {
  readonly name: string;
  readonly role: "loss" | "metric";
  /** Factor in the total loss; 0 for a metric. */
  readonly factor: number;
  /**
   * "rows": each row weighs the same, whatever the data, so a mean of workers' means weighted by rows is exact. "data":
   * rows weigh what `weigh` says, and the loss has a `normalizer` feed that the worker sets to 1 / (weight of the update).
   */
  readonly weights: "rows" | "data";
}

/** What an input of an executable is. */
export type InputBinding =
  | { readonly role: "variable"; readonly input: string; readonly variable: string }
  | { readonly role: "feed"; readonly input: string; readonly feed: string };

/** What an output of an executable is. */
export type OutputBinding =
  | { readonly role: "sum" | "weight"; readonly output: string; readonly scalar: string }
  | { readonly role: "gradient" | "state"; readonly output: string; readonly variable: string }
  /** float32 `[N]`: what each row weighs in a loss. */
  | { readonly role: "rowWeights"; readonly output: string; readonly scalar: string };

/** A graph as its target's engine loads it, and what its inputs and outputs are. */
export interface Executable {
  readonly bytes: Uint8Array;
  readonly inputs: readonly InputBinding[];
  readonly outputs: readonly OutputBinding[];
}

/**
 * A network compiled for training: plain data that can go to a thread or over HTTP. Axis 0 of every column and mask is
 * the batch and may have any length.
 */
export interface TrainingProgram extends VariableBuffer {
  readonly name: string;
  /** A key of the target table: who serialized the executables and can load them. */
  readonly target: string;
  /** Variables and feeds in; sums and weights, gradients and the next state out. */
  readonly step: Executable;
  /** Variables and data columns in; sums and weights out. No dropout, nothing is written. */
  readonly evaluate: Executable;
  /** Data columns in; the weights of each row out, for every scalar whose `weights` are "data". Absent if none is. */
  readonly weigh?: Executable;
  readonly feeds: readonly Feed[];
  /** Losses, then metrics. */
  readonly scalars: readonly ProgramScalar[];
}
