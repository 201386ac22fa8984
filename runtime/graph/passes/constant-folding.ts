import { sizeOf } from "../../shape.js";
import { smallConstant } from "../constants.js";
import { isStatic } from "../lengths.js";
import type { ConstantData, GraphBuilder, GraphNode, Value } from "../types.js";
import type { Rule } from "./rewrite.js";

type Elements = ConstantData["data"];

/**
 * Computes beforehand what does not depend on the inputs: shapes without the batch, integers that are known, and small
 * arithmetic on constants (in float32, as it would be done when the graph runs).
 */
export const foldConstants: Rule = () => (node, r) => {
  const [result] = node.outputs;
  if (!result || node.outputs.length > 1 || !isStatic(result.shape)) return undefined;
  const data = knownElements(node, result, r) ?? evaluated(node, result.shape, r);
  return data && [r.constant({ dtype: result.dtype, shape: result.shape, data })];
};

/** The elements of a vector or scalar of integers or flags that are all known. */
function knownElements(node: GraphNode, result: Value, r: GraphBuilder): Elements | undefined {
  if (result.dtype === "float32" || result.shape.length > 1) return undefined;
  const contents = r.known(node);
  if (!contents?.every((item) => typeof item === "number")) return undefined;
  return result.dtype === "int32" ? Int32Array.from(contents) : contents;
}

/** Operators that are folded where all inputs are small constants of one shape or of one element. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Operators of one float input that are folded. */
const functions: Readonly<Record<string, (a: number) => number>> = {
  Neg: (a) => -a,
  Sqrt: (a) => Math.sqrt(a),
  Reciprocal: (a) => 1 / a,
};

/** Operators that only give the same elements another shape. */
const shapeOnly: ReadonlySet<string> = new Set(["Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"]);

function evaluated(node: GraphNode, shape: readonly number[], r: GraphBuilder): Elements | undefined {
  const size = sizeOf(shape);
  if (size > smallConstant || size === 0) return undefined;
  if (node.op === "ConstantOfShape") return filled(node, size);
  const constants = node.inputs.map((value) => r.constantOf(value));
  const [a, b] = constants;
  if (!a || constants.some((constant) => !constant)) return undefined;
  if (shapeOnly.has(node.op)) return a.data;
  if (node.op === "Cast") return cast(node, a);
  if (a.dtype !== "float32") return undefined;
  const map = Object.hasOwn(functions, node.op) ? functions[node.op] : undefined;
  if (map) return Float32Array.from(a.data, map);
  const compute = Object.hasOwn(arithmetic, node.op) ? arithmetic[node.op] : undefined;
  const fits = b && [a, b].every(({ data }) => data.length === 1 || data.length === size);
  if (!compute || !fits) return undefined;
  const item = (data: Elements, index: number) => data[data.length === 1 ? 0 : index] ?? 0;
  return Float32Array.from({ length: size }, (_, index) => compute(item(a.data, index), item(b.data, index)));
}

function filled({ outputs: [result], attributes: { value } }: GraphNode, size: number): Elements | undefined {
  const fill = typeof value === "object" && "data" in value ? (value.data[0] ?? 0) : 0;
  if (result?.dtype === "float32") return new Float32Array(size).fill(fill);
  return result?.dtype === "int32" ? new Int32Array(size).fill(fill) : new Array<number>(size).fill(fill);
}

function cast(node: GraphNode, { dtype, data }: ConstantData): Elements | undefined {
  const to = node.outputs[0]?.dtype;
  if (to === "float32" && dtype !== "bool") return Float32Array.from(data);
  if (to === "int64" && dtype === "int32") return Array.from(data);
  return undefined;
}
