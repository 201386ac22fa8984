import type { Attribute, Attributes, ConstantData, DataType, Dim, GraphBuilder, GraphNode, Value } from "../types.js";

/**
 * How an attribute is written: ONNX's INT, FLOAT, INTS and STRING; `type` is a {@link DataType} written as the INT of
 * its TensorProto number; `fill` is one float32 written as a tensor of one element (ConstantOfShape).
 */
export type AttributeKind = "int" | "float" | "ints" | "string" | "type" | "fill";

export interface AttributeRow {
  readonly kind: AttributeKind;
  /** ONNX's default. Without it the attribute is optional and may be absent. */
  readonly default?: Attribute;
  readonly required?: boolean;
}

export interface ValueType {
  readonly dtype: DataType;
  readonly shape: readonly Dim[];
}

/** The elements of an int64 tensor, as far as they are known before the program runs. */
export type Contents = readonly (Dim | undefined)[];

/** What shape rules are given: one node, checked for arity and attributes. */
export interface Inference {
  readonly inputs: readonly (Value | undefined)[];
  /** With defaults filled in. */
  readonly attributes: Attributes;
  /** How many outputs the node has. */
  readonly outputs: number;
  /** The elements of an int64 input of rank 0 or 1, where some are known. */
  contents(input: number): Contents | undefined;
  /** The data of an input that is a constant. */
  constant(input: number): ConstantData | undefined;
  /** Throws a CompileError that names the operator, the node and its layer. */
  fail(message: string, hint?: string): never;
}

/** What gradient rules are given. */
export interface Differentiation {
  readonly g: GraphBuilder;
  readonly node: GraphNode;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** The gradient of the loss with respect to output 0. */
  readonly dy: Value;
  /** The data of a value that is a constant. */
  constant(value: Value | undefined): ConstantData | undefined;
  fail(message: string, hint?: string): never;
}

/**
 * The gradient with respect to one input. It is called only where that gradient is asked for. What it returns may have
 * the shape of the broadcast result: differentiate() sums it down to the input's shape.
 */
export type InputGradient = () => Value;

/** The gradients by input; undefined where nothing flows back (axes, indices, conditions). */
export type GradientRule = (d: Differentiation) => readonly (InputGradient | undefined)[];

/** One row of the operator table. */
export interface Operator {
  /** ONNX domain; absent for the standard operators. */
  readonly domain?: string;
  /** The operator's name in its domain, where that is not the table's key. */
  readonly type?: string;
  /** Fewest and most inputs. */
  readonly inputs: readonly [number, number];
  /** Fewest and most outputs. Default one. */
  readonly outputs?: readonly [number, number];
  readonly attributes: Readonly<Record<string, AttributeRow>>;
  readonly infer: (n: Inference) => readonly ValueType[];
  /** What is known of an int64 result's elements. */
  readonly contents?: (n: Inference) => Contents | undefined;
  /** "stops": the result is piecewise constant or an integer; nothing flows back. "missing": refused, with a message. */
  readonly gradient: GradientRule | "stops" | "missing";
}

export function numberOf(attributes: Attributes, name: string, fallback = 0): number {
  const value = attributes[name];
  return typeof value === "number" ? value : fallback;
}

export function listOf(attributes: Attributes, name: string): readonly number[] | undefined {
  const value = attributes[name];
  return Array.isArray(value) ? value : undefined;
}

export function stringOf(attributes: Attributes, name: string): string {
  const value = attributes[name];
  return typeof value === "string" ? value : "";
}

/** Input `index`, which arity checks have made sure of. */
export function inputAt(n: Pick<Inference, "inputs" | "fail">, index: number): Value {
  return n.inputs[index] ?? n.fail(`input ${index} is left out, and it is required`);
}

/** An axis counted from the front, from one that may be negative. */
export function axisOf(n: Pick<Inference, "fail">, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    n.fail(`axis ${axis} is outside a tensor of rank ${rank}; expected ${-rank} to ${rank - 1}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** A length that has to be known before the program runs. */
export function fixed(n: Pick<Inference, "fail">, dim: Dim | undefined, what: string): number {
  return typeof dim === "number" ? dim : n.fail(`${what} is ${dim ?? "unknown"}; expected a length known beforehand`);
}

export function requireFloat(n: Pick<Inference, "fail">, value: Value): void {
  if (value.dtype !== "float32") n.fail(`"${value.name}" is ${value.dtype}; expected float32`);
}

export function requireRank(n: Pick<Inference, "fail">, value: Value, rank: number): void {
  if (value.shape.length !== rank) {
    n.fail(`"${value.name}" has rank ${value.shape.length} (shape [${value.shape.join(",")}]); expected rank ${rank}`);
  }
}
