import type { Graph, GraphNode } from "../types.js";
import { type Rewriting, rewrite } from "./rewrite.js";
import { Users } from "./users.js";

/**
 * MaxPool(Relu(x)) → Relu(MaxPool(x)), where only the pool uses the rectified values: rectifying, and in the backward pass
 * masking, then work on a quarter of the values (2×2). The numbers are the same: both take a maximum, and the winner
 * differs only where the pooled value is 0 and no gradient flows. It has to run before differentiation, which makes more
 * uses of the rectified values.
 */
export function poolBeforeRelu(graph: Graph): Graph {
  const users = new Users(graph);
  const pools = new Map<string, GraphNode>();
  for (const relu of graph.nodes) {
    const pool = relu.op === "Relu" ? users.onlyUser(relu.outputs[0], "MaxPool") : undefined;
    if (pool?.outputs.length === 1) pools.set(relu.name, pool);
  }
  if (pools.size === 0) return graph;
  const moved = new Set([...pools.values()].map(({ name }) => name));
  return rewrite(graph, (node, r) => {
    const pool = pools.get(node.name);
    if (pool) return poolThenRelu(node, pool, r);
    return moved.has(node.name) ? [] : undefined;
  });
}

function poolThenRelu(relu: GraphNode, pool: GraphNode, r: Rewriting): readonly GraphNode[] {
  const [pooled] = pool.outputs;
  if (!pooled) return [relu];
  const raw = r.value(`${pool.name}_unrectified`, pooled.dtype, pooled.shape);
  return [
    Object.freeze({ ...pool, inputs: relu.inputs, outputs: Object.freeze([raw]) }),
    Object.freeze({ ...relu, inputs: Object.freeze([raw]), outputs: Object.freeze([pooled]) }),
  ];
}
