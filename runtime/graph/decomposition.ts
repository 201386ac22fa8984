import { internalError } from "../errors.js";
import { filledAttributes, namedInputs, nodeError, operatorOf } from "./infer.js";
import type { Decomposition } from "./operators/operator.js";
import type { GraphBuilder, GraphNode, Value } from "./types.js";

/** What all rules are given about a node beside its inputs. */
export function contextOf(g: GraphBuilder, node: GraphNode): Decomposition {
  return {
    g,
    node,
    attributes: filledAttributes(operatorOf(node), node.attributes) as Decomposition["attributes"],
    contents: (value) => g.contentsOf(value),
    constant: (value) => g.constantOf(value),
    fail: (message, hint) => {
      throw nodeError({ code: "GRAPH_GRADIENT_MISSING", node, message: `no gradient: ${message}`, hint });
    },
  };
}

/** Writes a node's decomposition into `g`: the values of its outputs. */
export function decomposed(g: GraphBuilder, node: GraphNode): readonly Value[] {
  const row = operatorOf(node);
  if (!row.decompose) throw internalError(`${node.op} has no decomposition`);
  const made = row.decompose(namedInputs(row, node.inputs), contextOf(g, node));
  const values: readonly Value[] = "name" in made ? [made] : made;
  if (values.length < node.outputs.length) {
    throw internalError(`the decomposition of ${node.op} gives ${values.length} of ${node.outputs.length} outputs`);
  }
  return values;
}
