import { CompileError } from "../errors.js";
import { usedBy } from "../graph/captures.js";
import type { GraphBuilder, GraphNode, Value } from "../graph/types.js";
import { titleOf } from "../layers/tensors.js";
import type { LayerNode, Mean } from "../layers/types.js";
import type { LoweredNetwork } from "./lower.js";

/** What each row of a batch weighs in a loss or metric: the same number for all, or float32 `[N]`. */
export type RowWeights =
  | { readonly weights: "rows"; readonly each: number }
  | { readonly weights: "data"; readonly rows: Value };

/**
 * Reads the weight of a mean. Weights that are plainly one number for all rows are that number.
 *
 * @throws CompileError MODEL_WEIGHTS_DEPEND where they depend on anything but columns of the data
 */
export function rowWeightsOf(lowered: LoweredNetwork, node: LayerNode, { weight }: Mean): RowWeights {
  const each = typeof weight === "number" ? weight : uniform(lowered.g, weight);
  if (each !== undefined) return { weights: "rows", each };
  // A number would have been given back above.
  const rows = weight as Value;
  const columns = new Set([...lowered.columns.values()].map(({ name }) => name));
  const culprit = inputsOf(lowered.g, rows).find(({ name }) => !columns.has(name));
  if (culprit === undefined) return { weights: "data", rows };
  const binding = lowered.inputs.find(({ input }) => input === culprit.name);
  const what = binding?.role === "variable" ? `variable "${binding.variable}"` : `"${culprit.name}"`;
  throw new CompileError({
    code: "MODEL_WEIGHTS_DEPEND",
    message: `${titleOf(node)}: what its rows weigh depends on the ${what}, expected it to depend on data alone`,
    ...(node.at && { at: node.at }),
    hint: "compute masks and sample weights from inputs and labels",
  });
}

/** Operators whose elements are all equal where those of their first input are. */
const keeps: ReadonlySet<string> = new Set([
  "Cast",
  "Expand",
  "Flatten",
  "Identity",
  "Reshape",
  "Squeeze",
  "Unsqueeze",
]);

/** The number that all elements of a value are, where its making says so. */
function uniform(g: GraphBuilder, value: Value): number | undefined {
  const constant = g.constantOf(value);
  if (constant !== undefined) return equalElements(constant.data);
  const node = g.producer(value);
  const [first] = node?.inputs ?? [];
  if (node === undefined || first === undefined) return undefined;
  if (node.op === "ConstantOfShape") return filling(node);
  return keeps.has(node.op) ? uniform(g, first) : undefined;
}

function equalElements(data: ArrayLike<number>): number | undefined {
  const elements = Array.from(data);
  return elements.every((item) => item === elements[0]) ? elements[0] : undefined;
}

function filling({ attributes: { value } }: GraphNode): number | undefined {
  if (value === undefined) return 0;
  return typeof value === "object" && "data" in value ? equalElements(value.data) : undefined;
}

/** The graph inputs whose elements decide those of a value; its shape may depend on others. */
function inputsOf(g: GraphBuilder, value: Value): readonly Value[] {
  const found = new Map<string, Value>();
  const seen = new Set<string>();
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.name)) continue;
    seen.add(next.name);
    const node = g.producer(next);
    if (node === undefined && g.constantOf(next) === undefined) found.set(next.name, next);
    if (node !== undefined && node.op !== "Shape" && node.op !== "Size") waiting.push(...usedBy(node));
  }
  return [...found.values()];
}
