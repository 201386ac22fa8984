import { smallConstant } from "../constants.js";
import { isStatic } from "../dims.js";
import { numberOf } from "../operators/operator.js";
import type { ConstantData, Graph, GraphNode } from "../types.js";
import { type Rewriting, rewrite } from "./rewrite.js";

/**
 * Computes beforehand what does not depend on the inputs: shapes without the batch, int64 vectors that are known, and
 * small arithmetic on constants (in float32, as it would be done when the graph runs).
 */
export function foldConstants(graph: Graph): Graph {
  return rewrite(graph, (node, r) => {
    const [result] = node.outputs;
    if (!result || node.outputs.length > 1 || !isStatic(result.shape)) return undefined;
    const data = knownElements(node, r) ?? evaluated(node, r);
    if (!data) return undefined;
    r.replace(result, r.constant({ dtype: result.dtype, shape: result.shape, data }));
    return [];
  });
}

/** The elements of an int64 vector or scalar that are all known. */
function knownElements(node: GraphNode, r: Rewriting): readonly number[] | undefined {
  const [result] = node.outputs;
  if (result?.dtype !== "int64" || result.shape.length > 1) return undefined;
  r.learn(node);
  const contents = r.facts.contents.get(result.name);
  const numbers = contents?.filter((item) => typeof item === "number");
  return numbers?.length === contents?.length ? numbers : undefined;
}

type Elements = ConstantData["data"];

/** Operators that are folded where all inputs are small constants of one shape or of one element. */
const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

function evaluated(node: GraphNode, r: Rewriting): Elements | undefined {
  const constants = node.inputs.map((value) => r.facts.constants.get(value?.name ?? ""));
  const [a, b] = constants;
  const size =
    node.outputs[0]?.shape.reduce<number>((total, dim) => total * (typeof dim === "number" ? dim : 0), 1) ?? 0;
  if (size > smallConstant) return undefined;
  if (node.op === "ConstantOfShape") return new Float32Array(size).fill(numberOf(node.attributes, "value"));
  if (!a || constants.some((constant) => !constant)) return undefined;
  if (shapeOnly.has(node.op)) return a.data;
  if (node.op === "Cast") return cast(node, a);
  if (a.dtype !== "float32") return undefined;
  if (node.op === "Neg") return Float32Array.from(a.data, (item) => -item);
  const compute = Object.hasOwn(arithmetic, node.op) ? arithmetic[node.op] : undefined;
  const fits = b && [a, b].every(({ data }) => data.length === 1 || data.length === size);
  if (!compute || !fits || size === 0) return undefined;
  const item = (data: Elements, index: number) => data[data.length === 1 ? 0 : index] ?? 0;
  return Float32Array.from({ length: size }, (_, index) => compute(item(a.data, index), item(b.data, index)));
}

const shapeOnly: ReadonlySet<string> = new Set(["Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"]);

function cast(node: GraphNode, { dtype, data }: ConstantData): Elements | undefined {
  const to = node.outputs[0]?.dtype;
  if (to === "float32" && dtype !== "bool") return Float32Array.from(data);
  if (to === "int64" && dtype === "int32") return Array.from(data);
  return undefined;
}
