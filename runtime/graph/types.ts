import type { SourceRef } from "../errors.js";

/**
 * An axis length; `"N"` is the batch, the one length that is known only when the program runs. `"576N"` is a multiple of
 * it: what an axis is called after a Reshape has merged the batch with other axes.
 */
export type Dim = number | "N" | `${number}N`;

export type DataType = "float32" | "int32" | "int64" | "bool";

/** One value in a graph. Names are unique in their graph; identity is by name. */
export interface Value {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly Dim[];
}

/** ONNX attributes: a number is written as INT where the operator table says so, else FLOAT; `int64` lists as INTS. */
export type Attribute = number | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** A constant's data. int64 data is kept as numbers (they are axes, shapes and indices). */
export interface ConstantData {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | readonly number[];
}

export interface GraphNode {
  /** A key of the operator table: the ONNX operator's name. */
  readonly op: string;
  readonly name: string;
  /** `undefined` marks an optional input that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** The layer this came from, for messages and dumps. */
  readonly at?: SourceRef;
}

/** A graph of standard ONNX operators, nodes in an order that can be executed. Frozen. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  readonly constants: ReadonlyMap<string, { readonly value: Value; readonly data: ConstantData }>;
  readonly nodes: readonly GraphNode[];
}

/** Builds a graph node by node; shapes are inferred, and checked, as each is added. */
export interface GraphBuilder {
  /** Adds a graph input. */
  input(name: string, dtype: DataType, shape: readonly Dim[]): Value;
  /** Adds a node with one output. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value;
  /** Adds a node with `count` outputs. */
  ops(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes, count: number): readonly Value[];
  constant(data: ConstantData): Value;
  /** A float32 scalar constant, shape `[]`. */
  scalar(value: number): Value;
  /** An int64 vector constant, for axes and shapes. */
  ints(values: readonly number[]): Value;
  /** Names a value as a graph output. */
  output(name: string, value: Value): void;
  /** Nodes added inside `body` are named after `scope` and carry `at`. */
  within<T>(scope: string, at: SourceRef | undefined, body: () => T): T;
  /** The node that makes a value, if a node does. */
  producer(value: Value): GraphNode | undefined;
  /** The data of a value that is a constant. */
  constantOf(value: Value): ConstantData | undefined;
  /** All nodes so far, in order. */
  readonly nodes: readonly GraphNode[];
  build(): Graph;
}
