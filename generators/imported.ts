import type { Problem } from "../runtime/errors.js";
import type { Network } from "../runtime/layers/types.js";
import type { OptimizerConfig } from "../runtime/optimizers/types.js";

/** What a model file says about how its input is prepared: y = (x − mean) · scale. */
export interface Preprocessing {
  readonly scale?: number;
  /** One number, or one a channel. */
  readonly mean?: readonly number[];
}

/** What a solver file or compile configuration says about training. */
export interface ImportedSolver {
  readonly optimizer: OptimizerConfig;
  /** Updates to make (Caffe's max_iter); epochs follow from the number of rows: ⌈iterations · batchsize / rows⌉. */
  readonly iterations?: number;
  readonly epochs?: number;
  /** True where the file asks for validation (Caffe's test_interval). */
  readonly validate: boolean;
  readonly seed?: number;
}

/** A model as an importer hands it on, whatever the format. */
export interface ImportedModel {
  readonly format: "caffe" | "package";
  readonly name: string;
  /** The files that were read, as the user named them, model first. */
  readonly files: readonly string[];
  readonly network: Network;
  readonly solver?: ImportedSolver;
  readonly preprocessing: Preprocessing;
  /** Rows in an update. */
  readonly batchsize?: number;
  /** What was understood but has no effect here, or was adjusted: shown to the user, never silent. */
  readonly notes: readonly Problem[];
}

export interface ImportOptions {
  /** Shape of one sample, for a model whose file does not say (Caffe's Data layer): [channels, height, width]. */
  readonly inputShape?: readonly number[];
}

/** One row of the format table in `generators/index.ts`. */
export interface Importer {
  readonly format: ImportedModel["format"];
  readonly description: string;
  /** Whether this file looks like one of this format, from its name and first bytes. */
  recognises(file: string, head: Uint8Array): boolean;
  /** Reads a file; throws one ModelFileError with every problem found, in file order. */
  read(file: string, options?: ImportOptions): Promise<ImportedModel>;
}
