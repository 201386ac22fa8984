import type { ErrorCode, SourceRef } from "../errors.js";
import type { ConstantData, DataType, Dim, Graph, GraphBuilder, Value, ValueType } from "../graph/types.js";
import type { Initializer } from "./initializers.js";

/** The whole shape of a tensor, the batch `"N"` in it: an image is `["N", channels, height, width]`. */
export type Shape = readonly Dim[];

/** A symbolic tensor: one output of a layer. Immutable plain data. */
export interface Tensor {
  readonly kind: "tensor";
  readonly layer: LayerNode;
  /** Which of the layer's outputs, from 0. */
  readonly index: number;
  readonly dtype: DataType;
  readonly shape: Shape;
}

/**
 * A loss or a metric: one number for a batch, kept as a sum and the weight that it is divided by, so that means over
 * several batches are exact. Immutable plain data.
 */
export interface Scalar {
  readonly kind: "scalar";
  readonly layer: LayerNode;
}

/** What a layer takes: a tensor, numbers (axes, sizes, a bound) as a constant, or nothing for an optional input. */
export type LayerInput = Tensor | number | readonly number[] | undefined;

/** Plain data that an option may hold; an initializer is plain data too, marked by its `kind`. */
export type OptionValue = number | string | boolean | Initializer | ConstantData | Graph | readonly OptionValue[];

/** How a variable changes: by gradients, not at all, or by what layers write (running statistics, counters). */
export type VariableRole = "trained" | "frozen" | "state";

/** An array that outlives a step. Always float32. Names follow PyTorch: `conv1.weight`, `bn1.running_mean`. */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: VariableRole;
  readonly initializer: Initializer;
  /** Multiplier of the learning rate (caffe.proto, ParamSpec.lr_mult). Default 1; 0 freezes. */
  readonly lr: number;
  /** Multiplier of the weight decay (caffe.proto, ParamSpec.decay_mult). Default 1. */
  readonly decay: number;
}

/** What a layer is in its network. */
export type LayerRole = "source" | "layer" | "loss" | "metric";

/**
 * One call of a layer function: everything that printing, lowering and inspecting need, as frozen plain data. Layers are
 * told apart by identity until {@link model} names them.
 */
export interface LayerNode {
  readonly kind: "layer";
  /** A key of the layer table: `conv2d`; of an operator used as a layer `onnx.Gather`. */
  readonly type: string;
  readonly role: LayerRole;
  /** Unique in its network. While `named` is false it is only the type, until {@link model} numbers it: `relu1`. */
  readonly name: string;
  readonly named: boolean;
  readonly inputs: readonly LayerInput[];
  /** Options whose value is a tensor, such as a shared variable, by option name. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** The other options as a reader would write them: values equal to the default are left out. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** The variables that the layer itself declares, by their short name in it (`weight`); not those given as tensors. */
  readonly variables: Readonly<Record<string, Variable>>;
  /** Type and shape of each output; none for a loss or metric. */
  readonly outputs: readonly ValueType[];
  readonly at?: SourceRef;
}

/** A variable as a layer's lowering declares it. */
export interface VariableSpec {
  readonly shape: readonly number[];
  /** How it starts, or a tensor that stands in its place (a shared variable, a computed weight). */
  readonly start: Initializer | Tensor;
  /** Default 1. */
  readonly lr?: number;
  /** Default 1. */
  readonly decay?: number;
}

/** A state variable in a lowering. */
export interface State {
  /** Its value now: what an earlier layer wrote in this step, if one that shares it did. */
  readonly value: Value;
  /** Sets the value of the next step. In evaluation nothing is written. */
  set(next: Value): void;
}

/** What a layer's lowering is given beside its inputs and options. */
export interface Lowering {
  readonly g: GraphBuilder;
  /** True for the training step, false for evaluation and inference (dropout becomes the identity). */
  readonly training: boolean;
  /** The graph value of a variable of this layer, by its short name (`weight`), declared where it is first named. */
  variable(short: string, spec: VariableSpec): Value;
  /** A variable that gradients do not change, and layers may. Frozen where nobody sets it. */
  state(short: string, spec: Omit<VariableSpec, "lr" | "decay">): State;
  /** The graph value of a tensor that an option gives. */
  valueFor(tensor: Tensor): Value;
  /**
   * A dropout mask in the shape of `like`, whose axis 0 is the batch: entries are 0 or 1/(1 − rate), drawn by the worker
   * from the run's seed.
   */
  mask(rate: number, like: Value): Value;
  /** Notes a problem unless `ok`; all that were noted are thrown together. */
  check(ok: boolean, code: ErrorCode, message: string, hint?: string): void;
  /** Throws a problem of the layer, with those noted so far. */
  fail(code: ErrorCode, message: string, hint?: string): never;
}

/** A mean over a batch as a sum and a weight: value = sum / weight. */
export interface Mean {
  /** float32 `[]` */
  readonly sum: Value;
  /**
   * What the sum is divided by: a number, the weight of each row (1, or the places of a row), or float32 `[N]`, the weight
   * of each row, which has to depend on data alone (a mask, an ignored label, sample weights), not on variables.
   */
  readonly weight: number | Value;
}

/** A loss of a network and its factor in the total. */
export interface WeightedLoss {
  readonly scalar: Scalar;
  /** Default 1. The total is Σ weight · sum / weight of the batch. */
  readonly weight: number;
}

/** A network: what importers produce, emitters print and {@link model} builds. Frozen plain data. */
export interface Network {
  readonly kind: "network";
  /** The version of this format. */
  readonly format: 2;
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly labels: readonly Tensor[];
  /** Empty in a network that can only infer. */
  readonly losses: Readonly<Record<string, WeightedLoss>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly metrics: Readonly<Record<string, Scalar>>;
  /** All layers that losses, metrics and outputs need, each after those that it takes. */
  readonly layers: readonly LayerNode[];
  /** All variables, each once, in the order in which layers name them. */
  readonly variables: readonly Variable[];
}
