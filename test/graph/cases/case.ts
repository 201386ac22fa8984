import type { Attributes, Dim, GraphBuilder, Value } from "../../../runtime/graph/types.js";
import type { GradientCase } from "../support.js";

/** Gradient cases by operator. */
export type Cases = Readonly<Record<string, readonly GradientCase[]>>;

export const matrix: readonly Dim[] = ["N", 4];
export const images: readonly Dim[] = ["N", 3, 6, 5];

/** A case whose build function is given its inputs by name. */
export function one<Name extends string>(
  name: string,
  inputs: GradientCase<Name>["inputs"],
  build: (g: GraphBuilder, x: Readonly<Record<Name, Value>>) => Value,
  values?: GradientCase["values"],
): GradientCase<Name> {
  return { name, inputs, build, ...(values && { values }) };
}

/** The first output of an operator that is known by its name only. */
export function call(
  g: GraphBuilder,
  op: string,
  inputs: readonly (Value | undefined)[],
  attributes: Attributes = {},
): Value {
  const [y] = g.node({ op, inputs, attributes });
  if (!y) throw new Error(`${op} has no output`);
  return y;
}

/** A constant int64 tensor. */
export function indices(g: GraphBuilder, shape: readonly number[], data: readonly number[]): Value {
  return g.constant({ dtype: "int64", shape, data });
}

/** A constant float32 vector. */
export function floats(g: GraphBuilder, data: readonly number[]): Value {
  return g.constant({ dtype: "float32", shape: [data.length], data });
}
