import { usedBy } from "../graph/captures.js";
import { simplify } from "../graph/passes/index.js";
import type { Graph } from "../graph/types.js";
import type { Target } from "../targets/target.js";
import type { Executable, InputBinding, OutputBinding } from "./types.js";

/** A graph with what its inputs and outputs are. */
export interface BoundGraph {
  readonly graph: Graph;
  readonly inputs: readonly InputBinding[];
  readonly outputs: readonly OutputBinding[];
}

/** A graph without the inputs that nothing in it uses. */
export function withoutUnusedInputs(graph: Graph): Graph {
  const used = new Set(graph.outputs.map(({ value }) => value.name));
  for (const node of graph.nodes) for (const { name } of usedBy(node)) used.add(name);
  return Object.freeze({ ...graph, inputs: Object.freeze(graph.inputs.filter(({ name }) => used.has(name))) });
}

/** The last phases of a graph: simplified, then lowered for its target. */
export function finished({ graph, inputs, outputs }: BoundGraph, target: Target): BoundGraph {
  const last = withoutUnusedInputs(target.lower(simplify(graph)));
  const names = new Set(last.inputs.map(({ name }) => name));
  return { graph: last, inputs: inputs.filter(({ input }) => names.has(input)), outputs };
}

export function executable(bound: BoundGraph, target: Target): Executable {
  const { graph, inputs, outputs } = finished(bound, target);
  return { bytes: target.serialize(graph), inputs, outputs };
}
