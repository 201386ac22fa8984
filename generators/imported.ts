import type { ByInput } from "../runtime/data/by-input.js";
import type { ChannelOrder } from "../runtime/data/layout.js";
import type { Note, SourceRef } from "../runtime/errors.js";
import type { Network } from "../runtime/layers/types.js";
import type { OptimizerConfig } from "../runtime/optimizers/types.js";
import type { WeightSource } from "../runtime/weights/source.js";

export type { WeightSource } from "../runtime/weights/source.js";

/** What a model file says about how an input is prepared: y = (x − mean) · scale. */
export interface Preprocessing {
  readonly scale?: number;
  /** One number, or one a channel. */
  readonly mean?: readonly number[];
  /** Where the file says it. */
  readonly at?: SourceRef;
}

/** What a model's files say about the rows that it learns from. */
export interface DataDescription {
  /** By the name of the float input; an input that is not here is taken as it is. */
  readonly preprocessing: Readonly<Record<string, Preprocessing>>;
  /** Where the channels of an image stand in the source's own data. Absent where it does not say. */
  readonly layout?: ChannelOrder;
  /** Whether the input's size is cut out of larger images, not resized to. */
  readonly crop?: boolean;
  /** Whether images of the training are turned left to right at random. */
  readonly mirror?: boolean;
  /** The names of the classes, by the name of the label whose numbers they are for. */
  readonly classNames?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What a model's files say about training, Caffe's solver or Keras' compile configuration; absent where they say nothing.
 * Losses with their weights and metrics are part of the network.
 */
export interface ImportedTraining {
  /** The rule, with its learning rate or schedule. */
  readonly optimizer?: OptimizerConfig;
  /** Updates to make (Caffe's max_iter); epochs follow from the number of rows: ⌈iterations · batchsize / rows⌉. */
  readonly iterations?: number;
  readonly epochs?: number;
  /** Rows in an update, of all workers together. */
  readonly batchsize?: number;
  /** Whether the files ask for validation (Caffe's test_interval). */
  readonly validate?: boolean;
  readonly seed?: number;
}

/** A model as an importer hands it on, whatever the format. */
export interface ImportedModel {
  /** A row of the importer table, or "package" for the network of a generated package. */
  readonly format: string;
  readonly name: string;
  /** The files that were read, as the user named them, model first. */
  readonly files: readonly string[];
  /** Any number of inputs, outputs, losses and metrics. */
  readonly network: Network;
  /** Absent where the files hold no weights; a variable that it lacks starts as the network says. */
  readonly weights?: WeightSource;
  readonly training: ImportedTraining;
  readonly data: DataDescription;
  /** What was understood but has no effect here, or was adjusted: shown to the user, never silent. */
  readonly notes: readonly Note[];
}

export interface ImportOptions {
  /**
   * The shape of one sample, for a model whose files do not say it (Caffe's Data layer): `[channels, height, width]` of
   * the first input, or by the name of an input.
   */
  readonly inputShape?: ByInput<readonly number[]>;
  /** Whether the file `-` is standard input. */
  readonly standardInput?: boolean;
}

/** One row of the format table in `generators/index.ts`. */
export interface Importer {
  /** What a model of the format is, for `--help` and messages: `a Caffe net or solver (.prototxt)`. */
  readonly describe: string;
  /** With the dot, in lower case. They decide where no format knows the content. */
  readonly extensions: readonly string[];
  /** Whether the first bytes of a file are of this format. */
  recognises(head: Uint8Array): boolean;
  /** Reads a file; throws one ModelFileError with every problem found, in file order. */
  read(file: string, options: ImportOptions): Promise<ImportedModel>;
}
