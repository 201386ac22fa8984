import type { Initializer } from "../layers/initializers.js";

/** Where one parameter lies in the flat buffer of all parameters. Offsets and lengths count floats. */
export interface ParameterLayout {
  readonly name: string;
  readonly shape: readonly number[];
  /** A multiple of 16 floats, so that every parameter starts on a 64-byte line. */
  readonly offset: number;
  readonly length: number;
  /** Learning-rate and weight-decay multipliers. */
  readonly lr: number;
  readonly decay: number;
  readonly initializer: Initializer;
}

/** What a batch must bring, beside the parameters. `shape` is that of one sample. */
export type Feed =
  | { readonly kind: "features"; readonly name: string; readonly shape: readonly number[]; readonly dtype: "float32" }
  | {
      readonly kind: "labels";
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: "int32" | "float32";
      /** For class labels: valid values are 0 … classes − 1. */
      readonly classes?: number;
    }
  | {
      readonly kind: "mask";
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: "float32";
      /** Share of zeros; the other entries are 1/(1 − rate). */
      readonly rate: number;
    };

/**
 * A network compiled for training: plain data that can go to a thread or over HTTP. The graphs are serialized ONNX
 * models; axis 0 of every feed is the batch and may have any length.
 */
export interface TrainingProgram {
  readonly name: string;
  /** inputs: parameters by name, feeds by name; outputs: the scalars, then `grad:<parameter>` for each with lr ≠ 0. */
  readonly step: Uint8Array;
  /** inputs: parameters by name, features and labels by name; outputs: the scalars. No dropout. */
  readonly evaluate: Uint8Array;
  readonly parameters: readonly ParameterLayout[];
  /** Length of the flat parameter buffer in floats, padding included. Padding is zero and stays zero. */
  readonly size: number;
  readonly feeds: readonly Feed[];
  /** Names of the float32 scalars both graphs put out, each a mean over the rows of the batch: `loss`, then metrics. */
  readonly scalars: readonly string[];
}
