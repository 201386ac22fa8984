import type { SourceRef } from "../errors.js";
import type { GivenAttributes, InputTuple, OperatorName } from "./operators/typed.js";

/**
 * An axis length: a number, or a polynomial over named lengths in canonical text, such as `"N"` (the batch), `"2N*T + 3"`
 * or `"floor((T - 1)/2)"`. Equal lengths have equal text, so `===` compares them (see `lengths.ts`). A named length is a
 * whole number of at least 1 that is known when the program runs.
 */
export type Dim = number | string;

export type DataType = "float32" | "int32" | "int64" | "bool";

export interface ValueType {
  readonly dtype: DataType;
  readonly shape: readonly Dim[];
}

/** One value in a graph. Names are unique in their graph; identity is by name. */
export interface Value extends ValueType {
  readonly name: string;
}

/** A constant's data, row-major. int64 and bool data are kept as plain numbers (they are axes, shapes, indices, flags). */
export interface ConstantData {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | readonly number[];
}

/** ONNX attributes; the operator table says how each is written. A graph may use values of the graph around it. */
export type Attribute = number | string | readonly number[] | readonly string[] | ConstantData | Graph;
export type Attributes = Readonly<Record<string, Attribute | undefined>>;

export interface GraphNode {
  /** A key of the operator table: the ONNX operator's name. */
  readonly op: string;
  readonly name: string;
  /** What the node belongs to: the layer's name, `grad_` before it for what was derived from it; "" for nothing. */
  readonly scope: string;
  /** `undefined` marks an optional input that is left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** The layer this came from, for messages and dumps. */
  readonly at?: SourceRef;
}

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

/** A graph of standard ONNX operators, nodes in an order that can be executed. Frozen. */
export interface Graph {
  readonly kind: "graph";
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly GraphOutput[];
  readonly constants: ReadonlyMap<string, Constant>;
  readonly nodes: readonly GraphNode[];
}

export interface Constant {
  readonly value: Value;
  readonly data: ConstantData;
}

/** The elements of an int64, int32 or bool tensor of rank 0 or 1, as far as they are known before the program runs. */
export type Contents = readonly (Dim | undefined)[];

/** A node to be added, checked when it is. */
export interface NodeDraft {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: Attributes;
  /** How many outputs. Default 1. */
  readonly outputs?: number;
}

/** Builds a graph node by node; types and shapes are inferred, and checked, as each is added. */
export interface GraphBuilder {
  readonly name: string;
  /** Adds a graph input. */
  input(name: string, dtype: DataType, shape: readonly Dim[]): Value;
  /** Adds a node and gives back its first output. Trailing inputs that are `undefined` are left out. */
  op<Op extends OperatorName>(op: Op, inputs: InputTuple<Op>, ...attributes: GivenAttributes<Op>): Value;
  /** Adds a node with `count` outputs. */
  ops<Op extends OperatorName>(
    op: Op,
    inputs: InputTuple<Op>,
    attributes: NonNullable<GivenAttributes<Op>[0]>,
    count: number,
  ): readonly Value[];
  /** Adds a node whose operator is known only when the program runs: for importers, rewriting and generic layers. */
  node(draft: NodeDraft): readonly Value[];
  constant(data: ConstantData): Value;
  /** A scalar constant, shape `[]`. Default float32. */
  scalar(value: number, dtype?: DataType): Value;
  /** An int64 vector constant, for axes and shapes. */
  ints(values: readonly number[]): Value;
  /** Names a value as a graph output. */
  output(name: string, value: Value): void;
  /** Nodes added inside `body` are named after `scope` and carry `at`. */
  within<T>(scope: string, at: SourceRef | undefined, body: () => T): T;
  /**
   * A graph for an attribute (the body of a Scan, a branch of an If), built by `body`, which may also use the values of
   * this graph: they are captured. `body` adds the inputs and outputs.
   */
  subgraph(name: string, body: (g: GraphBuilder) => void): Graph;
  /** The node that makes a value, if a node of this graph (or one around it) does. */
  producer(value: Value): GraphNode | undefined;
  /** The data of a value that is a constant. */
  constantOf(value: Value | undefined): ConstantData | undefined;
  /** What is known of the elements of a shape, of indices, axes or flags. */
  contentsOf(value: Value | undefined): Contents | undefined;
  /** What would be known of the elements of a node's first output. */
  known(node: GraphNode): Contents | undefined;
  /** All nodes so far, in order. */
  readonly nodes: readonly GraphNode[];
  build(): Graph;
}
