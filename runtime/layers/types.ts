import type { SourceRef } from "../errors.js";
import type { GraphBuilder, Value } from "../graph/types.js";
import type { Initializer } from "./initializers.js";

/** The shape of one sample: no batch axis. An image is `[channels, height, width]`, a score vector `[classes]`. */
export type Shape = readonly number[];

/**
 * A symbolic tensor: what a layer returns and the next one takes. Immutable.
 * `shape` is that of one sample; a tensor that is one number for the whole batch (a loss, a metric) has `perBatch` true
 * and shape `[]`.
 */
export interface Tensor {
  readonly kind: "tensor";
  /** The name of the layer that makes it. */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: "float32" | "int32";
  readonly perBatch: boolean;
  readonly layer: LayerNode;
}

/** Plain data that an option may hold; an initializer is plain data too, marked by its `kind`. */
export type OptionValue = number | string | boolean | Initializer | readonly OptionValue[];

/** A learnable array. Names follow PyTorch: `conv1.weight`, `conv1.bias`. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** Multiplier of the learning rate (caffe.proto, ParamSpec.lr_mult). Default 1; 0 freezes. */
  readonly lr: number;
  /** Multiplier of the weight decay (caffe.proto, ParamSpec.decay_mult). Default 1. */
  readonly decay: number;
}

/** One call of a layer function: everything that printing, lowering and inspecting need, as frozen plain data. */
export interface LayerNode {
  /** The layer function's name, a key of the layer table: `conv2d`. */
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** The options as a reader would write them: `name` and `at` and values equal to the default are left out. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** The options with every default filled in, for lowering. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly parameters: readonly Parameter[];
  readonly shape: Shape;
  readonly at?: SourceRef;
}

/** What a layer's lowering is given. */
export interface Lowering {
  readonly g: GraphBuilder;
  /** True for the training step, false for evaluation and inference (dropout becomes the identity). */
  readonly training: boolean;
  /** The graph values of the layer's inputs; axis 0 is the batch. */
  readonly inputs: readonly Value[];
  readonly node: LayerNode;
  /** The graph value of one of this layer's parameters, by its short name (`weight`). */
  parameter(short: string): Value;
  /** A dropout mask fed with each batch: entries are 0 or 1/(1 − rate), drawn by the worker from the run's seed. */
  mask(rate: number, shape: Shape): Value;
}

/** A network: what importers produce, emitters print and {@link model} builds. Frozen. */
export interface Network {
  readonly kind: "network";
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly labels: readonly Tensor[];
  /** Absent in a network that can only infer. */
  readonly loss?: Tensor;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** All layers that the loss, outputs and metrics need, in the order they were made. */
  readonly layers: readonly LayerNode[];
  readonly parameters: readonly Parameter[];
}
